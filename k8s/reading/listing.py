"""Requests for lists of one cluster, their pages, and how many objects a page has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from k8s.kinds.builtin import BY_PLURAL, CONFIG_MAP, SECRET
from k8s.kinds.kind import Kind
from k8s.kinds.structures import Structures
from k8s.reading.cells import needs_only_cells
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import OPEN, Selection

PAGE_OBJECTS: Final = 500
"""The objects of a page of which nothing is known."""
FIRST_OBJECTS: Final = 1000
"""The objects of a first page if they are probably small: most lists are read with one request then."""
SMALLER: Final = 20
"""The divisor for a page that is too large: 500 objects, 25, 1; one object has at most about 3 MB in etcd."""
_PAGE_BYTES: Final = 6_500_000
"""A page, and half of a first page: one page is decoded while the next one arrives."""
_MOST_SIZES: Final = 1000


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The objects of one kind that a query needs, and the paths of each.

    Attributes:
        kind: the kind of the objects.
        structure: the name of the kind's structure.
        selection: the paths to decode, including `metadata.name` and, for namespaced kinds, `metadata.namespace`.
        namespace: the namespace of the list; None for all namespaces.
        label_selector: a selector in the syntax of Kubernetes; empty for none.
        field_selector: likewise.
        structures: the set with the kind's structure; None for the one of built-in kinds.
    """

    kind: Kind
    structure: str
    selection: Selection
    namespace: str | None = None
    label_selector: str = ""
    field_selector: str = ""
    structures: Structures | None = None

    @property
    def needs_only_metadata(self) -> bool:
        """True if metadata is enough, so that the API server need not send the rest."""
        keys = self.selection.keys
        if OPEN in keys and self.selection.below(OPEN).keys == ("metadata",):
            keys = tuple(key for key in keys if key != OPEN)
        return keys in {("metadata",), ()}

    @property
    def needs_only_cells(self) -> bool:
        """True if the kind's Table has everything."""
        return needs_only_cells(self.kind, self.selection)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a list.

    Attributes:
        first: the minimum number of objects, if the list has so many; None for all.
        after: namespace (empty for cluster-scoped objects) and name of the object after which the window begins.
        token: the API server's continue token for the same place; it may have expired.
        skipped: about how many objects are before the place, if there is no token; 0 if that is unknown.
        only: namespaces (empty for cluster-scoped objects) and names of the objects that are read of it; None for all.
    """

    first: int | None = None
    after: tuple[str, str] | None = None
    token: str = field(default="", repr=False)
    skipped: int = 0
    only: frozenset[tuple[str, str]] | None = None

    def left(self, read: int, remaining: int | None) -> int | None:
        """Returns how many objects of the window are left, from the number read and the number that remain."""
        if self.first is None or remaining is None:
            return remaining
        return min(remaining, max(0, self.first - read))

    @property
    def is_sought(self) -> bool:
        """True if objects before the window must be read and dropped."""
        return self.after is not None and not self.token


WHOLE = Window()
"""The whole list."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some objects of one list, in the order of the cluster, and the progress of reading the list.

    Attributes:
        rows: the decoded objects of the window.
        is_first: whether the list begins with this page. Pages before it are void: the list was started again, because
            a continue token had expired or an answer was damaged.
        is_ordered: whether all objects so far came in the order of API servers, by `namespace/name`.
        resource_version: the version of the list's first page.
        observed_at: the time of the request for that page; the objects are not older.
        token: the continue token behind the last row; empty at the end of the list.
        read: the number of objects of the window so far.
        left: the number of objects of the window that remain, an estimate; None if the API server does not report it.
        count: the number of objects of the whole list, an estimate unless the list ends here; None if the API server
            does not report it.
    """

    rows: Sequence[Row]
    is_first: bool
    is_ordered: bool
    resource_version: str
    observed_at: datetime
    token: str
    read: int
    left: int | None
    count: int | None


@dataclass(frozen=True, slots=True)
class ObjectCount:
    """The number of objects of a list.

    Attributes:
        objects: the number.
        is_estimate: whether the API server estimated how many there are beyond those that were read. Source:
            `remainingItemCount` of ListMeta, which need not be exact.
    """

    objects: int
    is_estimate: bool = False


class ObjectSizes:
    """The average sizes of objects, by cluster and kind, on the pages that were read last."""

    def __init__(self) -> None:
        self._averages: dict[object, int] = {}

    def of(self, cluster: str, request: ListRequest) -> int | None:
        """Returns bytes; None if they are unknown."""
        return self._averages.get(_key(cluster, request))

    def note(self, cluster: str, request: ListRequest, average_bytes: int) -> None:
        """Notes the average size of the objects of one page."""
        key = _key(cluster, request)
        self._averages.pop(key, None)
        self._averages[key] = average_bytes
        if len(self._averages) > _MOST_SIZES:
            del self._averages[next(iter(self._averages))]


def _key(cluster: str, request: ListRequest) -> object:
    return cluster, request.kind, request.needs_only_metadata, request.needs_only_cells


class PageSizes:
    """The numbers of objects with which the pages of one list are requested."""

    def __init__(self, cluster: str, request: ListRequest, window: Window, known: ObjectSizes) -> None:
        """Takes a list, the part that is needed, and known sizes of objects.

        `first` is the number for the first page.
        """
        self._cluster = cluster
        self._request = request
        self._known = known
        first = self._of_first_page()
        wanted = window.first
        if window.is_sought:  # so that the first page ends where the window does, if nothing has changed
            wanted = window.skipped + (first if window.first is None else window.first) if window.skipped else None
        self._most = FIRST_OBJECTS if wanted is None else min(FIRST_OBJECTS, max(1, wanted))
        self.first = min(first, self._most)

    @property
    def next(self) -> int:
        """The objects of a page behind the first one."""
        average_bytes = self._known.of(self._cluster, self._request)
        if average_bytes is None:
            return min(self.first, PAGE_OBJECTS)
        return min(self._most, _fitting(average_bytes, _PAGE_BYTES))

    def note(self, objects: int, size_bytes: int) -> None:
        """Notes the size of a page."""
        if objects >= PAGE_OBJECTS // SMALLER:
            self._known.note(self._cluster, self._request, size_bytes // objects)

    def shrink(self, *, is_first: bool) -> bool:
        """Makes further pages smaller, since the first or a further one was too large.

        Returns False if it had one object already.
        """
        most = self.first if is_first else self.next
        self._most = PAGE_OBJECTS if most > PAGE_OBJECTS else max(1, most // SMALLER)
        self.first = min(self.first, self._most)
        return most > 1

    def _of_first_page(self) -> int:
        request = self._request
        average_bytes = self._known.of(self._cluster, request)
        if average_bytes is not None:
            return min(FIRST_OBJECTS, _fitting(average_bytes, 2 * _PAGE_BYTES))
        kind = BY_PLURAL.get((request.kind.group, request.kind.plural))
        is_small = request.needs_only_metadata or request.needs_only_cells or kind not in {None, CONFIG_MAP, SECRET}
        return FIRST_OBJECTS if is_small else PAGE_OBJECTS


def _fitting(average_bytes: int, size_bytes: int) -> int:
    """Returns how many objects fit a page; at least 500, or as many as fit two pages."""
    objects = size_bytes // max(1, average_bytes)
    return max(1, objects, min(PAGE_OBJECTS, 2 * _PAGE_BYTES // max(1, average_bytes)))
