"""The progress of reading a list once: from decoded pages to rows of its window."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from k8s.reading.listing import ListRequest, Page, Window
from k8s.reading.listorder import behind, is_ordered
from k8s.reading.pagedecoder import DecodedPage
from k8s.reading.rowdecoders import Row


@dataclass(slots=True)
class ListProgress:
    """The progress of reading a list once.

    Attributes:
        token: the token of the next page.
        read: the number of objects read in the window.
        skipped: the number of objects read before the window.
        known: objects that count towards the limit: all that were read and, of a whole list, all that remain.
        is_over: whether the window has no more pages.
    """

    request: ListRequest
    window: Window
    limit: int
    token: str = field(init=False)
    read: int = 0
    skipped: int = 0
    known: int = 0
    is_over: bool = False
    _is_begun: bool = False
    _is_ordered: bool = True
    _version: str = ""
    _last: Sequence[Row] = ()
    _observed_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.token = self.window.token

    def page(self, decoded: DecodedPage[Row]) -> Page:
        """Adds a page and returns its rows; raises TypeError if a namespaced object has no namespace."""
        items, metadata, window, kind = decoded.items, decoded.metadata, self.window, self.request.kind
        rows = behind(items, window, kind)
        self._is_ordered = is_ordered([*self._last, *rows], kind) and self._is_ordered
        self._last = rows[-1:] or self._last
        self._version = self._version or metadata.resource_version
        self.read, self.skipped = self.read + len(rows), self.skipped + len(items) - len(rows)
        self.token, remaining = metadata.continue_token, metadata.remaining
        self.known = self.skipped + self.read + ((remaining or 0) if window.first is None else 0)
        self.is_over = not self.token or (window.first is not None and self.read >= window.first)
        is_first, self._is_begun = not self._is_begun, True
        left = window.left(self.read, remaining)
        return Page(
            rows,
            is_first,
            self._is_ordered,
            self._version,
            self._observed_at,
            self.token,
            self.read,
            left,
            self._count(remaining),
        )

    def _count(self, remaining: int | None) -> int | None:
        """Returns the number of objects of the whole list; None if it is unknown or the window began at a token."""
        return None if self.window.token or remaining is None else self.skipped + self.read + remaining
