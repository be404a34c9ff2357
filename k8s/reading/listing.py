"""Requests for lists of one cluster, and their pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from k8s.kinds.kind import Kind
from k8s.kinds.structures import Structures
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import OPEN, Selection


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
