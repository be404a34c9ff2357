"""Queries to one fleet: their answers, their requests, and the longest stop of the event loop while one is answered."""

from dataclasses import dataclass, field

from bench.measure import longest_stop_s
from graph.engine import Engine
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from resolvers.fleet.fleet import Fleet
from resolvers.operation.explanation import Explanation
from resolvers.operation.operation import Operation


@dataclass(frozen=True)
class Asked:
    """An engine and a fleet that it is asked about.

    Attributes:
        fleet: the fleet.
        engine: the engine.
    """

    fleet: Fleet
    engine: Engine = field(default_factory=Engine)

    async def answer(self, query: str, explanation: Explanation | None = None) -> bytes:
        """Returns the answer to a query; notes its requests in `explanation`.

        Raises:
            RuntimeError: the answer has errors.
        """
        operation = Operation(self.fleet, caller=OPERATOR, cursor_key=b"bench", explanation=explanation)
        answered = await self.engine.execute(GraphqlRequest(query), operation)
        if answered.errors:
            raise RuntimeError(f"the query failed: {answered.errors}")
        return answered.to_json()

    async def longest_stop_s(self, query: str) -> float:
        """Returns the longest stretch of the event loop while a query is answered."""
        return await longest_stop_s(lambda: self.answer(query))
