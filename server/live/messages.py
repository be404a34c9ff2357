"""The messages of `graphql-transport-ws`: JSON objects with a type, one in each text frame.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from server.live.closing import CloseCode, Closed

SUBPROTOCOL: Final = "graphql-transport-ws"
_LONGEST_ID: Final = 256
"""Characters of the id of an operation, which is repeated in each message about it."""
_LONGEST_PING_BYTES: Final = 1024
"""Bytes of the payload of a ping, which is repeated in the answer."""

ClientType = Literal["connection_init", "ping", "pong", "subscribe", "complete"]


class ClientMessage(msgspec.Struct, gc=False):
    """A message of a client.

    Attributes:
        type: Its type.
        id: The id of the operation that it is about; empty if it is about none.
        payload: Its payload in the bytes of the client; empty if there is none.
    """

    type: ClientType
    id: str = ""
    payload: msgspec.Raw = msgspec.Raw()


_MESSAGES: Final = msgspec.json.Decoder(ClientMessage)


def read_message(text: str) -> ClientMessage:
    """Returns a message; raises `Closed` if it is none."""
    try:
        message = _MESSAGES.decode(text)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise Closed(CloseCode.BAD_REQUEST, "Invalid message received") from error
    if message.type in {"subscribe", "complete"} and not 0 < len(message.id) <= _LONGEST_ID:
        raise Closed(CloseCode.BAD_REQUEST, f"A {message.type} must have an id of at most {_LONGEST_ID} characters")
    if message.type in {"ping", "pong"}:
        _check_ping(message.type, bytes(message.payload))
    return message


def _check_ping(kind: str, payload: bytes) -> None:
    if len(payload) > _LONGEST_PING_BYTES or payload.lstrip()[:1] not in {b"", b"{", b"n"}:
        text = f"The payload of a {kind} must be an object of at most {_LONGEST_PING_BYTES} bytes"
        raise Closed(CloseCode.BAD_REQUEST, text)


def acknowledged() -> bytes:
    """Returns the answer to `connection_init`."""
    return b'{"type":"connection_ack"}'


def pong(payload: msgspec.Raw) -> bytes:
    """Returns the answer to a ping, with its payload."""
    return b'{"type":"pong"' + (b',"payload":' + bytes(payload) if bytes(payload) else b"") + b"}"


def next_of(operation: str, body: bytes) -> bytes:
    """Returns a message with a response or one of its payloads."""
    return b'{"id":' + msgspec.json.encode(operation) + b',"type":"next","payload":' + body + b"}"


def error_of(operation: str, errors: Sequence[Mapping[str, object]]) -> bytes:
    """Returns the end of an operation with errors."""
    return msgspec.json.encode({"id": operation, "type": "error", "payload": errors})


def complete(operation: str) -> bytes:
    """Returns the end of an operation."""
    return msgspec.json.encode({"id": operation, "type": "complete"})
