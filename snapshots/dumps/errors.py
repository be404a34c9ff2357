"""Errors of dumps.

    DumpRefused            the whole dump: missing, not an archive, over a limit, or without objects
    └── DumpTooLarge       names the figure and the limit
    DocumentBroken         one file, document or object: it is named and skipped

Messages name the place and the cause. Of the content of a file they repeat names of objects and kinds only.
"""

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Broken:
    """A place that was skipped.

    Attributes:
        path: The path of the file within the dump.
        line: The line; None for the file as a whole.
        cause: The cause.
    """

    path: str
    line: int | None
    cause: str

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' if self.line else ''}: {self.cause}"
