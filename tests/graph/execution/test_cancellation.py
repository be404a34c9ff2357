"""Cancellation: an operation whose client disconnects leaves nothing running."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from tests.graph.fleets import Asking


@dataclass
class HangingSender:
    """A cluster that never answers."""

    name: str
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: int = 0
    calls: int = 0

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Waits forever."""
        self.calls += 1
        self.under_way += 1
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.under_way -= 1
        raise AssertionError


@pytest.mark.parametrize(
    "query",
    [
        "{ pods { nodes { name node { name } } } }",
        "{ pods { totalCount } nodes { nodes { name } } }",
        "{ clusters { reachable pods { nodes { name } } counts { pods nodes } } }",
        '{ pod(cluster: "one", namespace: "x", name: "y") { name } }',
    ],
)
async def test_requests_end_with_their_operation(ask: Callable[..., Asking], query: str) -> None:
    sender = HangingSender("one")
    before = asyncio.all_tasks()
    operation = asyncio.create_task(ask(sender)(query))
    await sender.asked.wait()

    operation.cancel()
    with pytest.raises(asyncio.CancelledError):
        await operation

    assert sender.calls > 0
    assert sender.under_way == 0
    assert asyncio.all_tasks() == before
