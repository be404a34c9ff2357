"""Requests for lists of one cluster, and the pages that answer them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from k8s.kinds.kind import Kind
from k8s.reading.decoding import Row
from k8s.reading.selection import Selection


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The objects of one kind that a query needs, and the paths of each.

    Attributes:
        kind: what to list.
        structure: the name of the kind's structure.
        selection: the paths to decode; `metadata.name` and, for namespaced kinds, `metadata.namespace` among them.
        namespace: None for all of them.
        label_selector: as Kubernetes writes it; empty for none.
        field_selector: likewise.
    """

    kind: Kind
    structure: str
    selection: Selection
    namespace: str | None = None
    label_selector: str = ""
    field_selector: str = ""

    @property
    def needs_only_metadata(self) -> bool:
        """True if metadata is enough, so that the API server need not send the rest."""
        return self.selection.keys in {("metadata",), ()}


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a list.

    Attributes:
        first: at least this many objects, if there are so many; None for all.
        after: namespace (empty for objects of the whole cluster) and name of the object behind which to begin.
        token: the API server's own token that continues right there; it may have expired.
    """

    first: int | None = None
    after: tuple[str, str] | None = None
    token: str = field(default="", repr=False)

    def left(self, read: int, remaining: int | None) -> int | None:
        """Returns how many objects of it are still to come, after those that were read and of those that remain."""
        if self.first is None or remaining is None:
            return remaining
        return min(remaining, max(0, self.first - read))

    @property
    def is_sought(self) -> bool:
        """True if objects must be read and dropped to find its beginning."""
        return self.after is not None and not self.token


WHOLE = Window()
"""The whole list."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some objects of one list, as the cluster sent them, and how far the list has been read with them.

    Attributes:
        rows: the decoded objects of the window.
        is_first: whether the list begins with this page. Pages before it are void: the list was begun anew, because a
            continue token had expired or an answer was damaged.
        is_ordered: whether all objects so far came in the order of API servers, by `namespace/name`.
        resource_version: of the list's first page.
        observed_at: when that page was requested; the objects are not older.
        token: continues behind the last row; empty at the end of the list.
        read: objects of the window so far.
        left: objects of the window that are still to come; None if the API server does not say.
        count: objects of the whole list; None if the API server does not say.
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
