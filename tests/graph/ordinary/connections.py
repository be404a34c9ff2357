"""Connections for graphql-core's own executor: a resolver for each field of a page and of its groups."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from graph.execution.connections import Connections
from graph.execution.groups import Groups, group_rows, groups_of_pages, value_of
from resolvers.fleet.cluster import FleetCluster
from resolvers.grouping.groups import Group
from resolvers.lists.paging import ListPage
from resolvers.lists.rows import Rows

Resolver = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Bound:
    """A row with its cluster."""

    row: Any
    cluster: FleetCluster


@dataclass(frozen=True, slots=True)
class BoundPage:
    """A page and the connections that make its cursors."""

    page: ListPage
    connections: Connections


@dataclass(frozen=True, slots=True)
class BoundGroup:
    """A group of the objects of a page's list."""

    page: ListPage
    groups: Groups
    group: Group


def attach_connection(schema: GraphQLSchema, name: str) -> None:
    """Gives the fields of a type's connection, its edges and its groups their resolvers."""
    fields = fields_of(schema, f"{name}Connection")
    fields["nodes"].resolve = lambda source, _info: bound(source.page.rows)
    fields["edges"].resolve = lambda source, _info: list(enumerate([source] * len(source.page.rows)))
    fields["pageInfo"].resolve = lambda source, _info: source
    fields["groups"].resolve = _groups
    _attach_group(fields_of(schema, f"{name}Grouping"))
    fields["totalCount"].resolve = lambda source, _info: source.page.total
    fields["clusters"].resolve = lambda source, _info: [Bound(answer, answer.cluster) for answer in source.page.answers]
    for field_name, field in fields_of(schema, "PageInfo").items():
        field.resolve = _page_info(field_name)
    edge = fields_of(schema, f"{name}Edge")
    edge["node"].resolve = lambda source, _info: bound(source[1].page.rows)[source[0]]
    edge["cursor"].resolve = lambda source, info: source[1].page.cursor(source[0], info.context.cursors)


def fields_of(schema: GraphQLSchema, name: str) -> dict[str, GraphQLField]:
    """Returns the fields of an object type."""
    graphql_type = schema.type_map[name]
    assert isinstance(graphql_type, GraphQLObjectType)
    fields: dict[str, GraphQLField] = graphql_type.fields
    return fields


async def _groups(source: BoundPage, info: Any, **_arguments: Any) -> "list[BoundGroup]":
    field = next(field for field in source.connections.plan.fields if field.key == info.path.key)
    assert isinstance(field, Groups)
    (groups,) = await groups_of_pages(info.executor.run, field, [source.page], lambda _index: info.path.prev)
    return [BoundGroup(source.page, field, group) for group in groups]


def _attach_group(fields: dict[str, GraphQLField]) -> None:
    for field_name, field in fields.items():
        field.resolve = _group_nodes if field_name == "nodes" else _group_value


async def _group_nodes(source: BoundGroup, _info: Any, first: int | None = None) -> list[Bound]:
    return bound(await group_rows(source.page, source.group, first))


def _group_value(source: BoundGroup, info: Any, **_arguments: Any) -> Any:
    return value_of(next(field for field in source.groups.fields if field.key == info.path.key), source.group)


def _page_info(name: str) -> Resolver:
    return lambda source, _info: source.connections.page_info_value(name, source.page)


def bound(rows: Rows) -> list[Bound]:
    """Returns rows with their clusters."""
    return [Bound(row, cluster) for cluster, row in rows]
