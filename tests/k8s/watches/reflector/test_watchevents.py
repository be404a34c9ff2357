"""Events of watches as hostile or simple servers send them."""

import asyncio
import json
from time import monotonic

import pytest

from k8s.errors import AnswerTooLarge
from k8s.kinds.builtin import CONFIG_MAP
from k8s.watches.reflector.watchevent import NotWatched, added_event
from k8s.watches.reflector.watchevents import Silence, watch_events
from k8s.watches.target import WatchTarget
from tests.k8s.watches.scriptedapi import line

TARGET = WatchTarget(CONFIG_MAP)
CALL = TARGET.call_from("1", ends_after_s=60)


class Chunked:
    """A stream of chunks; one is repeated for ever in the end."""

    def __init__(self, *chunks: bytes, then: bytes = b"") -> None:
        self._chunks = [*chunks]
        self._then = then
        self.taken = 0

    async def chunk(self) -> bytes:
        self.taken += 1
        return self._chunks.pop(0) if self._chunks else self._then


async def names(stream: Chunked, *, most_bytes: int = 2**23, silence_s: float = 60.0) -> list[str]:
    events = watch_events(stream, "alpha", CALL, most_bytes=most_bytes, silence_s=silence_s)
    return [event.metadata.name async for batch in events for event in batch]


async def test_events_arrive_in_any_pieces() -> None:
    sent = line("ADDED", "a", 1) + b"\n\r\n" + line("ADDED", "b", 2)
    assert await names(Chunked(*(sent[at : at + 7] for at in range(0, len(sent), 7)))) == ["a", "b"]


@pytest.mark.parametrize("drip", [b"\n", b"x"])
async def test_bytes_without_a_whole_event_are_no_sign_of_life(drip: bytes) -> None:
    with pytest.raises(Silence):
        await names(Chunked(line("ADDED", "a", 1), then=drip), silence_s=0.01)


async def test_line_feeds_let_others_run() -> None:
    """The longest stop of the loop while 64 KiB of them arrive again and again."""
    stream, stops_s = Chunked(then=b"\n" * 2**16), [0.0]

    async def tick() -> None:
        last_s = monotonic()
        while stream.taken < 5:
            await asyncio.sleep(0)
            stops_s.append(monotonic() - last_s)
            last_s = monotonic()

    watching = asyncio.create_task(names(stream))
    await tick()
    assert len(stops_s) > 5
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_fa_11_an_event_of_5_mb_passes_and_one_of_more_than_8_mib_does_not() -> None:
    large = line("ADDED", "a", 1, data={"k": "x" * 5_000_000})
    assert await names(Chunked(large[: 2**20], large[2**20 :])) == ["a"]
    with pytest.raises(AnswerTooLarge, match="over 8 MiB"):
        await names(Chunked(then=b"x" * 2**20))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({f"k{number}": 1 for number in range(400_000)}, id="keys"),
        pytest.param({"data": [[]] * 600_000}, id="lists"),
    ],
)
async def test_an_object_of_very_many_values_is_refused_before_it_stops_the_loop(more: dict[str, object]) -> None:
    event = line("ADDED", "a", 1, **more)
    with pytest.raises(AnswerTooLarge, match="more values"):
        await names(Chunked(event))
    with pytest.raises(AnswerTooLarge, match="more values"):
        added_event(json.dumps(json.loads(event)["object"]).encode(), "alpha", CALL, most_bytes=2**23)


async def test_an_object_of_a_list_may_not_be_larger_than_an_event() -> None:
    with pytest.raises(AnswerTooLarge, match="over 8 MiB"):
        added_event(b"x" * (2**23 + 1), "alpha", CALL, most_bytes=2**23)


async def test_objects_without_versions_are_not_watched() -> None:
    body = json.dumps({"type": "ADDED", "object": {"metadata": {"name": "a"}}}).encode() + b"\n"
    with pytest.raises(NotWatched):
        await names(Chunked(body))


def test_an_event_is_printed_without_its_object() -> None:
    event = added_event(b'{"metadata":{"name":"a"},"data":{"password":"hunter2"}}', "alpha", CALL, most_bytes=2**23)
    assert "hunter2" not in repr(event)
    assert "a" in repr(event)
