"""Cursors: positions in a list, signed so that a client cannot forge them.

A cursor is the position of an object in the list's order (its sort values and its key) with a MAC over the position,
the list's arguments and the caller. So a cursor that was edited, or that belongs to another list or another caller, is
refused. No state is stored: cursors survive restarts, and every replica with the same key accepts them.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from functools import cached_property
from typing import Any, Final

import msgspec

from resolvers.errors import BadUserInput

ObjectKey = tuple[str, ...]
"""Cluster name, namespace (empty for objects of the whole cluster), name: the order of every list.

In a list of several kinds, the kind is between cluster and namespace.
"""


class CursorPlace(msgspec.Struct, frozen=True, array_like=True):
    """The position of an object in a list.

    Attributes:
        values: the object's sort values, as its cluster sent them; empty without `orderBy`.
        key: the object's key.
        token: the API server's own token that continues behind the object, if there is one, or `END`; not a secret. A
            token for the object's namespace alone begins with `IN_NAMESPACE`. In place of a token, `BEHIND` and the
            number of objects of the cluster's list up to this one, as it was then.
    """

    values: list[Any]
    key: ObjectKey
    token: str = ""


END: Final = "end"
"""Takes the place of a token if the cluster has no more objects."""

IN_NAMESPACE: Final = "namespace:"
"""Prefix of a token that is invalid for the list of all namespaces; no token of an API server begins with it."""

BEHIND: Final = "behind:"
"""Prefix of a number of objects; no token of an API server begins with it."""

_MAC_BYTES = 12
_MAX_CHARACTERS = 64 * 1024


def number_behind(token: str) -> int:
    """Returns the number of objects in place of a token; 0 for a token, whatever a cluster sends as one."""
    number = token.removeprefix(BEHIND)
    return int(number) if number != token and len(number) < 10 and number.isascii() and number.isdecimal() else 0


class CursorSigner:
    """Writes and reads the cursors of one caller."""

    def __init__(self, key: bytes, *, owner: str) -> None:
        """Takes the key of all cursors and the unique name of the caller."""
        self._common_key = key
        self._owner = owner

    @cached_property
    def _key(self) -> bytes:
        return hmac.digest(self._common_key, self._owner.encode("utf-8", "surrogatepass"), "sha256")

    def cursor(self, place: CursorPlace, *, scope: bytes) -> str:
        """Returns the cursor of a position in the list of `scope`."""
        payload = msgspec.json.encode(place)
        return urlsafe_b64encode(self._mac(payload, scope) + payload).decode("ascii").rstrip("=")

    def place(self, cursor: str, *, scope: bytes) -> CursorPlace:
        """Returns the position of a cursor.

        Raises:
            BadUserInput: the cursor is invalid, or belongs to another list or caller.
        """
        if len(cursor) <= _MAX_CHARACTERS and cursor.isascii():
            try:
                raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
                mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
                if hmac.compare_digest(mac, self._mac(payload, scope)):
                    place = msgspec.json.decode(payload, type=CursorPlace)
                    if cursor == self.cursor(place, scope=scope):  # base64 decoding is lenient
                        return place
            except (Base64Error, ValueError, msgspec.MsgspecError):
                pass
        raise BadUserInput(
            "after: this is no cursor of this list; pass an endCursor that the same list with the same arguments gave "
            "to the same caller."
        )

    def _mac(self, payload: bytes, scope: bytes) -> bytes:
        return hmac.digest(self._key, scope + b"\x00" + payload, "sha256")[:_MAC_BYTES]
