"""Errors of dumps.

    DumpRefused            the whole dump: missing, not an archive, over a limit, or without objects
    └── DumpTooLarge       names the figure and the limit
    DocumentBroken         one file, document or object: it is named and skipped

Messages name the place and the cause. Of the content of a file they repeat names of objects, kinds and keys, and the
begin of text around objects.
"""

from dataclasses import dataclass
from enum import StrEnum


class DumpRefused(Exception):
    """The whole dump is unusable; the message has the cause and the way out."""


class DumpTooLarge(DumpRefused):
    """The dump exceeds a limit.

    Attributes:
        limit: The name of the limit in `DumpLimits`.
    """

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit


class DocumentBroken(Exception):
    """A file, a document or an object that cannot be read.

    Attributes:
        cause: A clause without a full stop.
        line: The line, counted from 1; None for the file as a whole.
    """

    def __init__(self, cause: str, *, line: int | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.line = line


class Lost(StrEnum):
    """The things that are missing from a dump: objects, files or documents with any number of them, or text."""

    OBJECT = "object"
    DOCUMENT = "document"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Broken:
    """A place that was skipped.

    Attributes:
        path: The path of the file within the dump.
        line: The line; None for the file as a whole.
        cause: The cause.
        lost: The thing that is missing.
        count: The number of these things.
    """

    path: str
    line: int | None
    cause: str
    lost: Lost = Lost.DOCUMENT
    count: int = 1

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' if self.line else ''}: {self.cause}"
