"""The memory of watched objects: what it counts, and which watch ends when it is full."""

import json
import tracemalloc
from collections.abc import Mapping
from random import Random

from k8s.kinds.builtin import CONFIG_MAP
from k8s.reading.listing import ListRequest
from k8s.reading.selection import selection_of
from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.heldreader import HeldReader
from k8s.watches.reflector.watchevent import added_event
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from k8s.watches.watchbudget import TooMuchWatched
from k8s.watches.watchmemory import WatchMemory
from tests.k8s.watches.followed import Followed
from tests.k8s.watches.scriptedapi import ScriptedApi, end_of_initial, line

TARGET = WatchTarget(CONFIG_MAP)
RANDOM = Random(5)  # noqa: S311  a fixed seed


def text(characters: int) -> str:
    """Returns a text that cannot be compressed much."""
    return RANDOM.randbytes(characters // 2).hex()


async def test_the_largest_watch_ends_however_small_the_one_is_that_changes() -> None:
    memory = WatchMemory(40_000)
    large = ScriptedApi(line("ADDED", "x", 5, data={"k": text(30_000)}), end_of_initial(7))
    small = ScriptedApi(line("ADDED", "x", 5), end_of_initial(7))
    all_watches = [SharedWatches(api, linger_s=0, common=ClusterWatching(memory=memory)) for api in (large, small)]
    with all_watches[0].held(TARGET) as of_large, all_watches[1].held(TARGET) as of_small:
        many, few = await Followed(of_large).live(), await Followed(of_small).live()
        small.streams[-1].put_nowait(line("ADDED", "y", 8, data={"k": text(20_000)}))
        error = await many.failed()
        assert isinstance(error, TooMuchWatched)
        assert "0.0 MiB of them are watched" in str(error)
        await few.until(lambda: "y" in few.names())
        assert of_small.freshness is Freshness.LIVE
        assert memory.held_bytes == of_small.size_bytes < memory.most_bytes
    for watches in all_watches:
        await watches.close()
    assert not memory.shares
    assert not memory.held_bytes


async def test_what_nobody_needs_ends_before_what_somebody_needs() -> None:
    memory = WatchMemory(40_000)
    api = ScriptedApi(line("ADDED", "x", 5, data={"k": text(10_000)}), end_of_initial(7))
    watches = SharedWatches(api, linger_s=60, common=ClusterWatching(memory=memory))
    needed, unneeded = WatchTarget(CONFIG_MAP, "a"), WatchTarget(CONFIG_MAP, "b")
    with watches.held(needed) as held:
        seen = await Followed(held).live()
        with watches.held(unneeded) as lingering:
            await Followed(lingering).live()
        api.streams[0].put_nowait(line("ADDED", "y", 8, data={"k": text(25_000)}))
        await seen.until(lambda: "y" in seen.names() and lingering.is_ended)
        assert held.freshness is Freshness.LIVE
    await watches.close()


def held_objects(*bodies: Mapping[str, object]) -> HeldObjects:
    held, call = HeldObjects(TARGET), TARGET.list_call("")
    held.changed([added_event(json.dumps(body).encode(), "alpha", call, most_bytes=2**23) for body in bodies])
    return held


async def test_rows_of_objects_that_unpack_to_very_much_take_little_memory_at_once() -> None:
    """A hundred MB of equal bytes; they count as two, for each evaluation unpacks them."""
    bodies = ({"metadata": {"name": f"n{number}"}, "data": {"k": "x" * 2**20}} for number in range(100))
    held = held_objects(*bodies)
    assert held.size_bytes > 100 * 2**20 / 50
    request = ListRequest(CONFIG_MAP, CONFIG_MAP.name, selection_of(["metadata.name"]))
    tracemalloc.start()
    try:
        rows = await HeldReader("alpha", held).rows(held.ordered(), request)
        _now, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(rows) == 100
    assert most_bytes < 20 * 2**20


def test_names_and_versions_count() -> None:
    wide = "\N{GRINNING FACE}" * 1000
    bodies = [{"metadata": {"name": f"{wide}{number}", "namespace": f"{wide}{number}"}} for number in range(100)]
    tracemalloc.start()
    try:
        held = held_objects(*bodies)
        taken_bytes, _most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.7 < held.size_bytes / taken_bytes < 1.4
