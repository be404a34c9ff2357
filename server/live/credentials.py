"""The token of a WebSocket: in `connection_init`, since pages of browsers can send no headers with the handshake."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from server.live.closing import CloseCode, Closed

_NAME: Final = "authorization"
_BEARER: Final = re.compile(r"bearer +(\S+)", re.IGNORECASE | re.ASCII)
_INVALID: Final = "The payload of connection_init must be an object; a token is its Authorization: Bearer <token>"


def presented_token(payload: msgspec.Raw) -> str | None:
    """Returns the token in the payload of `connection_init`; None if there is none.

    It is the value of `Authorization`, in upper or lower case, of the payload or of its `headers`.

    Raises:
        Closed: The payload is no object, or has a token in another form, or two of them.
    """
    if not bytes(payload):
        return None
    try:
        values: Any = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Closed(CloseCode.BAD_REQUEST, "Invalid message received") from error
    if values is None:
        return None
    if not isinstance(values, Mapping):
        raise Closed(CloseCode.BAD_REQUEST, _INVALID)
    headers = values.get("headers")
    found = [*_named(values), *(_named(headers) if isinstance(headers, Mapping) else ())]
    if not found:
        return None
    match = _BEARER.fullmatch(found[0]) if isinstance(found[0], str) and len(found) == 1 else None
    if match is None:
        raise Closed(CloseCode.BAD_REQUEST, _INVALID)
    return match[1]


def _named(values: Mapping[str, Any]) -> list[Any]:
    return [value for name, value in values.items() if name.lower() == _NAME and value is not None]
