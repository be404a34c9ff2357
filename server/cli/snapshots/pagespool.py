"""The pages of one list on disk, before they go to an archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Final

_IN_MEMORY_BYTES: Final = 16 * 1024 * 1024


@dataclass(slots=True)
class PageSpool:
    """The pages of one list on disk, so that a list that has to restart leaves nothing in the archive."""

    file: IO[bytes]
    sizes: list[int] = field(default_factory=list)
    objects: int = 0
    resource_version: str = ""

    def put(self, body: bytes, objects: int) -> None:
        """Adds a page."""
        self.file.write(body)
        self.sizes.append(len(body))
        self.objects += objects

    def clear(self) -> None:
        """Removes all pages."""
        self.file.truncate(0)
        self.file.seek(0)
        self.sizes.clear()
        self.objects = 0

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(0)
        for size in self.sizes:
            yield self.file.read(size)


@contextmanager
def empty_pages() -> Iterator[PageSpool]:
    """Yields a spool that is deleted afterwards."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as file:
        yield PageSpool(file)
