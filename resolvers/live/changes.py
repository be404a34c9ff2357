"""Changes of the rows of a list, found by comparing what an evaluation gives with what was sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Final, TypeAlias

from k8s.watches.heldobjects import Key

Place: TypeAlias = tuple[str, Key]
"""An object: the name of its cluster, and its namespace and name there."""

_MOST_KEPT_BYTES: Final = 1024 * 1024
"""JSON of rows that are kept of one cluster and list."""


class ChangeType(StrEnum):
    """An event of a row: what happened to it in this list."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class RowChange:
    """One change.

    Attributes:
        type: What happened.
        place: The object.
        object: Its selection as JSON; None for a deleted one.
        is_initial: Whether it belongs to the state at the beginning.
    """

    type: ChangeType
    place: Place
    object: bytes | None = None
    is_initial: bool = False


@dataclass(slots=True)
class ChangeFigures:
    """The figures of all lists of a process, for metrics.

    Attributes:
        payloads: Payloads that were sent, one for each subscriber.
        coalesced: Changes of objects whose change before had not been sent yet: one change tells both.
    """

    payloads: int = 0
    coalesced: int = 0


@dataclass(frozen=True, slots=True)
class RowSums:
    """A summary of rows, which is the same in every process for the same rows.

    Attributes:
        rows: Their number.
        keys: The sum of the hashes of their keys (`key_hash`).
        content: The sum of the hashes of their keys and their JSON.
    """

    rows: int = 0
    keys: int = 0
    content: int = 0


class SentRows:
    """The rows of one cluster that all up-to-date subscribers have: a digest of 8 bytes each.

    Those that a subscriber began with are kept for others who come soon after it, as after a restart.
    """

    def __init__(self, cluster: str) -> None:
        """Takes the name of the cluster."""
        self._cluster = cluster
        self._digests: dict[Key, bytes] = {}
        self._keys = self._content = 0
        self._kept: dict[Key, bytes] = {}
        self._kept_bytes, self._is_kept_used = 0, False

    def __len__(self) -> int:
        return len(self._digests)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._digests)

    def __contains__(self, key: Key) -> bool:
        return key in self._digests

    @property
    def sums(self) -> RowSums:
        """A summary of the rows."""
        return RowSums(len(self._digests), self._keys, self._content)

    def copy(self) -> "SentRows":
        """Returns the rows as they are now."""
        copied = SentRows(self._cluster)
        copied._digests = dict(self._digests)
        copied._keys, copied._content = self._keys, self._content
        return copied

    def sums_without(self, keys: Iterable[Key]) -> RowSums:
        """Returns a summary of the rows that are not among `keys`."""
        rows, of_keys, content = len(self._digests), self._keys, self._content
        for key in keys:
            if (digest := self._digests.get(key)) is not None:
                rows -= 1
                of_keys -= key_hash(key)
                content -= _row_hash(key, digest)
        return RowSums(rows, of_keys % 2**64, content % 2**64)

    def differences(self, keys: Iterable[Key], now: Mapping[Place, bytes], initial: set[Key]) -> list[RowChange]:
        """Returns the changes of some rows, and remembers them as sent.

        Args:
            keys: The rows that were evaluated.
            now: The JSON of those of them that are in the list now.
            initial: Rows that belong to the state at the beginning of the cluster; those that are found leave it.
        """
        changes = []
        for key in keys:
            place = (self._cluster, key)
            json, before = now.get(place), self._digests.get(key)
            is_initial = key in initial
            initial.discard(key)
            if json is None:
                if before is not None:
                    self._remove(key)
                    changes.append(RowChange(ChangeType.DELETED, place, None, is_initial))
                continue
            digest = blake2b(json, digest_size=8).digest()
            if digest != before:
                self._put(key, digest, before)
                happened = ChangeType.ADDED if before is None else ChangeType.MODIFIED
                changes.append(RowChange(happened, place, json, is_initial))
        return changes

    def kept(self) -> Mapping[Key, bytes]:
        """Returns the JSON of rows that are kept; they are as they were sent."""
        self._is_kept_used = True
        return dict(self._kept)

    def keep(self, key: Key, json: bytes) -> None:
        """Keeps the JSON of a sent row, unless much is kept."""
        if self._kept_bytes < _MOST_KEPT_BYTES and key not in self._kept:
            self._kept[key] = json
            self._kept_bytes += len(json)

    def tidy(self) -> None:
        """Keeps nothing any more, unless it was used since the last call."""
        if not self._is_kept_used:
            self._forget(*self._kept)
        self._is_kept_used = False

    def withdraw(self) -> list[RowChange]:
        """Returns the deletion of all rows, which may not be seen any more."""
        withdrawn = [RowChange(ChangeType.DELETED, (self._cluster, key)) for key in self._digests]
        self._digests.clear()
        self._keys = self._content = 0
        self._forget(*self._kept)
        return withdrawn

    def _forget(self, *keys: Key) -> None:
        for key in keys:
            self._kept_bytes -= len(self._kept.pop(key, b""))

    def _put(self, key: Key, digest: bytes, before: bytes | None) -> None:
        self._forget(key)
        if before is None:
            self._keys = (self._keys + key_hash(key)) % 2**64
        else:
            self._content -= _row_hash(key, before)
        self._content = (self._content + _row_hash(key, digest)) % 2**64
        self._digests[key] = digest

    def _remove(self, key: Key) -> None:
        self._forget(key)
        self._content = (self._content - _row_hash(key, self._digests.pop(key))) % 2**64
        self._keys = (self._keys - key_hash(key)) % 2**64


def key_hash(key: Key) -> int:
    """Returns a hash of a key, the same in every process; it fits 64 bits."""
    return _hash("\n".join(key).encode("utf-8", "surrogatepass"))


def _row_hash(key: Key, digest: bytes) -> int:
    return _hash("\n".join(key).encode("utf-8", "surrogatepass") + b"\0" + digest)


def _hash(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big")
