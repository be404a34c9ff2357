"""The subscriptions that run, so that equal ones of equal rights are evaluated and encoded once."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakValueDictionary

from graph.live.livedocument import LiveDocument
from graph.live.livetotals import CountPace
from graph.live.subscription import LiveQuestion
from graph.request import GraphqlRequest
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.live.changes import ChangeFigures
from resolvers.messages.language import Language, current_language

_CURSORS: Final = ("cursor", "startCursor", "endCursor")
"""Fields whose values are for one caller only."""


@dataclass(frozen=True, slots=True)
class QuestionKey:
    """All that the payloads of a subscription depend on."""

    live: LiveDocument
    rights: frozenset[tuple[str, Hashable]]
    is_administrator: bool
    caller: Caller | None
    language: Language
    is_explained: bool
    is_persisted: bool


class LiveQuestions:
    """Subscriptions by their keys; each is held by its subscribers alone.

    Attributes:
        pace: The pace of counts of their totals.
        figures: Their figures, for metrics.
    """

    def __init__(self) -> None:
        self.pace, self.figures = CountPace(), ChangeFigures()
        self._known: WeakValueDictionary[QuestionKey, LiveQuestion] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._known)

    def find(self, key: QuestionKey) -> LiveQuestion | None:
        """Returns the subscription that is there already; None if there is none."""
        return self._known.get(key)

    def add(self, key: QuestionKey, question: LiveQuestion) -> LiveQuestion:
        """Adds a subscription; returns the one that was added meanwhile, if there is one."""
        return self._known.setdefault(key, question)


def question_key(
    live: LiveDocument, request: GraphqlRequest, caller: Caller, clusters: Sequence[FleetCluster]
) -> QuestionKey:
    """Returns the key of a subscription of a caller, for whom some clusters exist."""
    has_cursors = any(name in live.query + live.totals for name in _CURSORS)
    is_own = has_cursors or any(cluster.rights is None for cluster in clusters)
    return QuestionKey(
        replace(live, resume=""),
        frozenset(_rights(clusters).items()),
        caller.is_administrator,
        caller if is_own else None,
        current_language(),
        request.is_explained,
        request.is_persisted,
    )


def _rights(clusters: Sequence[FleetCluster]) -> Mapping[str, Hashable]:
    """Returns the rights in each cluster by its id; callers of equal ones share what is read."""
    return {cluster.id: (cluster.name, cluster.updated_at, cluster.rights) for cluster in clusters}
