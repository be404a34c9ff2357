"""One held object: its memory, and its identity."""

from hashlib import blake2b
from sys import getsizeof
from typing import Final

import msgspec

from k8s.watches.keyorder import Key
from k8s.watches.packing import unpacked_bytes

_OVERHEAD_BYTES: Final = 330
"""Memory of an object apart from its texts and its JSON: its places in tables."""
_MOST_PACKED: Final = 50
"""The rate of compression above which an object counts as if it were larger: each evaluation unpacks it."""
_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TYPE: Final = frozenset({"kind", "apiVersion"})


class Held(msgspec.Struct, gc=False, frozen=True):
    """One object.

    Attributes:
        uid: Its uid.
        version: Its resource version.
        packed: Its JSON (`k8s.watches.packing`).
    """

    uid: str
    version: str
    packed: bytes

    def size_bytes(self, key: Key) -> int:
        """Returns about the memory of the object and its key."""
        texts = sum(map(getsizeof, (*key, self.uid, self.version)))
        return _OVERHEAD_BYTES + texts + max(len(self.packed), unpacked_bytes(self.packed) // _MOST_PACKED)


def are_alike(one: bytes, other: bytes) -> bool:
    """Returns whether two objects are equal but for their type, which lists leave out and events have."""
    return one == other or _parts(one) == _parts(other)


def member_hash(key: Key, uid: str) -> int:
    """Returns a hash of an object's identity, the same in every process; it fits 64 bits."""
    text = "\n".join((*key, uid)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


def _parts(json: bytes) -> dict[str, bytes]:
    return {name: bytes(part) for name, part in _PARTS.decode(json).items() if name not in _TYPE}
