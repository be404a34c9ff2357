"""Mistakes of fleetgraph itself while it watches: they are logged, shown, and tried again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from k8s.errors import Forbidden
from k8s.kinds.builtin import CONFIG_MAP
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.freshness import Freshness
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from resolvers.unexpected import Unexpected, contained
from tests.k8s.watches.followed import Followed

END = (
    b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7",'
    b'"annotations":{"k8s.io/initial-events-end":"true"}}}}\n'
)


class Chunk:
    """A stream of one chunk, which then stays open."""

    def __init__(self) -> None:
        self._left = [END]

    async def chunk(self) -> bytes:
        if not self._left:
            await asyncio.Event().wait()
        return self._left.pop()


class Mistaken:
    """A source whose first watch fails in a way that nobody thought of."""

    name = "alpha"

    def __init__(self) -> None:
        self.watches = 0

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        raise Forbidden(self.name, "no.", status=403)

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Chunk]:
        self.watches += 1
        if self.watches == 1:
            raise ZeroDivisionError
        yield Chunk()

    async def close(self) -> None:
        """Ends nothing."""


async def test_a_mistake_is_shown_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.watches.sharedwatch._INTERNAL_S", 0.01)
    watches = SharedWatches(Mistaken(), linger_s=0, common=ClusterWatching(contained=contained))
    with watches.held(WatchTarget(CONFIG_MAP)) as held:
        followed = Followed(held)
        assert isinstance(await followed.failed(), Unexpected)
        await followed.live()
        assert held.freshness is Freshness.LIVE
    await watches.close()
