"""Errors of a question, as against those of a cluster (`k8s.errors`), with the same attributes.

QueryError
├── BadUserInput      BAD_USER_INPUT   an argument cannot be meant as it stands
├── UnknownCluster    NOT_FOUND        no cluster of that name is registered
└── LimitExceeded     LIMIT_EXCEEDED   names the figure and the limit
"""

from k8s.errors import ErrorCode


class QueryError(Exception):
    """What was asked cannot be answered; nothing was sent to any cluster."""

    code = ErrorCode.BAD_USER_INPUT
    retryable = False


class BadUserInput(QueryError):
    """An argument cannot be meant as it stands; the message names it and the way out."""


class UnknownCluster(QueryError):
    """No cluster of that name is registered."""

    code = ErrorCode.NOT_FOUND

    def __init__(self, name: str) -> None:
        super().__init__(f"No cluster named {name[:63]!r} is registered; the field `clusters` lists all that are.")


class LimitExceeded(QueryError):
    """More than allowed; the message names the figure and the limit."""

    code = ErrorCode.LIMIT_EXCEEDED
