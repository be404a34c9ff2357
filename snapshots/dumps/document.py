"""One document of a file."""

from dataclasses import dataclass

from snapshots.dumps.errors import DocumentBroken


@dataclass(frozen=True, slots=True)
class Document:
    """A document as JSON.

    Attributes:
        line: Its first line in the file.
        body: Its JSON, one value.
    """

    line: int
    body: bytes


@dataclass(frozen=True, slots=True)
class BrokenDocument:
    """A document that could not be read."""

    error: DocumentBroken
