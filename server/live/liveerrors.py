"""Errors of live connections as clients get them."""

from typing import Final

from k8s.errors import ErrorCode
from resolvers.messages.translation import localize
from server.http.framing import Errors

_RETRYABLE: Final = frozenset({ErrorCode.INTERNAL, ErrorCode.TOO_MANY_REQUESTS})


def live_errors(message: str, code: ErrorCode, *, is_retryable: bool | None = None) -> Errors:
    """Returns the errors with which an operation ends.

    Args:
        message: The message.
        code: The code.
        is_retryable: Whether the same operation may succeed later; None if the code says it.
    """
    retryable = code in _RETRYABLE if is_retryable is None else is_retryable
    return ({"message": localize(message), "extensions": {"code": code.value, "retryable": retryable}},)
