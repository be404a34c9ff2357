"""The objects of a custom kind, which its definition names."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.arguments.listarguments import EVERYTHING
from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import items_of
from resolvers.links.fetching import Fetch
from resolvers.links.hidden import UNKNOWN
from resolvers.links.references import exceeding, is_kind_gone
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion, page_window
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import collected
from resolvers.together import together
from resolvers.typedkinds import TypedKinds

KIND_READS: Final = (
    "spec.group",
    "spec.scope",
    "spec.names.kind",
    "spec.names.plural",
    "spec.versions.name",
    "spec.versions.served",
    "spec.versions.storage",
)
"""The paths that the functions read."""
MOST_OBJECTS: Final = 100
"""The limit of `first`."""


async def object_counts(definitions: Rows, operation: Operation) -> list[int | ClusterError | None]:
    """Returns the number of objects of each definition's kind; None if it is unknown."""
    refused = await _refused(definitions, operation)

    async def count(cluster: FleetCluster, definition: Row) -> int | ClusterError | None:
        return refused.get(cluster) or await _count(operation, cluster, definition)

    return await together(*(count(cluster, definition) for cluster, definition in definitions))


async def custom_lists(definitions: Rows, fetch: Fetch, first: int) -> Sequence[Sequence[Row] | None]:
    """Returns the first objects of each definition's kind; None for a kind that cannot be listed.

    Raises:
        BadUserInput: `first` is less than 1.
        LimitExceeded: `first` is too large.
    """
    if first < 1:
        raise BadUserInput(f"first: {first} asks for no object; ask for 1 or more.")
    if first > MOST_OBJECTS:
        raise LimitExceeded(f"first: {first} objects; a page has at most {MOST_OBJECTS}.")
    refused = await _refused(definitions, fetch.operation)
    fetch.failures |= refused

    async def listed(cluster: FleetCluster, definition: Row) -> Sequence[Row] | None:
        return None if cluster in refused else await _listed(fetch, cluster, definition, first)

    return await together(*(listed(cluster, definition) for cluster, definition in definitions))


async def _refused(definitions: Rows, operation: Operation) -> Mapping[FleetCluster, ClusterError]:
    """Counts the requests beyond the estimated one; returns the clusters in which there are too many."""
    requests = Counter(
        await collected(cluster for cluster, row in definitions if _kind(row, operation.kinds) is not None)
    )
    return exceeding(operation, requests)


async def _count(operation: Operation, cluster: FleetCluster, definition: Row) -> int | ClusterError | None:
    kind = _kind(definition, operation.kinds)
    if kind is None:
        return None
    (answer,) = await ask(operation, ListQuestion(kind, None), [cluster])
    if answer.lacks_kind or (answer.error is not None and is_kind_gone(answer.error)):
        return 0
    if answer.error is not None:
        return answer.error
    return None if answer.scope.is_partial else answer.count


async def _listed(fetch: Fetch, cluster: FleetCluster, definition: Row, first: int) -> Sequence[Row] | None:
    kind = _kind(definition, fetch.operation.kinds)
    if kind is None:
        return ()
    arguments = replace(EVERYTHING, first=first)
    question = ListQuestion(
        kind, fetch.selection(kind), arguments, window=page_window(arguments, None), wants_count=False
    )
    (answer,) = await ask(fetch.operation, question, [cluster])
    if answer.lacks_kind or (answer.error is not None and is_kind_gone(answer.error)):
        return ()
    if answer.error is not None:
        fetch.failures[cluster] = answer.error
        return None
    if answer.scope.is_partial:
        fetch.hidden_names[cluster, kind] = {UNKNOWN: None}
        return None
    return answer.rows[:first]


def _kind(definition: Row, typed: TypedKinds) -> Kind | None:
    """Returns the kind that a definition defines, in its storage version if that is served; None if it serves none."""
    spec = definition.spec
    if spec is None or spec.names is None or not (spec.group and spec.names.kind and spec.names.plural):
        return None
    known = typed.find(spec.group, spec.names.kind)
    if known is not None:
        return known
    served = sorted((one for one in items_of(spec.versions) if one.served), key=lambda one: not one.storage)
    if not served or not served[0].name:
        return None
    is_namespaced = spec.scope == "Namespaced"
    return Kind(spec.group, served[0].name, spec.names.kind, spec.names.plural, namespaced=is_namespaced)
