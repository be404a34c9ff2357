"""Cursors: where a page of a list begins, in a form that a client cannot make up.

A cursor is the place of an object in the list's order (the values that order it, and its key) with a MAC over that
place, the list's arguments and the caller, so one that was edited, or taken from another list or from somebody else, is
refused. It holds no state: it survives restarts and is good at every replica that has the same key.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from functools import cached_property
from typing import Any, Final

import msgspec

from resolvers.errors import BadUserInput

ObjectKey = tuple[str, str, str]
"""Cluster name, namespace (empty for objects of the whole cluster), name: the order of every list."""


class CursorPlace(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ends.

    Attributes:
        values: those that order the list, as the clusters sent them; empty without `orderBy`.
        key: of the object.
        token: the API server's own token that continues behind the object, where there is one, or `END`; not a secret.
            One that continues within the object's namespace begins with `IN_NAMESPACE`.
    """

    values: list[Any]
    key: ObjectKey
    token: str = ""


END: Final = "end"
"""Stands for a token where the cluster had no more objects."""

IN_NAMESPACE: Final = "namespace:"
"""Begins a token that means nothing for the list of all namespaces; no token of an API server begins so."""

_MAC_BYTES = 12
_LONGEST_CHARACTERS = 64 * 1024


class CursorSigner:
    """Makes cursors of one caller and reads them back."""

    def __init__(self, key: bytes, *, owner: str) -> None:
        """Takes the key of all cursors, and the unique name of the caller whose cursors these are."""
        self._common_key = key
        self._owner = owner

    @cached_property
    def _key(self) -> bytes:
        return hmac.digest(self._common_key, self._owner.encode("utf-8", "surrogatepass"), "sha256")

    def cursor(self, place: CursorPlace, *, scope: bytes) -> str:
        """The cursor of a place in the list that `scope` stands for."""
        payload = msgspec.json.encode(place)
        return urlsafe_b64encode(self._mac(payload, scope) + payload).decode("ascii").rstrip("=")

    def place(self, cursor: str, *, scope: bytes) -> CursorPlace:
        """Where the object of a cursor stands.

        Raises:
            BadUserInput: it is none of ours, or one of another list or caller.
        """
        if len(cursor) <= _LONGEST_CHARACTERS and cursor.isascii():
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
