"""The types of lists: connections, edges and groups of each kind, and `PageInfo`."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLBoolean, GraphQLField, GraphQLInt, GraphQLList, GraphQLString

from graph.schema.arguments import argument, group_arguments
from graph.schema.fields import FieldMaker
from k8s.kinds.structure import FieldFormat
from resolvers.links.members import ANY_KIND

Named = Mapping[str, Any]


def page_info_fields(make: FieldMaker) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of `PageInfo`."""
    boolean = make.required(GraphQLBoolean)
    yield "hasNextPage", make.field(boolean, "Whether objects follow after this page.")
    yield "hasPreviousPage", make.field(boolean, "Whether there are objects before this page.")
    yield "startCursor", make.field(GraphQLString, "Cursor of the page's first object; null if it is empty.")
    text = "Cursor of the page's last object: pass it as `after` for the next page."
    yield "endCursor", make.field(GraphQLString, text)


def edge_fields(make: FieldMaker, named: Named, name: str) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of an edge of a type."""
    text = "The position of the object: pass it as `after` for the objects behind it."
    yield "cursor", make.field(make.required(GraphQLString), text)
    yield "node", make.field(make.required(named[name]), "The object.")


def group_fields(make: FieldMaker, named: Named, name: str) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of a group of a type."""
    path = [argument("path", str, "Into the type, also through lists, such as `restarts`.")]
    value = make.scalar(FieldFormat.ANY)
    keys = make.required(GraphQLList(value))
    yield "key", make.field(keys, "The values of the group, one for each path of `by`.")
    yield "count", make.field(make.required(GraphQLInt), "The number of its objects.")
    yield "sum", make.field(value, "The sum of numbers or quantities, exact; null if there are none.", path)
    yield "min", make.field(value, "The least value, compared by its type; null if there is none.", path)
    yield "max", make.field(value, "The greatest value, compared by its type; null if there is none.", path)
    yield "avg", make.field(value, "The mean of numbers or quantities; null if there are none.", path)
    first = [argument("first", int | None, "At most this many, in order; without it, all of them.")]
    yield "nodes", make.field(make.required(make.list_of(named[name])), "Its objects.", first)


def connection_fields(make: FieldMaker, named: Named, name: str) -> Iterable[tuple[str, GraphQLField]]:
    """Yields the fields of a list of a type."""
    order = "cluster, kind, namespace and name" if name == ANY_KIND.name else "cluster, namespace and name"
    nodes = make.required(make.list_of(named[name]))
    yield "nodes", make.field(nodes, f"The objects of this page, ordered by {order}.")
    edges = make.required(make.list_of(named[f"{name}Edge"]))
    yield "edges", make.field(edges, "The same objects, each with its cursor.")
    page_info = make.required(named["PageInfo"])
    yield "pageInfo", make.field(page_info, "The beginning and the end of this page.")
    yield (
        "totalCount",
        make.field(
            make.required(GraphQLInt),
            "The number of objects of the whole list, in the clusters that answered (see `clusters`). If not all "
            "were read, it can be an estimate: `clusters { countIsEstimate }`.",
        ),
    )
    groups = make.required(make.list_of(named[f"{name}Grouping"]))
    text = "The objects of the whole list, whatever the page, in groups of equal values: the largest first."
    yield "groups", make.field(groups, text, group_arguments())
    reports = make.required(make.list_of(named["ClusterReport"]))
    yield "clusters", make.field(reports, "The envelope: each cluster of the list, and its status.")
