"""The same schema for graphql-core's own executor: a resolver for each field, an object at a time.

Breadth-first execution is compared with it. Rows are bound to their clusters; a link asks for one parent at a time.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from graphql import GraphQLSchema, GraphQLUnionType

from graph.execution.connections import Connections
from graph.execution.linkedkinds import kind_pages
from graph.execution.links import link_pages
from graph.execution.rootdispatch import RootField
from graph.execution.rootlookups import find_list, read_entities, row_type_name
from graph.planning.levels import FieldDetailsList, LinkedKinds, LinkedMany
from graph.planning.planner import Planner
from graph.schema.catalogue import RowType
from graph.schema.definitions import definitions_of
from graph.schema.federation import ENTITY
from graph.schema.returns import returns
from graph.schema.rootdefinitions import ClustersRoot, EntitiesRoot, ListRoot, ObjectsRoot, Root
from graph.schema.types import INTERFACE
from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field
from k8s.yamltext import finished
from resolvers.arguments.listarguments import list_arguments
from resolvers.filters.comparisonlimits import ComparisonLimits
from resolvers.links.absent import Absent
from resolvers.links.fetching import Fetch
from resolvers.links.hidden import hidden_names
from resolvers.links.members import Derived, KindsLink, Link, Member, Owner, RemoteField, Shape
from resolvers.links.partialvalue import PartialValue
from resolvers.lists.rows import Rows
from tests.graph.ordinary.connections import Bound, BoundPage, attach_connection, bound, fields_of

Resolver = Callable[..., Any]


def attach_resolvers(schema: GraphQLSchema) -> None:
    """Gives each field of the schema its resolver."""
    definitions = definitions_of(schema)
    for row_type in definitions.catalogue.values():
        if row_type.name not in schema.type_map:
            continue  # no field leads to it
        fields = fields_of(schema, row_type.name)
        for name, field in fields.items():
            field.resolve = _row_resolver(row_type, name)
        if row_type.kind is not None:
            attach_connection(schema, row_type.name)
    attach_connection(schema, INTERFACE)
    for name, root in definitions.roots.items():
        fields_of(schema, "Query")[name].resolve = _root_resolver(root)
    entity = schema.type_map[ENTITY]
    assert isinstance(entity, GraphQLUnionType)
    entity.resolve_type = lambda value, _info, _type: row_type_name(value.row)


def _row_resolver(row_type: RowType, name: str) -> Resolver:
    if name in row_type.constants:
        return lambda _source, _info: row_type.constants[name]
    if name in row_type.type_meta:
        return lambda source, _info: row_type.type_meta[name](source.row.kind)
    if name in row_type.plain:
        return _plain(row_type.plain[name])
    return _member(row_type, row_type.members[name])


def _plain(field: Field) -> Resolver:
    def resolve(source: Any, _info: Any) -> Any:
        return getattr(source.row if isinstance(source, Bound) else source, field.attribute)

    return resolve


def _member(row_type: RowType, member: Member) -> Resolver:
    match member:
        case Derived():
            return _derived(member)
        case RemoteField():
            return _remote(member)
        case Link(shape=Shape.ONE):
            return _link_one(member)
        case Link(shape=Shape.SOME):
            return _link_some(member)
        case KindsLink():
            return _kinds_link(member)
        case Link():
            return _link_many(row_type, member)


def _derived(member: Derived) -> Resolver:
    returned = returns(member.returns)
    nests = isinstance(returned.element, Owner)

    def resolve(source: Bound, _info: Any, **values: Any) -> Any:
        function = member.bound(member.arguments.checked(values) if member.arguments else None)
        arguments = (source.row, source.cluster) if member.takes_cluster else (source.row,)
        value: Any = function(*arguments)
        value = finished(value) if member.is_in_steps else value
        if nests and returned.is_list:
            return [Bound(item, item.cluster) for item in value]
        return Bound(value, source.cluster) if nests else value

    return resolve


def _remote(member: RemoteField) -> Resolver:
    async def resolve(source: Bound, info: Any, **values: Any) -> Any:
        checked = member.arguments.checked(values) if member.arguments else None
        (value,) = await member.values(Rows([source.row], [source.cluster]), info.context, checked)
        if isinstance(value, Absent):
            return None
        if isinstance(value, ClusterError):
            raise value
        if isinstance(value, PartialValue):
            for error in value.errors:
                info.executor.report(error, info.details, info.path)
            return value.value
        return value

    return resolve


def _link_one(link: Link) -> Resolver:
    async def resolve(source: Bound, info: Any) -> Bound | None:
        with _planned_again(info) as planner:
            targets = planner.targets(info.details)
        fetch = Fetch(info.context, Rows([source.row], [source.cluster]), targets.selection)
        (child,) = await link.children(fetch.parents, fetch, None)
        for error in await _refusals(fetch) if child is None else fetch.failures.values():
            raise error
        return Bound(child, source.cluster) if child is not None else None

    return resolve


def _link_some(link: Link) -> Resolver:
    async def resolve(source: Bound, info: Any, **values: Any) -> list[Bound] | None:
        with _planned_again(info) as planner:
            targets = planner.targets(info.details)
        fetch = Fetch(info.context, Rows([source.row], [source.cluster]), targets.selection)
        checked = link.arguments.checked(values) if link.arguments else None
        (children,) = await link.children(fetch.parents, fetch, checked)
        for error in await _refusals(fetch):
            info.executor.report(error, info.details, info.path)
        if isinstance(link.to, Kind) and (fetch.failures or await fetch.hidden()):
            return None
        return None if children is None else [Bound(child, source.cluster) for child in children]

    return resolve


async def _refusals(fetch: Fetch) -> Sequence[ClusterError]:
    names = (error for _index, error in await hidden_names(fetch.parents, fetch.hidden_names))
    return [*fetch.failures.values(), *(await fetch.hidden()).values(), *names]


def _kinds_link(member: KindsLink) -> Resolver:
    async def resolve(source: Bound, info: Any, **values: Any) -> BoundPage | None:
        run = info.executor.run
        entry = LinkedKinds(info.path.key, _planner(info), values, info.details)
        with _planned_again(info):
            field, (page,) = await kind_pages(
                run, entry, Rows([source.row], [source.cluster]), lambda _index: info.path
            )
        return BoundPage(page, Connections(run, field.plan)) if page is not None else None

    return resolve


def _link_many(row_type: RowType, link: Link) -> Resolver:
    async def resolve(source: Bound, info: Any, **values: Any) -> BoundPage | None:
        assert not isinstance(link.to, Owner)
        arguments = list_arguments(values, info.context.limits)
        with _planned_again(info) as planner:
            plan = planner.connection(link.to, info.details, arguments)
        entry = LinkedMany(info.path.key, link, plan, arguments, info.details)
        rows = Rows([source.row], [source.cluster])
        (page,) = await link_pages(info.executor.run, entry, rows, lambda _index: info.path)
        return BoundPage(page, Connections(info.executor.run, plan)) if page is not None else None

    return resolve


async def _entities(info: Any, representations: list[object]) -> list[Bound | None]:
    entities = await read_entities(info.context, _planner(info).targets(info.details), representations)
    for index, failure in entities.failures.items():
        info.executor.report(failure, info.details, info.path.add_key(index, None))
    return [
        Bound(value, cluster) if cluster is not None else None
        for value, cluster in zip(entities.values, entities.clusters, strict=True)
    ]


def _planner(info: Any) -> Planner:
    planner: Planner = info.executor.planner
    return planner


@contextmanager
def _planned_again(info: Any) -> Iterator[Planner]:
    """Gives the planner limits of its own: a link is planned for each parent here, but its comparisons count once."""
    planner = _planner(info)
    whole, planner.comparison_limits = planner.comparison_limits, ComparisonLimits(info.context.limits)
    try:
        yield planner
    finally:
        for operands in planner.comparison_limits.take_unread():
            whole.read_later(operands)
        planner.comparison_limits = whole


def _root_resolver(root: Root) -> Callable[..., Awaitable[Any]]:
    async def resolve(_source: Any, info: Any, **values: Any) -> Any:
        details: FieldDetailsList = info.details
        field = RootField(info.context, _planner(info), details, values)
        match root:
            case ListRoot() | ObjectsRoot():
                listed = await (
                    field.list(root.kind, info.path) if isinstance(root, ListRoot) else field.objects(root, info.path)
                )
                page = await find_list(info.executor.run, listed)
                for failure in page.failures:
                    info.executor.report(failure, details, info.path)
                return BoundPage(page, Connections(info.executor.run, listed.plan))
            case EntitiesRoot():
                return await _entities(info, values["representations"])
            case ClustersRoot():
                return bound(await (await field.rows(root)).matching(info.executor.run, details, info.path))
            case _:
                found = await field.rows(root)
                for failure in found.failures:
                    info.executor.report(failure, details, info.path)
                return next(iter(bound(found.rows)), None)

    return resolve
