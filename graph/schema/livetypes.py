"""The types of subscriptions: payloads and changes of each kind, and the clusters of a subscription."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLBoolean, GraphQLField, GraphQLID, GraphQLInt, GraphQLList, GraphQLString
from strawberry.types.arguments import StrawberryArgument

from graph.schema.arguments import argument, group_arguments, list_arguments
from graph.schema.enums import described
from graph.schema.fields import FieldMaker
from k8s.errorcode import ErrorCode
from k8s.kinds.kind import Kind
from k8s.kinds.structure import FieldFormat
from k8s.watches.heldobjects import Freshness
from resolvers.live.changes import ChangeType

Named = Mapping[str, Any]

LIVE_CLUSTER = "LiveCluster"
LIVE_ERROR = "LiveError"
_LEFT_OUT = frozenset({"orderBy", "first", "after", "timeoutMs", "minClusters"})
"""Arguments of lists that are about one page at one time."""


def live_arguments(kind: Kind | None, *, has_names: bool = True) -> list[StrawberryArgument]:
    """Returns the arguments of a subscription to a list of a kind; None for lists of any kinds."""
    arguments = list_arguments(kind, across_clusters=True, across_namespaces=True, has_names=has_names)
    return [
        *(one for one in arguments if one.graphql_name not in _LEFT_OUT),
        argument("resume", str | None, "Continues behind the payload that had this `resume`."),
        argument("batchMs", int | None, "Milliseconds in which changes are gathered to one payload; 100 without it."),
    ]


def change_fields(make: FieldMaker, named: Named, name: str) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of a change of an object of a type."""
    yield "type", make.field(make.required(make.leaf(described(ChangeType))), "What happened to it, as this list is.")
    yield "id", make.field(make.required(GraphQLID), "The global id of the object.")
    text = "Whether it belongs to the state at the beginning, or to all objects after a `RESYNC`."
    yield "isInitial", make.field(make.required(GraphQLBoolean), text)
    yield "object", make.field(named[name], "The object as it is now; null for a deleted one.")


def changes_fields(make: FieldMaker, named: Named, name: str) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of a payload of a subscription to a list of a type."""
    changes = make.required(make.list_of(named[f"{name}Change"]))
    yield "changes", make.field(changes, "What has changed since the payload before, each object once.")
    clusters = make.required(make.list_of(named[LIVE_CLUSTER]))
    yield "clusters", make.field(clusters, "The envelope: each cluster of the list, and how current its objects are.")
    text = "Pass it as `resume` to continue behind this payload, at this or another server."
    yield "resume", make.field(make.required(GraphQLString), text)
    text = "The number of objects of the list; null if it is as in the payload before."
    yield "totalCount", make.field(GraphQLInt, text)
    groups = GraphQLList(make.required(named[f"{name}Grouping"]))
    text = "The objects of the list in groups of equal values; null if they are as in the payload before."
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
