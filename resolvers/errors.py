"""Errors of a question, as against those of a cluster (`k8s.errors`), with the same attributes.

QueryError
├── BadUserInput      BAD_USER_INPUT       an argument cannot be meant as it stands
├── UnknownCluster    NOT_FOUND            no cluster of that name is registered
├── UnknownGrant      NOT_FOUND            no grant has that id
├── AlreadyGranted    CONFLICT             the same grant is there
├── NotPermitted      FORBIDDEN            it is for administrators
├── TooFewClusters    CLUSTER_UNREACHABLE  fewer answered than `minClusters` wants
├── MemoryFull        TOO_MANY_REQUESTS    others hold the memory that it needs
└── LimitExceeded     LIMIT_EXCEEDED       names the figure and the limit
"""

from k8s.errors import ErrorCode


class QueryError(Exception):
    """What was asked cannot be answered as it was asked."""

    code = ErrorCode.BAD_USER_INPUT
    retryable = False


class BadUserInput(QueryError):
    """An argument cannot be meant as it stands; the message names it and the way out."""


class UnknownCluster(QueryError):
    """No cluster of that name is registered."""

    code = ErrorCode.NOT_FOUND

    def __init__(self, name: str) -> None:
        super().__init__(f"No cluster named {name[:63]!r} is registered; the field `clusters` lists all that are.")


class UnknownGrant(QueryError):
    """No grant has that id."""

    code = ErrorCode.NOT_FOUND


class AlreadyGranted(QueryError):
    """The same grant is there; the message names its id."""

    code = ErrorCode.CONFLICT


class NotPermitted(QueryError):
    """It is for administrators."""

    code = ErrorCode.FORBIDDEN


class TooFewClusters(QueryError):
    """Fewer clusters answered than the list wants; the message says how many, and which did not."""

    code = ErrorCode.CLUSTER_UNREACHABLE
    retryable = True


class MemoryFull(QueryError):
    """Other operations hold the memory that it needs; the message names the figure, the limit and the setting."""

    code = ErrorCode.TOO_MANY_REQUESTS
    retryable = True


class LimitExceeded(QueryError):
    """More than allowed; the message names the figure and the limit."""

    code = ErrorCode.LIMIT_EXCEEDED


def without_frames(error: BaseException) -> None:
    """Removes the tracebacks of an error and of its causes: their frames hold rows, and often the error itself."""
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop()
        if found is not None and found.__traceback__ is not None:
            found.__traceback__ = None
            waiting += [found.__cause__, found.__context__, getattr(found, "original_error", None)]
