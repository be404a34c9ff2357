"""Why a WebSocket is closed: the codes of `graphql-transport-ws`, and of RFC 6455.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from enum import IntEnum


class CloseCode(IntEnum):
    """The codes in use."""

    GOING_AWAY = 1001
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    INTERNAL_SERVER_ERROR = 4500
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    CONNECTION_INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATION_REQUESTS = 4429


class Closed(Exception):
    """The end of a connection.

    Attributes:
        code: The code that the client gets.
        reason: The reason in words, at most 123 bytes in UTF-8 (RFC 6455, section 5.5).
    """

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:123].decode(errors="ignore")
