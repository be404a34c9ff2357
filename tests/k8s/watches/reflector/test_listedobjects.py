"""Lists of objects to watch: pages, requested ahead, and the length that decides how a watch begins."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from k8s import errors
from k8s.kinds.builtin import POD
from k8s.transport.body import PREFIX_BYTES, OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.listedobjects import listed_objects
from k8s.watches.reflector.watch import Watch
from k8s.watches.target import WatchTarget
from k8s.watches.watchsource import Chunks
from tests.k8s.watches.reflector.state import State

PODS = WatchTarget(POD)


@dataclass
class Listing:
    """A server of a list of `objects` pods, whose watches send nothing; it records its calls."""

    objects: int
    remaining: int | None
    name: str = "alpha"
    calls: list[dict[str, str]] = field(default_factory=list)
    watched: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        query = dict(call.query)
        self.calls.append(query)
        start, limit = int(query.get("continue", "0")), int(query["limit"])
        metadata: dict[str, object] = {"resourceVersion": "7"}
        if start + limit < self.objects:
            metadata |= {"continue": str(start + limit), "remainingItemCount": self.remaining}
        names = [f"pod-{number}" for number in range(start, min(start + limit, self.objects))]
        items = [{"metadata": {"name": name, "namespace": "a", "uid": name, "resourceVersion": "1"}} for name in names]
        body = json.dumps({"kind": "PodList", "metadata": metadata, "items": items}, separators=(",", ":")).encode()
        if on_prefix is not None:
            on_prefix(body[:PREFIX_BYTES])
        return body

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Chunks]:
        self.calls.append(dict(call.query))
        self.watched.set()
        yield self

    async def chunk(self) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def close(self) -> None:
        """Ends nothing."""


async def begun(listing: Listing) -> State:
    """Returns what a watch has seen when its first watch request has been sent."""
    state = State()
    watching = asyncio.create_task(Watch(listing, PODS).run(state))
    await listing.watched.wait()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return state


async def test_the_next_page_is_requested_while_one_is_taken() -> None:
    listing = Listing(3000, 2500)
    async with aclosing(listed_objects(listing, PODS, WatchLimits())) as parts:
        _objects, version = await anext(parts)
        assert version == "7"
        assert listing.calls[1]["continue"] == listing.calls[0]["limit"]
        assert len(listing.calls) <= 3  # pages that wait take memory
        assert sum([len(objects) async for objects, _version in parts]) == 2950


async def test_a_long_list_is_read_in_pages_and_watched_from_its_version() -> None:
    listing = Listing(3000, 2999)
    state = await begun(listing)
    assert len(state.objects) == 3000
    assert listing.calls[0]["limit"] == "1"
    assert len(listing.calls) > 3  # pages, and the watch
    assert listing.calls[-1]["resourceVersion"] == "7"
    assert "sendInitialEvents" not in listing.calls[-1]


@pytest.mark.parametrize("remaining", [20, None])
async def test_a_short_list_and_one_of_unknown_length_begin_with_initial_events(remaining: int | None) -> None:
    listing = Listing(21, remaining)
    await begun(listing)
    assert [call["limit"] for call in listing.calls[:-1]] == ["1"]
    assert listing.calls[-1]["sendInitialEvents"] == "true"


async def test_a_list_whose_length_is_refused_begins_with_initial_events() -> None:
    class Refusing(Listing):
        async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
            raise errors.Forbidden(self.name, "no.", status=403)

    listing = Refusing(5, 4)
    await begun(listing)
    assert listing.calls[-1]["sendInitialEvents"] == "true"
