"""Results of the evaluation of a list, and the states of its clusters."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from k8s.errors import ClusterError, ErrorCode
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import Key
from resolvers.live.changes import Place, RowChange
from resolvers.messages.translation import localize

AT_ONCE: Final = 500
"""Objects of one evaluation."""
BEGINNING: Final = frozenset({("", "")})
"""No object's key: an evaluation of it begins the watches of a cluster, and waits for their objects."""

Changed: TypeAlias = Mapping[str, frozenset[Key]]
"""The objects of an evaluation, by cluster."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why a cluster is not live, as the answer shows it."""

    code: str
    message: str

    @property
    def is_lost_right(self) -> bool:
        """Returns whether what was sent of the cluster may not be seen any more."""
        return self.code in {ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED}

    @classmethod
    def of(cls, error: ClusterError) -> "Failure":
        """Returns an error in the caller's language."""
        return cls(error.code.value, localize(str(error)))


@dataclass(frozen=True, slots=True)
class ClusterState:
    """The state of the objects of one cluster: how current they are.

    Attributes:
        freshness, since: The state, and its beginning.
        error: The reason if it is not live.
        is_resynced: Whether all rows of the cluster that the subscriber has are void, and come again.
    """

    freshness: Freshness
    since: datetime
    error: Failure | None = None
    is_resynced: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Rows and failures of an evaluation.

    Attributes:
        objects: The selections, as JSON, of those of the objects that are in the list now.
        failures: The errors of clusters that could not be read.
        unsettled: Objects with errors, which are evaluated again after a while.
    """

    objects: Mapping[Place, bytes]
    failures: Mapping[str, Failure] = field(default_factory=dict)
    unsettled: Collection[Place] = ()


Evaluate: TypeAlias = Callable[[Changed], Awaitable[Evaluation]]
Encode: TypeAlias = Callable[[Sequence[RowChange], Mapping[str, ClusterState], str], bytes]
"""Returns a payload as JSON, of its changes, the states of the clusters, and its resume token."""


def by_cluster(places: Iterable[Place]) -> Changed:
    """Returns the keys of places by their clusters."""
    keys: defaultdict[str, set[Key]] = defaultdict(set)
    for cluster, key in places:
        keys[cluster].add(key)
    return {cluster: frozenset(own) for cluster, own in keys.items()}
