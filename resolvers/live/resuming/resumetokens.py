"""Resume tokens: what a subscriber has of each cluster, signed so that a client cannot forge it.

A token has no objects. Of each cluster it has the resource versions of the watches, from which what changed since can
be watched, and sums by which the server knows whether the client has exactly the rows of now. No state is stored: a
token survives restarts, and every replica with the same key accepts it.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

import msgspec

from resolvers.errors import BadUserInput
from resolvers.live.changes import RowSums

_MAC_BYTES: Final = 12
_MAX_CHARACTERS: Final = 256 * 1024


class WatchPlace(msgspec.Struct, frozen=True, array_like=True):
    """One watch that a cluster's rows depend on.

    Attributes:
        target: A digest of its target.
        version: The resource version up to which the rows show it.
        members: The sum of the hashes of its objects' names and uids at that version.
        is_root: Whether its objects are those of the list.
        is_link: Whether its objects are those of links.
        content: The sum of the hashes of what links read of its objects; 0 if it is unknown.
    """

    target: bytes
    version: str
    members: int
    is_root: bool
    is_link: bool
    content: int = 0


class ClusterPlace(msgspec.Struct, frozen=True, array_like=True):
    """The part of one cluster that a subscriber has.

    Attributes:
        identity: A digest of the cluster's id and of the rights there.
        rows: The number of rows; negative for those of an evaluation that was not complete.
        keys, content: The sums of the rows (`RowSums`).
        watches: The watches, ordered by their targets; None if not all are known.
    """

    identity: bytes
    rows: int = 0
    keys: int = 0
    content: int = 0
    watches: tuple[WatchPlace, ...] | None = None

    @classmethod
    def incomplete(cls, identity: bytes) -> "ClusterPlace":
        """Returns a place between two states of the list, from which nothing can be continued."""
        return cls(identity, -1)

    @property
    def sums(self) -> RowSums:
        """A summary of the rows."""
        return RowSums(self.rows, self.keys, self.content)


@dataclass(frozen=True, slots=True)
class ResumePlace:
    """The parts of all clusters that a subscriber has.

    Attributes:
        clusters: Its place in each cluster of which it has rows, by name.
    """

    clusters: Mapping[str, ClusterPlace] = field(default_factory=dict)


_CLUSTERS: Final = msgspec.msgpack.Decoder(dict[str, ClusterPlace])


class ResumeTokens:
    """Writes and reads the tokens of one question."""

    def __init__(self, key: bytes, scope: bytes) -> None:
        """Takes the key of all cursors, and a digest of the question."""
        self._key = hmac.digest(key, b"resume", "sha256")
        self._scope = scope

    def token(self, place: ResumePlace) -> str:
        """Returns the token of a place."""
        payload = msgspec.msgpack.encode(place.clusters)
        return urlsafe_b64encode(self._mac(payload) + payload).decode("ascii").rstrip("=")

    def read(self, token: str) -> ResumePlace:
        """Returns the place of a token.

        Raises:
            BadUserInput: The token is invalid, or belongs to another question.
        """
        if len(token) <= _MAX_CHARACTERS and token.isascii():
            try:
                raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
                if hmac.compare_digest(raw[:_MAC_BYTES], self._mac(raw[_MAC_BYTES:])):
                    return ResumePlace(_CLUSTERS.decode(raw[_MAC_BYTES:]))
            except (Base64Error, ValueError, msgspec.MsgspecError):
                pass
        raise BadUserInput(
            "resume: this is no token of this subscription; pass the `resume` of a payload that the same subscription "
            "with the same arguments gave."
        )

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, self._scope + b"\x00" + payload, "sha256")[:_MAC_BYTES]


def digest_of(*texts: str) -> bytes:
    """Returns a digest of 8 bytes of some texts, the same in every process."""
    return blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
