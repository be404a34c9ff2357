"""Changes of the rows of a list, found by comparing what an evaluation gives with what was sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import TypeAlias

from k8s.watches.heldobjects import Key

Place: TypeAlias = tuple[str, Key]
"""An object: the name of its cluster, and its namespace and name there."""


class ChangeType(StrEnum):
    """What happened to an object, as the list is."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Change:
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


class SentRows:
    """The rows that all up-to-date subscribers have: a digest of 8 bytes each."""

    def __init__(self) -> None:
        self._digests: dict[Place, bytes] = {}

    def __iter__(self) -> Iterator[Place]:
        return iter(self._digests)

    def __len__(self) -> int:
        return len(self._digests)

    def __contains__(self, place: Place) -> bool:
        return place in self._digests

    def differences(self, places: Iterable[Place], now: Mapping[Place, bytes], initial: set[Place]) -> list[Change]:
        """Returns the changes of some rows, and remembers them as sent.

        Args:
            places: The rows that were evaluated.
            now: The JSON of those of them that are in the list now.
            initial: Rows that belong to the state at the beginning of their cluster; those that are found leave it.
        """
        changes = []
        for place in places:
            json, before = now.get(place), self._digests.get(place)
            is_initial = place in initial
            initial.discard(place)
            if json is None:
                if before is not None:
                    del self._digests[place]
                    changes.append(Change(ChangeType.DELETED, place, None, is_initial))
                continue
            digest = blake2b(json, digest_size=8).digest()
            if digest != before:
                self._digests[place] = digest
                happened = ChangeType.ADDED if before is None else ChangeType.MODIFIED
                changes.append(Change(happened, place, json, is_initial))
        return changes

    def withdraw(self, cluster: str) -> list[Change]:
        """Returns the deletion of all rows of a cluster, which may not be seen any more."""
        places = [place for place in self._digests if place[0] == cluster]
        for place in places:
            del self._digests[place]
        return [Change(ChangeType.DELETED, place) for place in places]
