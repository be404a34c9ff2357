"""One document of a file."""

from dataclasses import dataclass

from snapshots.dumps.errors import DocumentBroken


@dataclass(frozen=True, slots=True)
class Document:
    """A document as JSON.

    Attributes:
        line: where it begins in its file.
        body: its JSON, one value.
    """

    line: int
    body: bytes


@dataclass(frozen=True, slots=True)
class BrokenDocument:
    """A document that could not be read, among others that may."""

    error: DocumentBroken
