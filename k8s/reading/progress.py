"""The progress of one reading of a list: from decoded pages to rows of its window."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from k8s.reading.decoding import Row
from k8s.reading.listing import ListRequest, Page, Window
from k8s.reading.listorder import behind, is_ordered
from k8s.reading.page import DecodedPage


@dataclass(slots=True)
class ListProgress:
    """The progress of one reading of a list.

    Attributes:
        token: of the next page.
        read: objects of the window.
        skipped: objects before the window.
        known: objects that count for the limit: all that were read and, of a whole list, all that are still to come.
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
        """Goes on by one page; raises TypeError if a namespaced object has no namespace."""
        items, metadata, window, kind = decoded.items or [], decoded.metadata, self.window, self.request.kind
        rows = behind(items, window, kind)
        self._is_ordered = is_ordered([*self._last, *rows], kind) and self._is_ordered
        self._last = rows[-1:] or self._last
        self._version = self._version or metadata.resource_version
        self.read, self.skipped = self.read + len(rows), self.skipped + len(items) - len(rows)
        self.token, remaining = metadata.continue_token, metadata.remaining
        self.known = self.skipped + self.read + ((remaining or 0) if window.first is None else 0)
        self.is_over = not self.token or (window.first is not None and self.read >= window.first)
        is_first, self._is_begun = not self._is_begun, True
        left = window.left(self.read, remaining) if self.token else 0
        return Page(
            rows,
            is_first,
            self._is_ordered,
            self._version,
            self._observed_at,
            self.token,
            self.read,
            left,
            self._count(remaining if self.token else 0),
        )

    def _count(self, remaining: int | None) -> int | None:
        """Returns how many objects the whole list has; None behind a token, or if that is not said."""
        return None if self.window.token or remaining is None else self.skipped + self.read + remaining
