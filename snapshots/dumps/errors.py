"""What is wrong with a dump.

    DumpRefused            the whole: not there, no archive, over a limit, no objects in it
    └── DumpTooLarge       names the figure and the limit
    DocumentBroken         one file, document or object: it is named and skipped

Messages name the place and the cause and never repeat what a file holds, but for names of objects and kinds.
"""

from dataclasses import dataclass


class DumpRefused(Exception):
    """Nothing of the dump can be used; the message says why, and the way out."""


class DumpTooLarge(DumpRefused):
    """More than allowed.

    Attributes:
        limit: the name of the limit in `DumpLimits`.
    """

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit


class DocumentBroken(Exception):
    """A file, a document or an object that cannot be read.

    Attributes:
        cause: a clause without a full stop.
        line: where, counted from 1; None for the file as a whole.
    """

    def __init__(self, cause: str, *, line: int | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.line = line


@dataclass(frozen=True, slots=True)
class Broken:
    """A place that was skipped.

    Attributes:
        path: the file, as a path within the dump.
        line: where in it; None for the file as a whole.
        cause: why.
    """

    path: str
    line: int | None
    cause: str

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' if self.line else ''}: {self.cause}"
