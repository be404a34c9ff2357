"""The arguments that every list takes, checked."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from hashlib import blake2b

import msgspec

from k8s.transport.path import PathInvalid, checked_namespace
from resolvers.arguments.selectors import checked_field_selector, checked_label_selector, cluster_labels
from resolvers.arguments.where import Order, conditions, orders
from resolvers.errors import BadUserInput, LimitExceeded, UnknownCluster
from resolvers.filters.conditions import Condition
from resolvers.fleet.cluster import FleetCluster
from resolvers.limits import OperationLimits

_MOST_NAMESPACES = 1000
_MOST_CLUSTERS = 5000
_NAMESPACES_ASKED_ONE_BY_ONE = 4
_LONGEST_BOUND = 4096


@dataclass(frozen=True, slots=True)
class ClusterChoice:
    """Which clusters are meant; None does not narrow. Names and ids stand once each, as they were given first."""

    names: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None
    labels: tuple[tuple[str, str], ...] | None = None

    def of(self, clusters: Sequence[FleetCluster]) -> list[FleetCluster]:
        """Those of `clusters` that are meant, in their order.

        Raises:
            UnknownCluster: a name or id is none of theirs.
        """
        names = _meant(self.names, {cluster.name for cluster in clusters})
        ids = _meant(self.ids, {cluster.id for cluster in clusters})
        return [each for each in clusters if each.name in names and each.id in ids and self._selects(each)]

    def _selects(self, cluster: FleetCluster) -> bool:
        return all(cluster.labels.get(key) == value for key, value in self.labels or ())


def _meant(given: tuple[str, ...] | None, known: Set[str]) -> Set[str]:
    """What is given, or all there is."""
    unknown = next((each for each in given or () if each not in known), None)
    if unknown is not None:
        raise UnknownCluster(unknown)
    return known if given is None else frozenset(given)


@dataclass(frozen=True, slots=True)
class ListArguments:
    """What a list field was asked for.

    Attributes:
        clusters: which clusters.
        namespaces: None for all; never empty.
        label_selector: by Kubernetes' grammar; empty for none.
        field_selector: likewise.
        where: all of it must hold of an object.
        order_by: the most significant first; empty for the order of identity alone.
        first: objects wanted; None for all.
        after: cursor of the object behind which to begin.
        timeout_s: seconds in which each cluster must have answered this list; None for what the operation allows.
        min_clusters: how many clusters must answer, or the list is an error; 0 for a partial list whatever happens.
    """

    clusters: ClusterChoice = ClusterChoice()
    namespaces: tuple[str, ...] | None = None
    label_selector: str = ""
    field_selector: str = ""
    where: tuple[Condition, ...] = ()
    order_by: tuple[Order, ...] = ()
    first: int | None = None
    after: str | None = None
    timeout_s: float | None = None
    min_clusters: int = 0

    @property
    def is_page(self) -> bool:
        """Whether only a part of the list is wanted."""
        return self.first is not None or self.after is not None

    @property
    def reads_all_namespaces(self) -> bool:
        """Whether all namespaces are read, and the wanted ones picked, because there are too many to ask for each."""
        return len(self.namespaces or ()) > _NAMESPACES_ASKED_ONE_BY_ONE

    @property
    def counts_rows(self) -> bool:
        """Whether objects must be looked at even where only their number is wanted."""
        return self.is_page or bool(self.where)

    def scope(self, *parts: str, bound: bytes | None = None) -> bytes:
        """What a cursor of this list is bound to: what objects it has, in which order.

        Args:
            parts: name the list.
            bound: `bound()`, where it is known.
        """
        return b"[%b,%b]" % (msgspec.json.encode(parts), self.bound() if bound is None else bound)

    def bound(self) -> bytes:
        """The arguments that cursors are bound to; of long ones a digest, as each cursor reads them."""
        bound = replace(self, first=None, after=None, timeout_s=None, min_clusters=0)
        encoded = msgspec.json.encode(msgspec.to_builtins(bound))
        return encoded if len(encoded) <= _LONGEST_BOUND else b'"%b"' % blake2b(encoded).hexdigest().encode()


EVERYTHING = ListArguments()
"""All objects of all clusters."""


def list_arguments(given: Mapping[str, object], limits: OperationLimits) -> ListArguments:
    """The arguments of a list field, from coerced GraphQL values.

    Raises:
        BadUserInput: one of them cannot be meant.
        LimitExceeded: `first` is larger than a page may be, or `timeoutMs` longer than a cluster may take.
    """
    return ListArguments(
        clusters=cluster_choice(given.get("clusters")),
        namespaces=_namespaces(given.get("namespaces")),
        label_selector=checked_label_selector(_text(given.get("labelSelector"))),
        field_selector=checked_field_selector(_text(given.get("fieldSelector"))),
        where=conditions(given.get("where")),
        order_by=orders(given.get("orderBy")),
        first=checked_first(given.get("first"), limits),
        after=_text(given.get("after")),
        timeout_s=_timeout_s(given.get("timeoutMs"), limits),
        min_clusters=_min_clusters(given.get("minClusters")),
    )


def cluster_choice(given: object) -> ClusterChoice:
    """The clusters that the input object `{names, ids, labels}` means.

    Raises:
        BadUserInput: the labels are none.
        LimitExceeded: it has too many names or ids.
    """
    if not isinstance(given, Mapping):
        return ClusterChoice()
    labels = given.get("labels")
    return ClusterChoice(
        names=_chosen("names", given.get("names")),
        ids=_chosen("ids", given.get("ids")),
        labels=tuple(sorted(cluster_labels(labels).items())) if isinstance(labels, str) else None,
    )


def _chosen(what: str, given: object) -> tuple[str, ...] | None:
    """Names or ids of clusters, each once."""
    if isinstance(given, list | tuple) and len(given) > _MOST_CLUSTERS:
        raise LimitExceeded(f"clusters: {len(given)} {what}; at most {_MOST_CLUSTERS} are read.")
    texts = _texts(given)
    return tuple(dict.fromkeys(texts)) if texts is not None else None


def _namespaces(given: object) -> tuple[str, ...] | None:
    if isinstance(given, list | tuple) and len(given) > _MOST_NAMESPACES:
        raise LimitExceeded(f"namespaces: {len(given)} names; at most {_MOST_NAMESPACES} are read.")
    names = _texts(given)
    if names is None:
        return None
    if not names:
        raise BadUserInput("namespaces: the list is empty; leave the argument out for all namespaces.")
    try:
        return tuple(sorted({checked_namespace(name) for name in names}))
    except PathInvalid as error:
        raise BadUserInput(f"namespaces: {error}") from error


def checked_first(given: object, limits: OperationLimits) -> int | None:
    """How many objects are wanted at most; None for all.

    Raises:
        BadUserInput: it asks for none.
        LimitExceeded: it is larger than a page may be.
    """
    if not isinstance(given, int):
        return None
    if given < 1:
        raise BadUserInput(f"first: {given} asks for no object; ask for 1 or more, or select only totalCount.")
    if given > limits.page_objects:
        raise LimitExceeded(f"first: {given} objects; a page has at most {limits.page_objects}.")
    return given


def _timeout_s(given: object, limits: OperationLimits) -> float | None:
    if not isinstance(given, int):
        return None
    longest_ms = round(limits.cluster_timeout_s * 1000)
    if given < 1:
        raise BadUserInput(f"timeoutMs: {given} leaves no time; give 1 to {longest_ms}, or leave the argument out.")
    if given > longest_ms:
        raise LimitExceeded(f"timeoutMs: {given}; a cluster has at most {longest_ms} ms to answer.")
    return given / 1000


def _min_clusters(given: object) -> int:
    if not isinstance(given, int):
        return 0
    if given < 1:
        raise BadUserInput(f"minClusters: {given} asks for nothing; give 1 or more, or leave the argument out.")
    return given


def _texts(given: object) -> tuple[str, ...] | None:
    return tuple(str(item) for item in given) if isinstance(given, list | tuple) else None


def _text(given: object) -> str | None:
    return given if isinstance(given, str) else None
