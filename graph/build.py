"""The whole schema."""

from collections.abc import Iterable
from typing import Final, cast

import strawberry
from graphql import (
    GraphQLDeferDirective,
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLStreamDirective,
    introspection_types,
    specified_directives,
)
from strawberry.types.base import get_object_definition

from graph.schema.arguments import ClustersInput, argument, cluster_arguments, kind_arguments, list_arguments
from graph.schema.catalogue import Catalogue, catalogue
from graph.schema.definitions import SchemaDefinitions, define
from graph.schema.federation import SERVICE, SERVICE_FIELD, AnyEntity
from graph.schema.grants import Mutation, grant_queries
from graph.schema.livetypes import (
    live_arguments,
    live_categories_arguments,
    live_clusters_arguments,
    live_object_arguments,
    live_objects_arguments,
)
from graph.schema.rootdefinitions import (
    AuditRoot,
    ClusterRoot,
    ClustersRoot,
    EntitiesRoot,
    ListRoot,
    ObjectRoot,
    ObjectsRoot,
    Root,
    ServedKindsRoot,
    SingleRoot,
    ViewerRoot,
    list_description,
    live_description,
    roots,
)
from graph.schema.types import INTERFACE, Types
from resolvers.access.viewer import VIEWER
from resolvers.audit.auditfields import AUDIT_PAGES
from resolvers.kinds.servedkind import KIND_PAGES
from resolvers.links.members import CLUSTER
from resolvers.names import type_name
from resolvers.typedkinds import built_in_kinds
from store.audit.event import AuditAction

_OF_SUBSCRIPTIONS: Final = (
    "Lists that are followed. Objects, and those behind their links, are watched; fields that a cluster measures, such "
    "as `usage`, and those that tell the time, such as ages, are read again about every 30 seconds; all of `clusters` "
    "about every 5 seconds."
)


def build_schema(*, has_masks: bool = False) -> GraphQLSchema:
    """Builds the schema of all built-in kinds, in some fifty milliseconds.

    If the operator masks paths, fields that may be made of them are nullable.
    """
    schema = build_schema_of(catalogue(), has_masks=has_masks)
    define(schema, SchemaDefinitions(catalogue(), roots(), built_in_kinds()))
    return schema


def build_schema_of(rows: Catalogue, *, has_masks: bool = False) -> GraphQLSchema:
    """Builds the schema of a catalogue; tests validate it, so that a start does not have to."""
    types = Types(rows, has_masks=has_masks)
    convert = types.make.converter
    fields = {name: _root_field(types, root) for name, root in roots().items()}
    fields |= {field.python_name: convert.from_field(field) for field in grant_queries()}
    service = types.named[SERVICE]
    fields[SERVICE_FIELD] = types.make.field(types.make.required(service), "This graph, as a part of a federated one.")
    _answer_one_of()
    return GraphQLSchema(
        GraphQLObjectType("Query", fields, description="All queries about the fleet."),
        convert.from_object(get_object_definition(Mutation, strict=True)),
        GraphQLObjectType("Subscription", dict(_live_fields(types)), description=_OF_SUBSCRIPTIONS),
        types=[types.named[name] for name, row_type in rows.items() if row_type.is_object],
        directives=(*specified_directives, GraphQLDeferDirective, GraphQLStreamDirective),
        assume_valid=True,
    )


def _answer_one_of() -> None:
    """Makes the answer to `isOneOf` false for types that are no inputs, as Strawberry does; graphql-core's is null."""
    described = cast(GraphQLObjectType, introspection_types["__Type"])
    described.fields["isOneOf"].resolve = lambda named, _info: getattr(named, "is_one_of", False)


def _list_field(types: Types, root: ListRoot | ObjectsRoot) -> GraphQLField:
    if isinstance(root, ListRoot):
        kind, type_of = root.kind, type_name(root.kind)
        text = list_description(kind, types.named[type_of].description or "")
        arguments = list_arguments(kind, across_clusters=True, across_namespaces=True)
        return types.make.field(types.named[f"{type_of}Connection"], text, arguments)
    if root.has_categories:
        text = "Objects of the kinds in some categories, as in `kubectl get all`; each cluster has its own kinds."
        own = [argument("names", list[str], "Categories of kinds, such as `all`.")]
    else:
        text = "Objects of one kind that discovery finds in each cluster, whether it has a type or not."
        own = kind_arguments()
    arguments = list_arguments(None, across_clusters=True, across_namespaces=True, has_names=not root.has_categories)
    return types.make.field(types.named[f"{INTERFACE}Connection"], text, [*own, *arguments])


