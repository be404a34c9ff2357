"""The whole schema."""

from collections.abc import Iterable

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField

from graph.executor import FleetExecutor
from graph.schema.arguments import ClustersInput, argument, kind_arguments, list_arguments
from graph.schema.catalogue import Catalogue, catalogue
from graph.schema.definitions import SchemaDefinitions, define
from graph.schema.federation import SERVICE, SERVICE_FIELD, AnyEntity
from graph.schema.grants import Mutation, grant_queries
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
    roots,
)
from graph.schema.scalars import SCALARS
from graph.schema.types import INTERFACE, Types, list_of
from resolvers.access.viewer import VIEWER
from resolvers.audit.auditfields import AUDIT_PAGES
from resolvers.kinds.servedkind import KIND_PAGES
from resolvers.names import type_name
from resolvers.typedkinds import built_in_kinds
from store.audit.event import AuditAction


def build_schema() -> strawberry.Schema:
    """Builds the schema of all built-in kinds, in a few hundred milliseconds."""
    schema = build_schema_of(catalogue())
    define(
        schema._schema, SchemaDefinitions(catalogue(), roots(), built_in_kinds())
    )  # Strawberry has no public name for it
    return schema


def build_schema_of(rows: Catalogue) -> strawberry.Schema:
    """Builds the schema of a catalogue."""
    types = Types(rows)
    query = strawberry.type(type("Query", (), {}), name="Query", description="All queries about the fleet.")
    get_object_definition(query, strict=True).fields = [
        *(field for name, root in roots().items() for field in _root_fields(types, name, root)),
        *grant_queries(),
        types.field(SERVICE_FIELD, types.classes[SERVICE], "This graph, as a part of a federated one."),
    ]
    return strawberry.Schema(
        query=query,
        mutation=Mutation,
        types=[types.classes[name] for name, row_type in rows.items() if row_type.is_object],
        execution_context_class=FleetExecutor,
        config=StrawberryConfig(
            scalar_map=SCALARS, auto_camel_case=False, enable_experimental_incremental_execution=True
        ),
    )


def _list_field(types: Types, name: str, root: ListRoot | ObjectsRoot) -> StrawberryField:
    if isinstance(root, ListRoot):
        kind, type_of = root.kind, type_name(root.kind)
        text = list_description(kind, types.definition(type_of).description or "")
        arguments = list_arguments(kind, across_clusters=True, across_namespaces=True)
        return types.field(name, types.classes[f"{type_of}Connection"] | None, text, arguments)
    if root.has_categories:
        text = "Objects of the kinds in some categories, as in `kubectl get all`; each cluster has its own kinds."
        own = [argument("names", list[str], "Categories of kinds, such as `all`.")]
    else:
        text = "Objects of one kind that discovery finds in each cluster, whether it has a type or not."
        own = kind_arguments()
    arguments = list_arguments(None, across_clusters=True, across_namespaces=True, has_names=not root.has_categories)
    return types.field(name, types.classes[f"{INTERFACE}Connection"] | None, text, [*own, *arguments])


def _root_fields(types: Types, name: str, root: Root) -> Iterable[StrawberryField]:
    classes = types.classes
    match root:
        case ListRoot() | ObjectsRoot():
            yield _list_field(types, name, root)
        case SingleRoot(kind):
            place = [argument("namespace", str, "Its namespace.")] if kind.namespaced else []
            arguments = [
                argument("cluster", str, "Name of the cluster."),
                *place,
                argument("name", str, "Its name."),
            ]
            text = f"One {kind.name} object; null if the cluster has none of that name."
            yield types.field(name, classes[type_name(kind)] | None, text, arguments)
        case ObjectRoot():
            arguments = [
                argument("id", strawberry.ID | None, "A global id: the field `id` of every object."),
                argument("cluster", str | None, "Instead of the id, the name of its cluster; with `name` and a kind."),
                *kind_arguments(),
                argument("namespace", str | None, "Its namespace; none for objects of the whole cluster."),
                argument("name", str | None, "Its name."),
            ]
            text = "Any object by its global id, or by cluster, kind and name; null if there is none."
            yield types.field(name, classes[INTERFACE] | None, text, arguments)
        case ClustersRoot():
            arguments = [
                argument("names", list[str] | None, "Clusters of these names; an unknown name is an error."),
                argument("labels", str | None, "Clusters with these labels, such as `env=prod,region=eu`."),
            ]
            clusters = list_of(classes["Cluster"])
            yield types.field(name, clusters | None, "The registered clusters, ordered by name.", arguments)
        case ClusterRoot():
            arguments = [argument("name", str, "Its name.")]
            yield types.field(name, classes["Cluster"] | None, "One registered cluster.", arguments)
        case EntitiesRoot():
            arguments = [
                argument("representations", list[AnyEntity], "The keys of the entities, as the gateway knows them.")
            ]
            text = "Objects and clusters for a federated gateway, in order; null for those that no longer exist."
            yield types.field(name, list_of(types.entity() | None), text, arguments)
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
            yield types.field(name, classes[AUDIT_PAGES.owner.name] | None, text, arguments)
        case ServedKindsRoot():
            arguments = [
                argument("clusters", ClustersInput | None, "The clusters; all that exist for the caller without it."),
                argument("group", str | None, "Kinds of this API group; an empty text for the core group."),
                argument("first", int | None, "At most this many; 1000 without it."),
                argument("after", str | None, "Kinds after the page with this `endCursor`."),
            ]
            text = "The kinds that clusters serve, custom and aggregated ones included, each once."
            yield types.field(name, classes[KIND_PAGES.owner.name] | None, text, arguments)
        case ViewerRoot():
            yield types.field(
                name, classes[VIEWER.owner.name] | None, "The caller, and the clusters that exist for the caller."
            )
