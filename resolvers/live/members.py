"""The clusters of a list that is followed, as its callers may see them."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from k8s.watches.sharedwatches import SharedWatches


@dataclass(frozen=True, slots=True)
class Member:
    """A cluster that exists for the callers of a list.

    Attributes:
        id: Its id: another cluster may get its name.
        identity: A digest of its id and of the rights there, the same in every process.
        rights: Equal for callers whose requests have the same identity with the same rights.
        watches: The watches of the identity; None for a cluster that cannot be watched.
    """

    id: str
    identity: bytes
    rights: Hashable = None
    watches: SharedWatches | None = None


Members: TypeAlias = Callable[[], Awaitable[Mapping[str, Member]]]
