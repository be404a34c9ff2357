"""A subscription to one list, for all who ask the same with the same rights."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from graph.engine import Engine
from graph.live.livedocument import LiveDocument
from graph.live.liveevaluation import LiveEvaluation, OperationOf, SubscriptionFailed
from graph.live.liverun import LiveRun, RunSettings
from graph.live.livetotals import CountPace
from graph.live.totalsjson import Errors
from graph.request import GraphqlRequest
from resolvers.caller import Caller
from resolvers.fleet.fleet import Fleet
from resolvers.live.changes import ChangeFigures
from resolvers.live.dependencies import Dependencies
from resolvers.live.livefleet import LiveFleet, OtherRights
from resolvers.live.resuming.resumetokens import ResumePlace, ResumeTokens
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from resolvers.messages.language import current_language

__all__ = ["LiveQuestion", "LiveSubscription", "SubscriptionFailed"]


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
        tokens: ResumeTokens | None = None,
        pace: CountPace | None = None,
        figures: ChangeFigures | None = None,
    ) -> None:
        """Takes what is evaluated.

        Args:
            engine: Executes the evaluations.
            fleet: The clusters.
            live: The parts of the document.
            request: The request.
            operation_of: Returns an operation that reads some objects of the list from some clusters.
            memory_of: Returns the share of the memory that counts what was sent.
            tokens: Writes resume tokens, if they are selected.
            pace: The pace of counts of totals; None for one of its own.
            figures: The figures of all subscriptions; None for those of this one.
        """
        self._fleet = fleet
        self._live = live
        tokens = tokens if live.selects("resume") else None
        self._settings = RunSettings(
            current_language(), request.is_explained, tokens, pace or CountPace(), figures or ChangeFigures()
        )
        self._evaluation = LiveEvaluation(engine, live, request, operation_of)
        self._memory_of = memory_of or (lambda: MemoryBudget().share(live.root.name))
        self._run: LiveRun | None = None

    async def refusal(self) -> Errors:
        """Returns the errors of the arguments and of the selection, if there are any; reads nothing."""
        return await self._evaluation.refusal(LiveFleet(self._fleet, Dependencies(lambda _found, _before: None)))

    async def payloads(self, caller: Caller, place: ResumePlace | None = None) -> AsyncGenerator[bytes, None]:
        """Yields the bodies of responses to one subscriber, one for each payload; continues at a place.

        Raises:
            SubscriptionFailed: The list cannot be evaluated.
            StoreError: The registry cannot be read.
        """
        while True:
            run = self._run
            if run is None or run.is_over:
                run = self._run = LiveRun(self._fleet, self._live, self._evaluation, self._memory_of(), self._settings)
            try:
                async with aclosing(run.payloads(caller, place)) as payloads:
                    async for payload in payloads:
                        yield payload
                        del payload  # it is large
                return
            except OtherRights:  # before its first payload
                if self._run is run:
                    self._run = None  # it goes on for those whom it has
            finally:
                if run.is_over and self._run is run:
                    self._run = None  # what it holds is freed at once


@dataclass(frozen=True, slots=True)
class LiveSubscription:
    """One subscriber's part in a subscription.

    Attributes:
        question: The subscription.
        place: What the subscriber has already; None for nothing.
    """

    question: LiveQuestion
    place: ResumePlace | None = None

    def payloads(self, caller: Caller) -> AsyncGenerator[bytes, None]:
        """Yields the bodies of responses; raises as `LiveQuestion.payloads`."""
        return self.question.payloads(caller, self.place)
