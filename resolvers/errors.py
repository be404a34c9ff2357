"""Errors of a query, with the same attributes as errors of a cluster (`k8s.errors`).

QueryError
├── BadUserInput      BAD_USER_INPUT       an argument is invalid
│   └── UnknownCategory                    no cluster has a category of that name
├── UnknownCluster    NOT_FOUND            no cluster of that name is registered
├── UnknownKind       NOT_FOUND            no cluster serves a kind of that name
├── UnknownGrant      NOT_FOUND            no grant has that id
├── AlreadyGranted    CONFLICT             the same grant exists
├── NotPermitted      FORBIDDEN            the field is for administrators
├── TooFewClusters    CLUSTER_UNREACHABLE  fewer clusters answered than `minClusters`
├── MemoryFull        TOO_MANY_REQUESTS    other operations hold the memory that it needs
└── LimitExceeded     LIMIT_EXCEEDED       a figure is over its limit; the message has both
"""

from collections.abc import Collection, Mapping
from typing import Final

from k8s.errorcode import ErrorCode
from k8s.listednames import all_of, any_of
from resolvers.nearest import nearest

_MOST_NAMED: Final = 5


class QueryError(Exception):
    """A query that cannot be answered; the base of all errors of a query."""

    code = ErrorCode.BAD_USER_INPUT
    retryable = False


class BadUserInput(QueryError):
    """An invalid argument; the message names the argument and the way out."""


class UnknownCluster(QueryError):
    """No cluster of that name is registered.

    Attributes:
        name: The unknown name.
        near: The names that resemble it, of the `known` ones, which are those that exist for the caller.
    """

    code = ErrorCode.NOT_FOUND

    def __init__(self, name: str, known: Collection[str] = ()) -> None:
        self.name, self.near = name, nearest(name, known)
        text = f"No cluster named {name[:63]!r} is registered"
        super().__init__(
            f"{text}; did you mean {any_of(self.near)}? The field `clusters` lists all that are."
            if self.near
            else f"{text}; the field `clusters` lists all that are."
        )


class UnknownKind(QueryError):
    """No cluster serves a kind of that name.

    Attributes:
        name: The unknown name.
        near: The full names of kinds that resemble it.
    """

    code = ErrorCode.NOT_FOUND

    def __init__(self, name: str, known: Mapping[str, str], *, is_answered: bool = True) -> None:
        """Takes the unknown name, the full names of known kinds by plural, and whether all clusters answered."""
        self.name = name
        self.near = [known[plural] for plural in nearest(name.rpartition(" ")[2].partition(".")[0], known)]
        text = f"No cluster {'' if is_answered else 'that answered '}serves a kind named {name[:80]!r}"
        super().__init__(
            f"{text}; did you mean {any_of(self.near)}? The field `kinds` lists all that are served."
            if self.near
            else f"{text}; the field `kinds` lists all that are served."
        )


class UnknownCategory(BadUserInput):
    """No cluster has a category of that name."""

    def __init__(self, name: str, known: Collection[str], *, is_answered: bool = True) -> None:
        """Takes the unknown name, the known categories, and whether all clusters answered."""
        near, some = nearest(name, known), sorted(known)[:_MOST_NAMED]
        text = f"names: no cluster {'' if is_answered else 'that answered '}has a category {name[:80]!r}"
        if near:
            super().__init__(f"{text}; did you mean {any_of(near)}?")
        elif some:
            super().__init__(f"{text}; the field `kinds` lists the categories of each kind, such as {all_of(some)}.")
        else:
            super().__init__(f"{text}, nor any other one.")


class UnknownGrant(QueryError):
    """No grant has that id."""

    code = ErrorCode.NOT_FOUND


class AlreadyGranted(QueryError):
    """The same grant exists; the message names its id."""

    code = ErrorCode.CONFLICT


class NotPermitted(QueryError):
    """A field or mutation that is for administrators."""

    code = ErrorCode.FORBIDDEN


class TooFewClusters(QueryError):
    """Fewer clusters answered than the list requires; the message has the number and the names of the others."""

    code = ErrorCode.CLUSTER_UNREACHABLE
    retryable = True


class MemoryFull(QueryError):
    """Other operations hold the memory that this one needs; the message has the figure, the limit and the setting."""

    code = ErrorCode.TOO_MANY_REQUESTS
    retryable = True


class LimitExceeded(QueryError):
    """A figure over its limit; the message has both."""

    code = ErrorCode.LIMIT_EXCEEDED


def without_frames(error: BaseException) -> None:
    """Removes the tracebacks of an error and of its causes: their frames hold rows, and often the error itself."""
    errors: list[BaseException | None] = [error]
    while errors:
        cause = errors.pop()
        if cause is not None and cause.__traceback__ is not None:
            cause.__traceback__ = None
            errors += [cause.__cause__, cause.__context__, getattr(cause, "original_error", None)]
