"""The same schema for graphql-core's own executor: a resolver for each field, an object at a time.

This is what breadth-first execution is compared with, and what completes an operation that it does not. Rows are bound
to their clusters; a link asks for one parent at a time.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, cast

from graphql import GraphQLSchema, GraphQLUnionType

from graph.execution.connections import Connections
from graph.execution.links import link_pages
from graph.execution.ordinaryconnections import Bound, BoundPage, attach_connection, bound, fields_of
from graph.execution.roots import (
    find_cluster,
    find_clusters,
    find_list,
    find_object,
    find_single,
    read_entities,
    row_type_name,
)
from graph.planning.levels import FieldDetailsList, LinkedMany
from graph.planning.listfield import ListField
from graph.planning.planner import Planner
from graph.schema.catalogue import RowType, catalogue
from graph.schema.federation import ENTITY, SERVICE, SERVICE_FIELD, SubgraphSdl
from graph.schema.returns import returns
from graph.schema.roots import (
    AuditRoot,
    ClusterRoot,
    ClustersRoot,
    EntitiesRoot,
    ListRoot,
    ObjectRoot,
    Root,
    SingleRoot,
    ViewerRoot,
    roots,
)
from k8s.errors import ClusterError
from k8s.kinds.structure import Field
from resolvers.access.viewer import VIEWER, read_viewer
from resolvers.arguments.arguments import list_arguments
from resolvers.audit.events import read_audit
from resolvers.filters.operands import read_operands
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch
from resolvers.links.members import CLUSTER, Asked, Derived, Link, Member, Owner, Shape
from resolvers.lists.rows import Rows
from resolvers.names import type_name

Resolver = Callable[..., Any]
_CHARACTERS_OF_A_FIELD: Final = 10
"""Of the schema as text that cost as much as one field of what it says of itself."""


def attach_resolvers(schema: GraphQLSchema) -> None:
    """Gives each field of the schema its resolver."""
    for row_type in catalogue().values():
        fields = fields_of(schema, row_type.name)
        for name, field in fields.items():
            field.resolve = _row_resolver(row_type, name)
        if row_type.kind is not None:
            attach_connection(schema, row_type.name)
    for name, root in roots().items():
        fields_of(schema, "Query")[name].resolve = _root_resolver(root)
    fields_of(schema, "Query")[SERVICE_FIELD].resolve = lambda _source, _info: schema
    fields_of(schema, SERVICE)["sdl"].resolve = _sdl_resolver(schema)
    entity = schema.type_map[ENTITY]
    assert isinstance(entity, GraphQLUnionType)  # noqa: S101  the schema was built so
    entity.resolve_type = lambda value, _info, _type: row_type_name(value.row)


def _sdl_resolver(schema: GraphQLSchema) -> Resolver:
    sdl = SubgraphSdl(schema)

    async def resolve(_source: object, info: Any) -> str:
        text = await sdl.text()
        info.executor.introspect(len(text) // _CHARACTERS_OF_A_FIELD)
        return text

    return resolve


def _row_resolver(row_type: RowType, name: str) -> Resolver:
    if name in row_type.constants:
        return lambda _source, _info: row_type.constants[name]
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
        case Asked():
            return _asked(member)
        case Link(shape=Shape.ONE):
            return _link_one(member)
        case Link():
            return _link_many(row_type, member)


def _derived(member: Derived) -> Resolver:
    given = returns(member.returns)
    nests = isinstance(given.held, Owner)

    def resolve(source: Bound, _info: Any) -> Any:
        arguments = (source.row, source.cluster) if member.takes_cluster else (source.row,)
        value: Any = member.function(*arguments)
        if nests and given.is_list:
            return [Bound(each, each.cluster) for each in value]
        return Bound(value, source.cluster) if nests else value

    return resolve


def _asked(member: Asked) -> Resolver:
    async def resolve(source: Bound, info: Any, **given: Any) -> Any:
        checked = member.arguments.checked(given) if member.arguments else None
        (value,) = await member.ask(Rows([source.row], [source.cluster]), info.context, checked)
        if isinstance(value, ClusterError):
            raise value
        return value

    return resolve


def _link_one(link: Link) -> Resolver:
    async def resolve(source: Bound, info: Any) -> Bound | None:
        targets = _planner(info).targets(info.details)
        fetch = Fetch(info.context, Rows([source.row], [source.cluster]), targets.selection)
        (child,) = await link.function(fetch.parents, fetch)
        hidden = await fetch.hidden() if child is None else {}
        for error in [*fetch.failures.values(), *hidden.values()]:
            raise error
        return Bound(child, source.cluster) if child is not None else None

    return resolve


def _link_many(row_type: RowType, link: Link) -> Resolver:
    async def resolve(source: Bound, info: Any, **given: Any) -> BoundPage | None:
        assert not isinstance(link.to, Owner)  # noqa: S101  connections are of one kind
        arguments = list_arguments(given, info.context.limits)
        plan = _planner(info).connection(f"{type_name(link.to)}Connection", info.details, arguments)
        entry = LinkedMany(info.path.key, link, plan, arguments, info.details)
        rows = Rows([source.row], [source.cluster])
        (page,) = await link_pages(info.executor.run, entry, rows, lambda _index: info.path)
        return BoundPage(page, Connections(info.executor.run, plan)) if page is not None else None

    return resolve


async def _entities(info: Any, given: list[object]) -> list[Bound | None]:
    found = await read_entities(info.context, _planner(info).targets(info.details), given)
    for index, failure in found.failures.items():
        info.executor.report(failure, info.details, info.path.add_key(index, None))
    return [
        Bound(value, cluster) if cluster is not None else None
        for value, cluster in zip(found.values, found.clusters, strict=True)
    ]


async def _alone(root: ViewerRoot | AuditRoot, info: Any, given: Mapping[str, Any]) -> Rows:
    """One row that stands in no cluster."""
    row: Any
    if isinstance(root, AuditRoot):
        row = await read_audit(info.context, given)
    else:
        await _read_below(info, VIEWER.owner.name)
        row = await read_viewer(info.context)
    return Rows([row], cast(list[FleetCluster], [None]))


async def _read_below(info: Any, name: str) -> None:
    """Refuses wrong arguments of any list below a type."""
    targets = _planner(info).targets(info.details)
    targets.level(name)
    await targets.read_operands()


def _planner(info: Any) -> Planner:
    planner: Planner = info.executor.planner
    return planner


def _root_resolver(root: Root) -> Callable[..., Awaitable[Any]]:
    async def resolve(_source: Any, info: Any, **given: Any) -> Any:
        details: FieldDetailsList = info.details
        match root:
            case ListRoot(kind):
                arguments = list_arguments(given, info.context.limits)
                plan = _planner(info).connection(f"{type_name(kind)}Connection", details, arguments)
                await read_operands(_planner(info).unread())
                page = await find_list(info.executor.run, ListField(kind, plan, arguments, details, info.path))
                for failure in page.failures:
                    info.executor.report(failure, details, info.path)
                return BoundPage(page, Connections(info.executor.run, plan))
            case SingleRoot(kind):
                rows = await find_single(info.context, kind, _planner(info).targets(details), given)
            case ObjectRoot():
                rows = await find_object(info.context, _planner(info).targets(details), given)
            case ClusterRoot():
                cluster = await find_cluster(info.context, given["name"])
                await _read_below(info, CLUSTER.name)
                rows = Rows([cluster], [cluster])
            case EntitiesRoot():
                return await _entities(info, given["representations"])
            case ClustersRoot():
                found_clusters = await find_clusters(info.context, given)
                await _read_below(info, CLUSTER.name)
                return bound(found_clusters)
            case ViewerRoot() | AuditRoot():
                rows = await _alone(root, info, given)
        return next(iter(bound(rows)), None)

    return resolve
