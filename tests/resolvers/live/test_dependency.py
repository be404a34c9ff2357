"""One watch that a subscription uses."""

import asyncio

import pytest

from k8s.errors import TimedOut
from k8s.kinds.builtin import NODE
from k8s.transport.deadline import Deadline
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.target import WatchTarget
from resolvers.live.dependency import Dependency


def dependency() -> Dependency:
    return Dependency("alpha", HeldObjects(WatchTarget(NODE)), lambda _one, _before: None, is_link=True)


async def test_only_one_evaluation_waits_for_the_objects_of_a_link() -> None:
    one = dependency()
    with pytest.raises(TimedOut):
        await one.complete(Deadline(0.01))
    async with asyncio.timeout(5):
        with pytest.raises(TimedOut, match="nodes"):
            await one.complete(Deadline(3600))


async def test_objects_of_a_link_that_come_late_are_news() -> None:
    one = dependency()
    with pytest.raises(TimedOut):
        await one.complete(Deadline(0.01))
    one.held.synced("1")
    await one.complete(Deadline(0.01))
    assert one.has_news
    assert one.take_news() is None  # all rows are evaluated again
