"""The cache of documents: those of all schemas of an engine, within one bound.

Long documents are read in one thread beside the event loop, one after the other, so that they do not delay other
requests.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, TypeVar

from graph.document.lrucache import LruCache

T = TypeVar("T")
DocumentKey = tuple[int, bytes]

_REMEMBERED: Final = 256
_ALL_TOKENS: Final = 12_000
"""Tokens of all cached documents together: one or two objects each, which every full garbage collection visits."""


@dataclass(slots=True)
class DocumentFigures:
    """Figures of the cache of documents.

    Attributes:
        known: documents found in the cache.
        unknown: documents that were read, or refused.
        cached: documents in the cache now.
    """

    known: int = 0
    unknown: int = 0
    cached: int = 0


class DocumentCache:
    """The documents that were read last, and the thread that reads long ones.

    Attributes:
        figures: the figures of all schemas together.
    """

    def __init__(self) -> None:
        self.figures = DocumentFigures()
        self._known = LruCache[DocumentKey, Any](_REMEMBERED, weight=_ALL_TOKENS)
        self._numbers = count()
        self._beside: ThreadPoolExecutor | None = None

    def number(self) -> int:
        """Returns a number for the keys of one more schema."""
        return next(self._numbers)

    def find(self, key: DocumentKey) -> Any | None:
        """Returns the cached document or refusal; None if there is none."""
        known = self._known.find(key)
        if known is None:
            self.figures.unknown += 1
        else:
            self.figures.known += 1
        return known

    def add(self, key: DocumentKey, document: object, tokens: int) -> None:
        """Adds a document, and drops the least recently used ones."""
        self._known.add(key, document, tokens)
        self.figures.cached = len(self._known)

    async def beside(self, function: Callable[[], T]) -> T:
        """Calls a function in the thread beside the event loop, after earlier calls, and returns its result."""
        if self._beside is None:
            self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="documents")
        return await asyncio.get_running_loop().run_in_executor(self._beside, function)
