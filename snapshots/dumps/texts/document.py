"""One document of a file."""

from dataclasses import dataclass
from typing import TypeAlias

from snapshots.dumps.errors import DocumentBroken, Lost


@dataclass(frozen=True, slots=True)
class Document:
    """A document as JSON.

    Attributes:
        line: Its first line in the file.
        body: Its JSON, one value.
        is_cut: Whether it is the begin of a list whose rest is broken.
    """

    line: int
    body: bytes
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class BrokenDocument:
    """A document, or an object of one, that could not be read."""

    error: DocumentBroken
    lost: Lost = Lost.DOCUMENT


@dataclass(frozen=True, slots=True)
class SurroundingText:
    """Text before, between or after objects, such as a warning of kubectl.

    Attributes:
        line: Its first line in the file.
        text: Its begin.
    """

    line: int
    text: bytes


FilePart: TypeAlias = Document | BrokenDocument | SurroundingText
