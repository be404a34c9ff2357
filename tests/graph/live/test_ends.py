"""Subscriptions that end, while others begin."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from graph.engine import Engine
from k8s.kinds.builtin import POD
from resolvers.caller import OPERATOR
from tests.graph.live.living import Taken, living, pod, taking

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
                await next_one.until(partial(_has_one, next_one))
            await asyncio.gather(leaving, return_exceptions=True)


async def _left(payloads: AsyncGenerator[bytes, None]) -> None:
    async with aclosing(payloads):
        async for _ in payloads:
            pass


async def test_a_row_that_went_while_nobody_looked_is_deleted(engine: Engine) -> None:
    text = 'subscription { pods(name: "p1" %s) { changes { type id object { name } } resume } }'
    async with living(engine, {"alpha": [pod("p1")]}) as fleet:
        async with taking(await fleet.subscribe(text % "")) as before:
            await before.until(lambda: before.state)
            await asyncio.sleep(0.1)
            token = before.last("resume")
            (known,) = before.state
        fleet.contents["alpha"].delete(POD, "a", "p1")
        async with taking(await fleet.subscribe(text % f', resume: "{token}"')) as after:
            after.state[known] = {}
            await after.until(lambda: not after.state)
        assert [(one["type"], one["id"]) for one in after.changes] == [("DELETED", known)]


def _has_one(taken: Taken) -> bool:
    return len(taken.state) == 1
