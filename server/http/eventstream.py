"""Responses as server-sent events: `next` for each payload, then `complete`.

Source: https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md, "Distinct connections mode"
"""

from typing import Final

import msgspec

from server.http.framing import Chunks, Errors
from server.http.mediatypes import EVENT_STREAM

_LINE_ENDS: Final = bytes.maketrans(b"\r\n", b"  ")
"""A table of line ends, which would end the data of an event. In JSON they are only between its tokens."""


class EventStream:
    """Events of one operation. Comments are heartbeats, which clients pass over."""

    content_type: Final = f"{EVENT_STREAM}; charset=utf-8"
    beginning: Final = b":\n\n"
    heartbeat: Final = b":\n\n"
    end: Final = b"event: complete\ndata:\n\n"
    """With data: browsers dispatch no event without."""

    def payload(self, body: bytes) -> Chunks:
        """Returns the event of a payload."""
        is_one_line = b"\n" not in body and b"\r" not in body
        return b"event: next\ndata: ", body if is_one_line else body.translate(_LINE_ENDS), b"\n\n"

    def whole(self, body: bytes) -> Chunks:
        """Returns the events of a response that is one payload."""
        return *self.payload(body), self.end

    def failure(self, errors: Errors) -> bytes:
        """Returns the event of errors; the protocol has no other one for them."""
        return b"".join(self.payload(msgspec.json.encode({"errors": errors})))
