"""The subscriptions that run, so that equal ones of equal rights are evaluated and encoded once."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Final
from weakref import WeakValueDictionary

from graph.live.livedocument import LiveDocument
from graph.live.subscribersfleet import rights
from graph.live.subscription import LiveQuestion
from graph.request import GraphqlRequest
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.messages.language import current_language

_CURSORS: Final = ("cursor", "startCursor", "endCursor")
"""Fields whose values are for one caller only."""


class LiveQuestions:
    """Subscriptions by all that their payloads depend on; each is held by its subscribers alone."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[Hashable, LiveQuestion] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._known)

    def find(
        self, live: LiveDocument, request: GraphqlRequest, caller: Caller, clusters: Sequence[FleetCluster]
    ) -> LiveQuestion | None:
        """Returns the subscription that is there already; None if there is none."""
        return self._known.get(_key(live, request, caller, clusters))

    def add(
        self,
        live: LiveDocument,
        request: GraphqlRequest,
        caller: Caller,
        clusters: Sequence[FleetCluster],
        question: LiveQuestion,
    ) -> LiveQuestion:
        """Adds a subscription; returns the one that was added meanwhile, if there is one."""
        return self._known.setdefault(_key(live, request, caller, clusters), question)


def _key(live: LiveDocument, request: GraphqlRequest, caller: Caller, clusters: Sequence[FleetCluster]) -> Hashable:
    is_own = any(name in live.query for name in _CURSORS) or any(cluster.rights is None for cluster in clusters)
    return (
        replace(live, resume=""),
        frozenset(rights(clusters).items()),
        caller.is_administrator,
        caller if is_own else None,
        current_language(),
        request.is_explained,
        request.is_persisted,
    )
