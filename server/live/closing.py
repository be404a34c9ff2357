"""The ends of WebSockets: the codes of `graphql-transport-ws`, and of RFC 6455.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from enum import IntEnum
from typing import Final

import structlog

_LOG = structlog.stdlib.get_logger("server.live")
_MOST_REASON_BYTES: Final = 123
"""RFC 6455, section 5.5."""


class CloseCode(IntEnum):
    """The codes that the application sends; the protocol itself has 1002, 1007 and 1009."""

    GOING_AWAY = 1001
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    CONNECTION_INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATION_REQUESTS = 4429
    INTERNAL_SERVER_ERROR = 4500


class Closed(Exception):
    """The end of a connection.

    Attributes:
        code: The code that the client gets.
        reason: The reason in words, as far as a frame has room for them.
    """

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_MOST_REASON_BYTES].decode(errors="ignore")


def unexpected() -> Closed:
    """Logs the current exception, and returns the end of the connection on which it was raised."""
    _LOG.exception("unexpected error")
    return Closed(CloseCode.INTERNAL_SERVER_ERROR, "internal error")
