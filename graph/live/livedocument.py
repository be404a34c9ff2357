"""A subscription's document, split into the query of its objects and the shape of its payloads.

    subscription { pods(where: ...) { changes { type id object { name node { ready } } } clusters { name state } } }

is evaluated as the ordinary query

    { live: pods(where: ...) { nodes { liveId: id  name node { ready } } } }

so whatever a query can select, a subscription can. One object is a list of the objects of its name:

    subscription { object(id: ...) { changes { object { name } } } }
    { live: objects(clusters: ..., resource: ..., name: ..., namespaces: ...) { nodes { liveId: id  name } } }
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    NameNode,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
)
from graphql.execution.executor import Executor

from graph.live.documentsplit import DocumentSplit, key_of
from graph.live.oneobject import one_object
from graph.request import GraphqlRequest
from graph.schema.livetypes import BATCH, OWN_ARGUMENTS, RESUME
from resolvers.errors import BadUserInput
from resolvers.live.resuming.resumetokens import digest_of
from resolvers.typedkinds import TypedKinds

LIST_KEY: Final = "live"
ID_KEY: Final = "liveId"
CLUSTERS: Final = "clusters"
_OBJECT: Final = "object"
_OF_KINDS: Final = "categories"
_CHANGES: Final = "changes"
_TOTALS: Final = frozenset({"totalCount", "groups"})
_USUAL_BATCH_MS: Final = 100
_LONGEST_BATCH_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Selected:
    """A selected field of a payload.

    Attributes:
        key: Its key in the response.
        name: Its name.
        inner: What is selected of its value; empty for what other queries evaluate.
    """

    key: str
    name: str
    inner: tuple["Selected", ...] = ()


@dataclass(frozen=True, slots=True)
class LiveDocument:
    """A subscription to one list; equal ones have the same payloads.

    Attributes:
        root: The root field with all that is selected of a payload.
        type_name: The name of the type of its objects.
        query: The query of the objects.
        totals: The query of `totalCount` and `groups`; empty if neither is selected.
        variables: The variables of both, as JSON.
        clusters: The argument `clusters`, as JSON.
        batch_ms: Milliseconds in which changes are gathered.
        resume: The argument `resume`; empty without it.
    """

    root: Selected
    type_name: str
    query: str
    totals: str
    variables: bytes
    clusters: bytes
    batch_ms: int
    resume: str = ""

    @property
    def scope(self) -> bytes:
        """A digest of what its rows depend on, to which resume tokens are bound."""
        return digest_of(self.query, self.variables.decode())

    @property
    def is_of_clusters(self) -> bool:
        """Returns whether its objects are the clusters themselves."""
        return self.root.name == CLUSTERS

    @property
    def has_kinds(self) -> bool:
        """Returns whether a cluster has objects of several kinds in the list."""
        return self.root.name == _OF_KINDS

    def selects(self, name: str) -> bool:
        """Returns whether a field of payloads is selected."""
        return any(one.name == name for one in self.root.inner)

    def variable_values(self) -> Mapping[str, object]:
        """Returns the values of the variables of the queries."""
        return cast(Mapping[str, object], msgspec.json.decode(self.variables))

    def requests(self, request: GraphqlRequest) -> Iterable[GraphqlRequest]:
        """Returns the requests of the queries, from that of the subscription."""
        variables = self.variable_values()
        for query in filter(None, (self.query, self.totals)):
            yield replace(request, query=query, variables=variables, operation_name=None, memory=None)

    def chosen_clusters(self) -> object:
        """Returns the value of the argument `clusters`."""
        return msgspec.json.decode(self.clusters)


def live_document(
    document: DocumentNode, executor: Executor[Any], *, raw: Mapping[str, object], kinds: TypedKinds
) -> LiveDocument:
    """Splits a valid subscription.

    Args:
        document: The document.
        executor: The executor of the subscription.
        raw: Its variables as they were sent.
        kinds: The kinds of ids.

    Raises:
        GraphQLError: It selects no list, or objects under several keys, or an argument is invalid.
    """
    operation, values = executor.operation, executor.variable_values
    types = cast(GraphQLObjectType, executor.schema.subscription_type)
    split = DocumentSplit(document, values)
    roots = list(split.fields(operation.selection_set))
    if len({key_of(one) for one in roots}) != 1:
        raise GraphQLError("A subscription selects one list.", operation)
    root = roots[0]
    arguments = get_argument_values(types.fields[root.name.value], root, values, hide_suggestions=True)
    payload = list(split.fields(*(one.selection_set for one in roots)))
    changes = _single(_CHANGES, payload)
    objects = _single(_OBJECT, list(split.fields(*(one.selection_set for one in changes))))
    try:
        batch_ms = _batch_ms(arguments.get(BATCH))
        listed, clusters = _without_own(root), arguments.get("clusters")
        if root.name.value == _OBJECT:
            listed, cluster_id = one_object(root, arguments, kinds)
            clusters = {"ids": [cluster_id]}
        elif root.name.value == CLUSTERS:
            clusters = {name: arguments.get(name) for name in ("names", "labels")}
    except BadUserInput as error:
        raise GraphQLError(str(error), root, original_error=error) from error
    identified = FieldNode(alias=NameNode(value=ID_KEY), name=NameNode(value="id"))
    inner = [one for field in objects if field.selection_set for one in field.selection_set.selections]
    selected: list[SelectionNode] = [identified, *inner]
    if root.name.value != CLUSTERS:
        nodes = SelectionSetNode(selections=tuple(selected))
        selected = [FieldNode(name=NameNode(value="nodes"), selection_set=nodes)]
    totals = [field for field in payload if field.name.value in _TOTALS]
    query = split.query(operation, listed, LIST_KEY, selected)
    total_query = split.query(operation, listed, LIST_KEY, totals) if totals else None
    used = query.variables | (total_query.variables if total_query else frozenset())
    return LiveDocument(
        root=Selected(key_of(root), root.name.value, _selected(split, payload)),
        type_name=get_named_type(types.fields[root.name.value].type).name.removesuffix("Changes"),
        query=query.text,
        totals=total_query.text if total_query else "",
        variables=msgspec.json.encode({name: raw[name] for name in sorted(used) if name in raw}, order="deterministic"),
        clusters=msgspec.json.encode(clusters, order="deterministic"),
        batch_ms=batch_ms,
        resume=str(arguments.get(RESUME) or ""),
    )


def _selected(split: DocumentSplit, fields: list[FieldNode]) -> tuple[Selected, ...]:
    """Returns fields of payloads, of equal keys as one; what other queries evaluate is left as it is."""
    by_key: dict[str, list[FieldNode]] = {}
    for field in fields:
        by_key.setdefault(key_of(field), []).append(field)
    selected = []
    for key, same in by_key.items():
        name = same[0].name.value
        inner = () if name in {_OBJECT, *_TOTALS} else split.fields(*(one.selection_set for one in same))
        selected.append(Selected(key, name, _selected(split, list(inner))))
    return tuple(selected)


def _single(name: str, fields: list[FieldNode]) -> list[FieldNode]:
    """Returns the fields of a name; raises GraphQLError if they have several keys."""
    named = [one for one in fields if one.name.value == name]
    if len({key_of(one) for one in named}) > 1:
        raise GraphQLError(f"{name}: select it once, under one key.", named)
    return named


def _without_own(root: FieldNode) -> FieldNode:
    own: Any = tuple(one for one in root.arguments or () if one.name.value not in OWN_ARGUMENTS)
    return FieldNode(name=root.name, arguments=own)


def _batch_ms(argument: object) -> int:
    if argument is None:
        return _USUAL_BATCH_MS
    if not isinstance(argument, int) or not 0 <= argument <= _LONGEST_BATCH_MS:
        raise BadUserInput(f"batchMs: {argument} is invalid; pass 0 to {_LONGEST_BATCH_MS} milliseconds.")
    return argument