def _live_fields(types: Types) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the subscriptions: each list under its own name, and one object."""
    for name, root in roots().items():
        match root:
            case ListRoot(kind):
                of, arguments, text = type_name(kind), live_arguments(kind), live_description(kind)
            case ObjectsRoot(has_categories=False):
                of, arguments = INTERFACE, live_objects_arguments()
                text = "Follows the objects of one kind that discovery finds in each cluster: their state first."
            case ClustersRoot():
                of, arguments = CLUSTER.name, live_clusters_arguments()
                text = (
                    "Follows the registered clusters, and how they answer: each is asked again about every 5 seconds, "
                    "once for all who follow the same with the same rights."
                )
            case ObjectsRoot():
                of, arguments = INTERFACE, live_categories_arguments()
                text = "Follows the objects of the kinds in some categories; a cluster whose lists fail is FAILED."
            case ObjectRoot():
                of, arguments = INTERFACE, live_object_arguments()
                text = "Follows one object by its global id; it is `DELETED` when it goes, and `ADDED` when it comes."
            case _:
                continue
        yield name, types.make.field(types.make.required(types.named[f"{of}Changes"]), text, arguments)


def _root_field(types: Types, root: Root) -> GraphQLField:
    named = types.named
    match root:
        case ListRoot() | ObjectsRoot():
            return _list_field(types, root)
        case SingleRoot(kind):
            place = [argument("namespace", str, "Its namespace.")] if kind.namespaced else []
            arguments = [
                argument("cluster", str, "Name of the cluster."),
                *place,
                argument("name", str, "Its name."),
            ]
            text = f"One {kind.name} object; null if the cluster has none of that name."
            return types.make.field(named[type_name(kind)], text, arguments)
        case ObjectRoot():
            arguments = [
                argument("id", strawberry.ID | None, "A global id: the field `id` of every object."),
                argument("cluster", str | None, "Instead of the id, the name of its cluster; with `name` and a kind."),
                *kind_arguments(),
                argument("namespace", str | None, "Its namespace; none for objects of the whole cluster."),
                argument("name", str | None, "Its name."),
            ]
            text = "Any object by its global id, or by cluster, kind and name; null if there is none."
            return types.make.field(named[INTERFACE], text, arguments)
        case ClustersRoot():
            clusters = types.make.list_of(named["Cluster"])
            return types.make.field(clusters, "The registered clusters, ordered by name.", cluster_arguments())
        case ClusterRoot():
            arguments = [argument("name", str, "Its name.")]
            return types.make.field(named["Cluster"], "One registered cluster.", arguments)
        case EntitiesRoot():
            arguments = [
                argument("representations", list[AnyEntity], "The keys of the entities, as the gateway knows them.")
            ]
            text = "Objects and clusters for a federated gateway, in order; null for those that no longer exist."
            return types.make.field(types.make.required(GraphQLList(types.entity())), text, arguments)
        case AuditRoot():
            arguments = [
                argument("first", int | None, "At most this many, 1 to 1000; 50 without it."),
                argument("after", str | None, "Events older than the page with this `endCursor`."),
                argument("caller", str | None, "Events of this caller."),
                argument("cluster", str | None, "Events of the cluster of this name."),
                argument("requestId", str | None, "Events of the request with this `X-Request-Id`."),
                argument("action", AuditAction | None, "Events of this action."),
            ]
            text = "The audit: actions and their outcomes, the newest first; for administrators."
            return types.make.field(named[AUDIT_PAGES.owner.name], text, arguments)
        case ServedKindsRoot():
            arguments = [
                argument("clusters", ClustersInput | None, "The clusters; all that exist for the caller without it."),
                argument("group", str | None, "Kinds of this API group; an empty text for the core group."),
                argument("first", int | None, "At most this many; 1000 without it."),
                argument("after", str | None, "Kinds after the page with this `endCursor`."),
            ]
            text = "The kinds that clusters serve, custom and aggregated ones included, each once."
            return types.make.field(named[KIND_PAGES.owner.name], text, arguments)
        case ViewerRoot():
            return types.make.field(named[VIEWER.owner.name], "The caller, and the clusters that exist for the caller.")
