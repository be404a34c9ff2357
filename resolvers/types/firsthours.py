"""The hour in which each custom kind was first learned from any cluster: earlier kinds keep names and types.

Hours are coarse enough that replicas, each of which learns by itself, agree; a store has them for after a restart.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from k8s.schemas.kindschema import KindKey

_HOUR_S: Final = 3600
_SURPLUS: Final = 1000


def hour_now() -> int:
    """Returns the hour since 1970."""
    return int(time.time()) // _HOUR_S


class FirstHours:
    """The hours by kind.

    Attributes:
        by_kind: Each hour; do not change it.
    """

    def __init__(self, clock: Callable[[], int] = hour_now) -> None:
        self.by_kind: dict[KindKey, int] = {}
        self._clock = clock
        self._retained = 0

    def learn(self, kinds: Iterable[KindKey]) -> None:
        """Adds kinds that are served now."""
        hour = self._clock()
        for kind in kinds:
            self.by_kind.setdefault(kind, hour)

    def restore(self, hours: Mapping[KindKey, int]) -> None:
        """Adds kinds with their hours; of two hours of a kind, the earlier one counts."""
        known = self.by_kind
        for kind, hour in hours.items():
            known[kind] = min(hour, known.get(kind, hour))

    def of(self, kinds: Iterable[KindKey]) -> Mapping[KindKey, int]:
        """Returns the hours of some kinds."""
        return {kind: self.by_kind[kind] for kind in kinds if kind in self.by_kind}

    def forget_others(self, served: Callable[[], Collection[KindKey]]) -> None:
        """Forgets kinds that are not served any more, when many have come since the last time."""
        if len(self.by_kind) > 2 * self._retained + _SURPLUS:
            self.by_kind = dict(self.of(served()))
            self._retained = len(self.by_kind)
