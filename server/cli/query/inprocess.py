"""Queries that this process runs, against the registered clusters, as their operator.

No server may have learned the custom kinds of clusters yet, or none since a definition came. So a query with an unknown
kind is tried again after they were learned.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final

import msgspec

from graph.answer import Answer
from graph.live.subscription import LiveSubscription, SubscriptionFailed
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.cli.query.answered import Answered
from server.composition.executor import opened_executor
from server.composition.registry import opened_registry
from server.observe.logs import logging_to_file
from server.operationexecutor import OperationExecutor
from server.serve.typelearning import TypeRounds
from server.settings.settings import load_settings

_LEARNING_S: Final = 10.0
"""Seconds for all clusters together; the types of those that are slower stay unknown."""
_UNKNOWN_KIND: Final = re.compile(r"Cannot query field '\w+' on type '(Query|Cluster|Namespace)'|Unknown type '\w+'")


@asynccontextmanager
async def opened_registered_clusters() -> AsyncIterator["ThisProcess"]:
    """Opens an executor over the registered clusters.

    Raises:
        SettingsError: A setting is invalid.
        StoreError: The registry cannot be read.
    """
    settings = load_settings()
    with logging_to_file(settings):
        async with opened_registry(settings) as registry, opened_executor(settings, registry) as executor:
            yield ThisProcess(executor)


class ThisProcess:
    """Runs requests in this process."""

    def __init__(self, executor: OperationExecutor) -> None:
        self._executor = executor

    async def __call__(self, request: GraphqlRequest, /) -> Answered:
        """Returns the response to a request."""
        answer = await self._executor.execute(request, OPERATOR)
        if not answer.executed and _names_an_unknown_kind(answer.errors):
            await _learn(self._executor)
            answer = await self._executor.execute(request, OPERATOR)
        return Answered(answer.to_json(), executed=answer.executed)

    async def payloads(self, request: GraphqlRequest, /) -> AsyncGenerator[bytes, None]:
        """Yields the payloads of a subscription; the last one has errors without data if it is refused."""
        question = await self._executor.subscribe(request, OPERATOR)
        if isinstance(question, Answer) and _names_an_unknown_kind(question.errors):
            await _learn(self._executor)
            question = await self._executor.subscribe(request, OPERATOR)
        if not isinstance(question, LiveSubscription):
            yield b"" if question is None else question.to_json()
            return
        try:
            async with aclosing(question.payloads(OPERATOR)) as payloads:
                async for payload in payloads:
                    yield payload
        except SubscriptionFailed as failed:
            yield msgspec.json.encode({"errors": failed.errors})


def _names_an_unknown_kind(errors: Iterable[Mapping[str, object]]) -> bool:
    return any(_UNKNOWN_KIND.match(str(error.get("message"))) for error in errors)


async def _learn(executor: OperationExecutor) -> None:
    """Learns the types of custom kinds of all clusters, and stores them."""
    if executor.learning is None:
        return
    rounds = TypeRounds(executor.learning)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEARNING_S):
                await rounds.begin()
                await rounds.settled()
    finally:
        await rounds.close()
    await executor.schema_ready(OPERATOR)
