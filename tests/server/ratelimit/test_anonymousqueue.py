"""The order in which anonymous clients are served."""

import asyncio
from collections.abc import Sequence

import pytest

from server.ratelimit import anonymousqueue, tokenbucket
from server.ratelimit.anonymousqueue import AnonymousQueue
from server.serve.connectionusage import ConnectionUsage, client_network


class Crowd:
    """Clients that wait for the one place of a queue, which is taken; each place is given back at once."""

    def __init__(self) -> None:
        self.queue = AnonymousQueue(per_s=1e9, burst=1e9, places=1)
        self.order = list[str]()
        self._waiting = list[asyncio.Task[None]]()

    async def hold(self) -> None:
        """Takes the place."""
        assert await self.queue.take(ConnectionUsage("somewhere"), is_first=True)

    async def come(self, name: str, usage: ConnectionUsage, *, is_first: bool = False) -> None:
        """Adds a client that waits."""
        self._waiting.append(asyncio.create_task(self._wait(name, usage, is_first=is_first)))
        await asyncio.sleep(0)

    async def served(self) -> Sequence[str]:
        """Returns all that wait, in the order in which they are served once the place is free."""
        self.queue.give_back()
        await asyncio.gather(*self._waiting)
        return self.order

    async def _wait(self, name: str, usage: ConnectionUsage, *, is_first: bool) -> None:
        assert await self.queue.take(usage, is_first=is_first)
        self.order.append(name)
        self.queue.give_back()


async def _crowd() -> Crowd:
    crowd = Crowd()
    await crowd.hold()
    return crowd


def _since(since_s: float, site: str = "192.0.2.1") -> ConnectionUsage:
    return ConnectionUsage(site, since_s=since_s)


async def test_connections_that_began_last_are_served_before_those_that_ask_on_and_on() -> None:
    crowd = await _crowd()
    for number in range(1400):
        await crowd.come("old", _since(number / 1400))
    for _ in range(6):
        await crowd.come("browser", _since(2.0))

    assert (await crowd.served())[:6] == ["browser"] * 6


async def test_a_connection_that_begins_is_not_behind_a_wave_of_others() -> None:
    crowd = await _crowd()
    for number in range(1400):
        await crowd.come(f"{number}", _since(1.0), is_first=True)
    await crowd.come("newcomer", _since(2.0), is_first=True)

    order = await crowd.served()
    assert "newcomer" in order[:2]
    assert order.index("10") < 30


async def test_those_who_begin_do_not_hold_up_a_connection_that_has_begun() -> None:
    crowd = await _crowd()
    for number in range(200):
        await crowd.come("new", _since(number), is_first=True)
    for _ in range(3):
        await crowd.come("browser", _since(0.0))

    assert (await crowd.served())[:12].count("browser") == 3


async def test_sites_share_equally_and_one_that_has_asked_for_little_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymousqueue, "_AHEAD", 20.0)
    crowd = Crowd()
    for _ in range(100):
        await crowd.hold()
        crowd.queue.give_back()
    await crowd.hold()
    for _ in range(60):
        await crowd.come("heavy", _since(1.0, "somewhere"))
    for _ in range(60):
        await crowd.come("light", _since(0.0, "elsewhere"))

    order = await crowd.served()
    assert order[:20] == ["light"] * 20
    assert abs(order[20:80].count("light") - 30) <= 2


async def test_all_who_wait_for_too_long_are_refused_and_hold_nothing() -> None:
    queue = AnonymousQueue(per_s=0.001, burst=1.0, most_wait_s=0.05)
    usage = ConnectionUsage()
    assert await queue.take(usage, is_first=False)

    answers = await asyncio.gather(*(queue.take(usage, is_first=number % 2 == 0) for number in range(100)))

    assert answers == [False] * 100
    assert not queue._lined_up
    assert not queue._by_age


async def test_few_are_served_in_one_turn_of_the_loop() -> None:
    queue = AnonymousQueue(per_s=1e9, burst=1e9, places=100)
    places = [asyncio.ensure_future(queue.take(ConnectionUsage(), is_first=True)) for _ in range(100)]
    served = 0

    while served < 100:
        await asyncio.sleep(0)
        before, served = served, sum(place.done() for place in places)
        assert served - before <= 4


