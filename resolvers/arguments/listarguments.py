"""The arguments of every list, checked."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from operator import attrgetter
from typing import Final

import msgspec

from resolvers.arguments.objectnames import checked_names, checked_namespaces
from resolvers.arguments.selectors import checked_field_selector, checked_label_selector, cluster_labels
from resolvers.arguments.where import Order, conditions, orders
from resolvers.errors import BadUserInput, LimitExceeded, UnknownCluster
from resolvers.filters.conditions import Condition
from resolvers.fleet.cluster import FleetCluster
from resolvers.limits import OperationLimits

_NAME: Callable[[FleetCluster], str] = attrgetter("name")
_ID: Callable[[FleetCluster], str] = attrgetter("id")
_MAX_CLUSTERS = 5000
_MAX_NAMESPACE_REQUESTS = 4
_MAX_BOUND_BYTES = 4096

FEW: Final = 3
"""Up to so many objects of one cluster are read by name or selector, a request each."""


@dataclass(frozen=True, slots=True)
class ClusterChoice:
    """The argument `clusters`; None does not narrow. Names and ids are unique, in their first order."""

    names: tuple[str, ...] | None = None
    ids: tuple[str, ...] | None = None
    labels: tuple[tuple[str, str], ...] | None = None

    def of(self, clusters: Sequence[FleetCluster], *, is_strict: bool = True) -> list[FleetCluster]:
        """Returns those of `clusters`, which are ordered by name, that the argument selects, in their order.

        Raises:
            UnknownCluster: no cluster has one of the names or ids, and the choice is strict.
        """
        chosen = clusters
        if self.names is not None:
            chosen = _named(clusters, frozenset(self.names))
            if is_strict:
                _refuse_unknown(self.names, chosen, clusters, _NAME)
        if self.ids is not None:
            wanted = frozenset(self.ids)
            identified = [one for one in clusters if one.id in wanted]
            if is_strict:
                _refuse_unknown(self.ids, identified, clusters, _ID)
            chosen = [one for one in chosen if one.id in wanted]
        if self.labels is None:
            return list(chosen)
        labels = self.labels
        return [one for one in chosen if all(one.labels.get(key) == value for key, value in labels)]


def _named(clusters: Sequence[FleetCluster], names: frozenset[str]) -> Sequence[FleetCluster]:
    """Returns the clusters of some names, in their own order.

    They are ordered by name, so that a few of thousands are found without a look at the others.
    """
    places = sorted(bisect_left(clusters, name, key=_NAME) for name in names)
    found = [clusters[place] for place in places if place < len(clusters)]
    if {one.name for one in found} == names:
        return found
    return [one for one in clusters if one.name in names]


def _refuse_unknown(
    keys: Sequence[str],
    chosen: Sequence[FleetCluster],
    clusters: Sequence[FleetCluster],
    key_of: Callable[[FleetCluster], str],
) -> None:
    """Raises UnknownCluster for the first name or id that no cluster has."""
    if len(chosen) < len(keys):
        known = frozenset(map(key_of, clusters))
        raise UnknownCluster(next(key for key in keys if key not in known), known)


@dataclass(frozen=True, slots=True)
class ListArguments:
    """The arguments of a list field.

    Attributes:
        clusters: the clusters to list.
        namespaces: names of namespaces, never empty; None for all.
        names: names of objects, never empty; None for all.
        label_selector: a selector in Kubernetes' grammar; empty for none.
        field_selector: likewise.
        where: conditions, all of which must hold of an object.
        order_by: orders, the most significant first; empty for the order of identity alone.
        first: number of objects; None for all.
        after: cursor of the object behind which the page begins.
        timeout_s: seconds for each cluster to answer this list; None for the operation's own limit.
        min_clusters: clusters that must answer, or the list is an error; 0 accepts any partial list.
    """

    clusters: ClusterChoice = ClusterChoice()
    namespaces: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
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
        """True if the list is a page."""
        return self.first is not None or self.after is not None

    @property
    def chooses_objects(self) -> bool:
        """True if API servers choose the objects by name, label or field."""
        return self.names is not None or bool(self.label_selector or self.field_selector)

    @property
    def reads_all_namespaces(self) -> bool:
        """True if there are more than four namespaces: then all namespaces are read, and the rows filtered."""
        return len(self.namespaces or ()) > _MAX_NAMESPACE_REQUESTS

    @property
    def requests(self) -> int:
        """The requests to each cluster that reads them as a whole: one for each of a few names or namespaces."""
        lists = 1 if self.namespaces is None or self.reads_all_namespaces else len(self.namespaces)
        names = len(self.names or ())
        return lists * names if 0 < lists * names <= FEW else lists

    @property
    def counts_rows(self) -> bool:
        """True if objects must be read even for their number alone."""
        return self.is_page or bool(self.where) or self.names is not None

    def scope(self, *parts: str, bound: bytes | None = None) -> bytes:
        """Returns the scope of this list's cursors: its name and the arguments that decide on objects and order.

        Args:
            parts: the name of the list.
            bound: the result of `bound()`, if it is known.
        """
        return b"[%b,%b]" % (msgspec.json.encode(parts), self.bound() if bound is None else bound)

    def bound(self) -> bytes:
        """Returns the arguments to which cursors are bound; a digest of long ones, as each cursor hashes them."""
        bound = replace(self, first=None, after=None, timeout_s=None, min_clusters=0)
        encoded = msgspec.json.encode(msgspec.to_builtins(bound))
        return encoded if len(encoded) <= _MAX_BOUND_BYTES else b'"%b"' % blake2b(encoded).hexdigest().encode()


EVERYTHING = ListArguments()
"""All objects of all clusters."""


def list_arguments(arguments: Mapping[str, object], limits: OperationLimits) -> ListArguments:
    """Returns the arguments of a list field from coerced GraphQL values.

    Raises:
        BadUserInput: an argument is invalid.
        LimitExceeded: `first` or `timeoutMs` is over its limit, or there are too many names.
    """
    return ListArguments(
        clusters=cluster_choice(arguments.get("clusters")),
        namespaces=checked_namespaces(arguments.get("namespaces")),
        names=checked_names(arguments.get("name"), arguments.get("names")),
        label_selector=checked_label_selector(_text(arguments.get("labelSelector"))),
        field_selector=checked_field_selector(_text(arguments.get("fieldSelector"))),
        where=conditions(arguments.get("where")),
        order_by=orders(arguments.get("orderBy")),
        first=checked_first(arguments.get("first"), limits),
        after=_text(arguments.get("after")),
        timeout_s=_timeout_s(arguments.get("timeoutMs"), limits),
        min_clusters=_min_clusters(arguments.get("minClusters")),
    )


def cluster_choice(argument: object) -> ClusterChoice:
    """Returns the choice of the input object `{names, ids, labels}`.

    Raises:
        BadUserInput: the labels are no list of equalities.
        LimitExceeded: it has too many names or ids.
    """
    if not isinstance(argument, Mapping):
        return ClusterChoice()
    labels = argument.get("labels")
    return ClusterChoice(
        names=_unique("names", argument.get("names")),
        ids=_unique("ids", argument.get("ids")),
        labels=tuple(sorted(cluster_labels(labels).items())) if isinstance(labels, str) else None,
    )


def _unique(what: str, argument: object) -> tuple[str, ...] | None:
    """Returns names or ids of clusters, each once."""
    if isinstance(argument, list | tuple) and len(argument) > _MAX_CLUSTERS:
        raise LimitExceeded(f"clusters: {len(argument)} {what}; the limit is {_MAX_CLUSTERS}.")
    texts = _texts(argument)
    return tuple(dict.fromkeys(texts)) if texts is not None else None


def checked_first(first: object, limits: OperationLimits) -> int | None:
    """Returns the argument `first`; None for all objects.

    Raises:
        BadUserInput: it is less than 1.
        LimitExceeded: it is over the limit of a page.
    """
    if not isinstance(first, int):
        return None
    if first < 1:
        raise BadUserInput(f"first: {first} asks for no object; ask for 1 or more, or select only totalCount.")
    if first > limits.page_objects:
        raise LimitExceeded(f"first: {first} objects; a page has at most {limits.page_objects}.")
    return first


def _timeout_s(timeout_ms: object, limits: OperationLimits) -> float | None:
    if not isinstance(timeout_ms, int):
        return None
    limit_ms = round(limits.cluster_timeout_s * 1000)
    if timeout_ms < 1:
        raise BadUserInput(f"timeoutMs: {timeout_ms} leaves no time; give 1 to {limit_ms}, or leave the argument out.")
    if timeout_ms > limit_ms:
        raise LimitExceeded(f"timeoutMs: {timeout_ms}; a cluster has at most {limit_ms} ms to answer.")
    return timeout_ms / 1000


def _min_clusters(number: object) -> int:
    if not isinstance(number, int):
        return 0
    if number < 1:
        raise BadUserInput(f"minClusters: {number} asks for nothing; give 1 or more, or leave the argument out.")
    return number


def _texts(argument: object) -> tuple[str, ...] | None:
    return tuple(str(item) for item in argument) if isinstance(argument, list | tuple) else None


def _text(argument: object) -> str | None:
    return argument if isinstance(argument, str) else None
