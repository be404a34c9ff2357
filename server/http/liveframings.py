"""The forms of responses to subscriptions: server-sent events, and Apollo's multipart subscriptions.

Events are `next` for each payload, then `complete`; comments are heartbeats, which clients pass over.
Source: https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md, "Distinct connections mode"

Parts are `{"payload": ...}` for each payload, and empty ones as heartbeats. Each ends with the delimiter of the next,
so that a client knows that it has all of it.
Source: https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from server.http.framing import Chunks, Errors, LiveFraming
from server.http.mediatypes import EVENT_STREAM, MULTIPART, MediaType, StreamFormat

_LINE_ENDS: Final = bytes.maketrans(b"\r\n", b"  ")
"""A table of line ends, which would end the data of an event. In JSON they are only between its tokens."""
_DELIMITER: Final = b"\r\n--graphql"
_PART: Final = f"\r\nContent-Type: {MediaType.JSON}\r\n\r\n".encode()


class EventStream:
    """Server-sent events of one operation."""

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


class SubscriptionParts:
    """Parts of one operation, as Apollo's clients read them."""

    content_type: Final = f'{MULTIPART}; boundary="graphql"; subscriptionSpec=1.0'
    heartbeat: Final = _PART + b"{}" + _DELIMITER
    beginning: Final = _DELIMITER + heartbeat
    """With a heartbeat: proxies and clients see at once that it has begun."""
    end: Final = b"--\r\n"

    def payload(self, body: bytes) -> Chunks:
        """Returns the part of a payload."""
        return _PART + b'{"payload":', body, b"}" + _DELIMITER

    def whole(self, body: bytes) -> Chunks:
        """Returns the parts of a response that is one payload."""
        return self.beginning, *self.payload(body), self.end

    def failure(self, errors: Errors) -> bytes:
        """Returns the part that ends a subscription which the server cannot continue."""
        return _PART + msgspec.json.encode({"payload": None, "errors": errors}) + _DELIMITER


FRAMINGS: Final[Mapping[StreamFormat, LiveFraming]] = {
    StreamFormat.EVENTS: EventStream(),
    StreamFormat.PARTS: SubscriptionParts(),
}