async def test_whoever_has_gone_takes_nothing_of_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenbucket, "monotonic", lambda: 0.0)
    queue = AnonymousQueue(per_s=1.0, burst=2.0, places=1)
    gone, there = ConnectionUsage(), ConnectionUsage()
    assert await queue.take(there, is_first=True)
    waiting = [asyncio.ensure_future(queue.take(outcome, is_first=True)) for outcome in (gone, there)]
    await asyncio.sleep(0)
    gone.has_ended = True
    queue.give_back()

    assert [await outcome for outcome in waiting] == [False, True]


@pytest.mark.parametrize("is_first", [True, False])
async def test_the_place_of_one_who_is_cancelled_goes_to_the_next(*, is_first: bool) -> None:
    queue = AnonymousQueue(per_s=1e9, burst=1e9, places=1)
    usage = ConnectionUsage()
    assert await queue.take(usage, is_first=is_first)
    before, served, after = (asyncio.create_task(queue.take(usage, is_first=is_first)) for _ in range(3))
    await asyncio.sleep(0)
    before.cancel()
    await asyncio.sleep(0)
    queue.give_back()
    served.cancel()

    assert await after
    assert before.cancelled()


async def test_those_who_are_cancelled_together_leave_nothing_behind() -> None:
    queue = AnonymousQueue(per_s=1e9, burst=1e9, places=1, most_wait_s=60.0)
    usages = [ConnectionUsage("a"), ConnectionUsage("b")]
    assert await queue.take(usages[0], is_first=True)
    waiting = [asyncio.create_task(queue.take(usages[number % 2], is_first=number % 3 == 0)) for number in range(60)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    queue.give_back()

    assert {type(outcome) for outcome in await asyncio.gather(*waiting, return_exceptions=True)} == {
        asyncio.CancelledError
    }
    assert not queue._lined_up
    assert await queue.take(usages[0], is_first=True)


async def test_sites_that_ask_for_nothing_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymousqueue, "_REMEMBERED", 10)
    queue = AnonymousQueue(per_s=1e9, burst=1e9)

    for number in range(1000):
        await queue.take(ConnectionUsage(f"{number}"), is_first=True)

    assert len(queue._networks) == 10


@pytest.mark.parametrize("is_first", [True, False])
async def test_no_site_is_forgotten_while_it_waits(monkeypatch: pytest.MonkeyPatch, *, is_first: bool) -> None:
    monkeypatch.setattr(anonymousqueue, "_REMEMBERED", 10)
    queue = AnonymousQueue(per_s=1e9, burst=1e9, places=1, most_wait_s=60.0)
    assert await queue.take(ConnectionUsage("first"), is_first=is_first)
    waiting = [
        asyncio.create_task(queue.take(ConnectionUsage(f"{number}"), is_first=is_first)) for number in range(100)
    ]
    await asyncio.sleep(0)
    for task in waiting[::2]:
        task.cancel()
    cancelled = await asyncio.gather(*waiting[::2], return_exceptions=True)
    queue.give_back()
    for task in waiting[1::2]:
        assert await task
        queue.give_back()
    for number in range(100):
        assert await queue.take(ConnectionUsage(f"later {number}"), is_first=is_first)
        queue.give_back()

    assert {type(outcome) for outcome in cancelled} == {asyncio.CancelledError}
    assert queue._free == 1
    assert not queue._lined_up
    assert len(queue._networks) == 10


async def test_more_sites_than_are_remembered_are_refused_after_their_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymousqueue, "_REMEMBERED", 10)
    queue = AnonymousQueue(per_s=0.001, burst=1.0, most_wait_s=0.05)
    assert await queue.take(ConnectionUsage("first"), is_first=True)

    answers = await asyncio.gather(*(queue.take(ConnectionUsage(f"{number}"), is_first=True) for number in range(100)))

    assert answers == [False] * 100
    assert not queue._lined_up


def test_a_connection_begins_anew_after_a_pause() -> None:
    usage = ConnectionUsage()

    note_request = [usage.note_request(now_s) for now_s in (100.0, 101.0, 109.0)]
    usage.note_answer(114.0)
    note_request += [usage.note_request(now_s) for now_s in (120.0, 131.0)]

    assert note_request == [True, False, False, False, True]
    assert usage.since_s == 131.0


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_a_site_is_an_address_or_a_network_of_version_six(address: str, site: str) -> None:
    assert client_network((address, 1)) == site
