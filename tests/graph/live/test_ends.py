"""Subscriptions that end, while others begin."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from graph.engine import Engine
from resolvers.caller import OPERATOR
from tests.graph.live.living import living, pod, taking

PODS = "subscription { pods(batchMs: 0) { changes { type id object { name } } } }"


async def test_one_who_comes_while_the_last_one_leaves_begins_anew(engine: Engine) -> None:
    async with living(engine, {"alpha": [pod("p1")]}) as fleet:
        question = await fleet.subscribe(PODS)
        for turns in range(6):
            payloads: AsyncGenerator[bytes, None] = question.payloads(OPERATOR)
            async with aclosing(payloads):
                await anext(payloads)
            leaving = asyncio.create_task(_left(question.payloads(OPERATOR)))
            await asyncio.sleep(0.05)
            leaving.cancel()
            for _ in range(turns):
                await asyncio.sleep(0)
            async with taking(question) as next_one:
                await next_one.until(lambda of=next_one: len(of.state) == 1)
            await asyncio.gather(leaving, return_exceptions=True)


async def _left(payloads: AsyncGenerator[bytes, None]) -> None:
    async with aclosing(payloads):
        async for _ in payloads:
            pass
