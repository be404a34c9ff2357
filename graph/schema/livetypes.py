"""The types of subscriptions: payloads and changes of each kind, and the clusters of a subscription."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import strawberry
from graphql import GraphQLBoolean, GraphQLField, GraphQLID, GraphQLInt, GraphQLList, GraphQLString
from strawberry.types.arguments import StrawberryArgument

from graph.schema.arguments import argument, cluster_arguments, group_arguments, kind_arguments, list_arguments
from graph.schema.enums import described
from graph.schema.fields import FieldMaker
from k8s.errorcode import ErrorCode
from k8s.kinds.kind import Kind
from k8s.kinds.structure import FieldFormat
from k8s.watches.freshness import Freshness
from resolvers.live.changes import ChangeType

Named = Mapping[str, Any]

LIVE_CLUSTER: Final = "LiveCluster"
LIVE_ERROR: Final = "LiveError"
RESUME: Final = "resume"
BATCH: Final = "batchMs"
OWN_ARGUMENTS: Final = frozenset({RESUME, BATCH})
"""Arguments of a subscription that its list does not have."""
_LEFT_OUT: Final = frozenset({"orderBy", "first", "after", "timeoutMs", "minClusters"})
"""Arguments of lists that are about one page at one time."""


def live_arguments(kind: Kind) -> list[StrawberryArgument]:
    """Returns the arguments of a subscription to a list of a kind."""
    return [*_followed(list_arguments(kind, across_clusters=True, across_namespaces=True)), *_own_arguments()]


def live_objects_arguments() -> list[StrawberryArgument]:
    """Returns the arguments of a subscription to a list of objects of a kind that discovery finds."""
    arguments = list_arguments(None, across_clusters=True, across_namespaces=True)
    return [*kind_arguments(), *_followed(arguments), *_own_arguments()]


def live_clusters_arguments() -> list[StrawberryArgument]:
    """Returns the arguments of the subscription to the list of clusters."""
    return [*_followed(cluster_arguments()), *_own_arguments()]


def live_categories_arguments() -> list[StrawberryArgument]:
    """Returns the arguments of a subscription to the objects of the kinds in some categories."""
    own = argument("names", list[str], "Categories of kinds, such as `all`.")
    arguments = list_arguments(None, across_clusters=True, across_namespaces=True, has_names=False)
    return [own, *_followed(arguments), *_own_arguments()]


def live_object_arguments() -> list[StrawberryArgument]:
    """Returns the arguments of a subscription to one object."""
    own = argument("id", strawberry.ID, "Its global id: the field `id` of every object.")
    return [own, *_own_arguments()]


def _followed(arguments: Iterable[StrawberryArgument]) -> Iterable[StrawberryArgument]:
    return (one for one in arguments if one.graphql_name not in _LEFT_OUT)


def _own_arguments() -> Iterable[StrawberryArgument]:
    text = "Milliseconds in which changes are gathered to one payload, 0 to 10000; 100 without it."
    return (
        argument(RESUME, str | None, "Continues behind the payload that had this `resume`."),
        argument(BATCH, int | None, text),
    )


def change_fields(make: FieldMaker, named: Named, name: str) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of a change of an object of a type."""
    yield "type", make.field(make.required(make.leaf(described(ChangeType))), "What happened to it, as this list is.")
    yield "id", make.field(make.required(GraphQLID), "The id of the object, as its field `id` has it.")
    yield "cluster", make.field(make.required(GraphQLString), "The name of its cluster.")
    text = "Whether it belongs to the state at the beginning, or to all objects after a `RESYNC`."
    yield "isInitial", make.field(make.required(GraphQLBoolean), text)
    text = "The object as it is now; null for a deleted one. Select it under one key only."
    yield "object", make.field(named[name], text)


def payload_fields(make: FieldMaker, named: Named, name: str) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of a payload of a subscription to any list, by the type of its objects."""
    changes = make.required(make.list_of(named[f"{name}Change"]))
    text = "What has changed since the payload before, each object once. Select it under one key only."
    yield "changes", make.field(changes, text)
    clusters = make.required(make.list_of(named[LIVE_CLUSTER]))
    yield "clusters", make.field(clusters, "The envelope: each cluster of the list, and how current its objects are.")
    text = "Pass it as `resume` to continue behind this payload, at this or another server."
    yield "resume", make.field(make.required(GraphQLString), text)


def changes_fields(make: FieldMaker, named: Named, name: str) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of a payload of a subscription to a list of objects of a type."""
    yield from payload_fields(make, named, name)
    text = "The number of objects of the list; null if this and all `groups` are as they were sent last."
    yield "totalCount", make.field(GraphQLInt, text)
    groups = GraphQLList(make.required(named[f"{name}Grouping"]))
    text = "The objects of the list in groups of equal values; null if all `groups` and `totalCount` are as sent last."
    yield "groups", make.field(groups, text, group_arguments())


def live_cluster_fields(make: FieldMaker, named: Named) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of a cluster in the envelope of a payload."""
    yield "name", make.field(make.required(GraphQLString), "Its name.")
    yield "state", make.field(make.required(make.leaf(described(Freshness))), "How current its objects are.")
    yield "since", make.field(make.required(make.scalar(FieldFormat.TIME)), "Since when that is so.")
    yield "isResynced", make.field(make.required(GraphQLBoolean), "Whether all of its objects come again (`RESYNC`).")
    yield "error", make.field(named[LIVE_ERROR], "Why it is not live; null if it is.")


def live_error_fields(make: FieldMaker) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of an error of a cluster."""
    yield "code", make.field(make.required(make.leaf(described(ErrorCode))), "The code, as in `extensions.code`.")
    yield "message", make.field(make.required(GraphQLString), "Cause and cluster, in words.")
