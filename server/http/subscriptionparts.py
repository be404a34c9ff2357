"""Apollo's multipart subscriptions: a part `{"payload": ...}` for each payload, and empty parts as heartbeats.

Each part ends with the delimiter of the next, so that a client knows that it has all of it.
Source: https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
"""

from typing import Final

import msgspec

from server.http.framing import Chunks, Errors
from server.http.mediatypes import MULTIPART, MediaType

_DELIMITER: Final = b"\r\n--graphql"
_PART: Final = f"\r\nContent-Type: {MediaType.JSON}\r\n\r\n".encode()


class SubscriptionParts:
    """Parts of one operation."""

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
