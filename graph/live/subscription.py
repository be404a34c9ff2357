"""A subscription to one list, for all who ask the same with the same rights."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from graph.engine import Engine
from graph.live.following import Following
from graph.live.livedocument import LiveDocument
from graph.live.liveevaluation import LiveEvaluation, OperationOf, SubscriptionFailed
from graph.live.rowjson import Errors
from graph.request import GraphqlRequest
from resolvers.caller import Caller
from resolvers.fleet.fleet import Fleet
from resolvers.live.dependencies import Dependencies
from resolvers.live.livefleet import LiveFleet
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from resolvers.messages.language import current_language

__all__ = ["LiveQuestion", "SubscriptionFailed"]


class LiveQuestion:
    """A subscription; each of its subscribers takes payloads of its own, which are made once for all of them."""

    def __init__(
        self,
        engine: Engine,
        fleet: Fleet,
        live: LiveDocument,
        request: GraphqlRequest,
        operation_of: OperationOf,
        *,
        memory_of: Callable[[], MemoryShare] | None = None,
    ) -> None:
        """Takes what is evaluated.

        Args:
            engine: Executes the evaluations.
            fleet: The clusters.
            live: The parts of the document.
            request: The request.
            operation_of: Returns an operation that reads some objects of the list from some clusters.
            memory_of: Returns the share of the memory that counts what was sent.
        """
        self._fleet = fleet
        self._live = live
        self._is_explained = request.is_explained
        self._language = current_language()
        self._evaluation = LiveEvaluation(engine, live, request, operation_of)
        self._memory_of = memory_of or (lambda: MemoryBudget().share(live.root.name))
        self._following: Following | None = None

    async def refusal(self) -> Errors:
        """Returns the errors of the arguments and of the selection, if there are any; reads nothing."""
        return await self._evaluation.refusal(LiveFleet(self._fleet, Dependencies(lambda _found, _keys: None)))

    async def payloads(self, caller: Caller) -> AsyncGenerator[bytes, None]:
        """Yields the bodies of responses to one subscriber, one for each payload.

        Raises:
            SubscriptionFailed: The list cannot be evaluated.
            QueryError: The rights of its subscribers have changed.
            StoreError: The registry cannot be read.
        """
        following = self._following
        if following is None or following.is_over:
            following = self._following = Following(
                self._fleet,
                self._live,
                self._evaluation,
                self._memory_of(),
                language=self._language,
                is_explained=self._is_explained,
            )
        try:
            async with aclosing(following.payloads(caller)) as payloads:
                async for payload in payloads:
                    yield payload
        finally:
            if following.is_over and self._following is following:
                self._following = None  # what it holds is freed at once
