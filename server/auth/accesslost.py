"""Reasons why a caller may not see the rest of what it asked for."""

from dataclasses import dataclass
from typing import Final

from k8s.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class AccessLost:
    """The reason why a caller may not see the rest of a response.

    Attributes:
        is_retryable: Whether the caller may ask again with the same token.
    """

    message: str
    code: ErrorCode
    is_retryable: bool = False


TOKEN_LOST: Final = AccessLost("The token is no longer valid.", ErrorCode.UNAUTHENTICATED)
RIGHTS_LOST: Final = AccessLost("Your permissions have changed. Ask again.", ErrorCode.FORBIDDEN, is_retryable=True)
UNKNOWN: Final = AccessLost(
    "Your permissions cannot be checked at the moment; try again.", ErrorCode.INTERNAL, is_retryable=True
)
