"""A list that is read to its end."""

from contextlib import aclosing
from dataclasses import dataclass

from k8s.reading.listing import WHOLE, ListRequest, Page, Window
from k8s.reading.pages import PageMemory
from k8s.reading.reader import Reader
from k8s.reading.rowdecoders import Row
from k8s.transport.deadline import Deadline


@dataclass
class WholeList:
    """The rows of its pages, and the last page."""

    rows: list[Row]
    end: Page


async def read_whole(
    reader: Reader,
    request: ListRequest,
    *,
    limit: int = 100,
    window: Window = WHOLE,
    memory: PageMemory | None = None,
    timeout_s: float = 5,
) -> WholeList:
    """Reads all pages; those before one that begins the list anew do not count."""
    rows: list[Row] = []
    end = None
    listed = reader.pages(request, deadline=Deadline(timeout_s), limit=limit, window=window, memory=memory)
    async with aclosing(listed) as pages:
        async for page in pages:
            rows = [*([] if page.is_first else rows), *page.rows]
            end = page
    assert end is not None
    return WholeList(rows, end)
