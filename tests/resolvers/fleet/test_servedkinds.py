"""The cache of the kinds that a cluster serves: read once for all who wait, again when it is old or lacks a kind."""

import asyncio
import gc
import json
from weakref import ref

import pytest

from k8s.apiserver.limits import DiscoveryLimits
from k8s.apiserver.served import Served, ServedKind
from k8s.errors import ClusterError, TimedOut, Unreachable
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.fleet.servedkinds import ServedCache, ServedCaches, ServedKinds
from tests.k8s.clock import Clock
from tests.k8s.wireserver import until
from tests.resolvers.fakereader import STARTED

VERSION = ("id", "alpha", STARTED)


class Server:
    """A server whose answers wait until the gate is open, and whose kinds in acme.io can change."""

    def __init__(self, name: str = "alpha") -> None:
        self.name = name
        self.plurals = ["geese"]
        self.error: ClusterError | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.reads = 0

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.reads += call.path == "/api"
        plurals = [*self.plurals]
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        resources = [
            {"resource": plural, "scope": "Cluster", "verbs": ["list"], "responseKind": {"kind": plural.capitalize()}}
            for plural in plurals
        ]
        group = {"metadata": {"name": "acme.io"}, "versions": [{"version": "v1", "resources": resources}]}
        items = [group] if call.path == "/apis" else []
        return json.dumps({"kind": "APIGroupDiscoveryList", "items": items}).encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def caches(clock: Clock) -> ServedCaches:
    return ServedCaches(DiscoveryLimits(refresh_s=60), clock=clock)


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
def kinds(caches: ServedCaches, server: Server) -> ServedKinds:
    return ServedKinds(server, caches.of(VERSION, "me"))


def _plurals(served: Served) -> list[str]:
    return [kind.plural for kind in served.kinds]


def _ducks(served: Served) -> ServedKind | None:
    return served.find("acme.io", "Ducks")


async def test_nothing_is_known_before_the_first_read(kinds: ServedKinds, server: Server) -> None:
    assert (kinds.known, server.reads) == (None, 0)

    served = await kinds.current(Deadline(10))

    assert kinds.known is served
    assert await kinds.current(Deadline(10)) is served
    assert (_plurals(served), server.reads) == (["geese"], 1)


async def test_all_who_wait_share_one_read_and_a_cancelled_one_cancels_nobody(
    kinds: ServedKinds, server: Server
) -> None:
    server.gate.clear()
    first, *others = [asyncio.create_task(kinds.current(Deadline(10))) for _ in range(5)]
    await until(lambda: server.reads > 0)
    first.cancel()
    server.gate.set()

    assert {id(served) for served in await asyncio.gather(*others)} == {id(kinds.known)}
    assert (first.cancelled(), server.reads) == (True, 1)


async def test_an_error_reaches_all_who_wait_and_is_not_cached(kinds: ServedKinds, server: Server) -> None:
    server.error = Unreachable("alpha", "no answer.")
    answers = await asyncio.gather(*(kinds.current(Deadline(10)) for _ in range(3)), return_exceptions=True)
    server.error = None

    assert {type(answer) for answer in answers} == {Unreachable}
    assert _plurals(await kinds.current(Deadline(10))) == ["geese"]
    assert server.reads == 2


async def test_an_old_result_is_read_again_in_the_background(kinds: ServedKinds, server: Server, clock: Clock) -> None:
    before = await kinds.current(Deadline(10))
    server.plurals = ["ducks"]
    clock.now_s += 60.5

    assert await kinds.current(Deadline(10)) is before
    await until(lambda: kinds.known is not before)
    assert _plurals(await kinds.current(Deadline(10))) == ["ducks"]
    assert server.reads == 2


async def test_a_recent_result_is_read_again_before_the_answer_if_it_is_old(
    kinds: ServedKinds, server: Server, clock: Clock
) -> None:
    before = await kinds.current(Deadline(10))
    assert await kinds.recent(Deadline(10)) is before
    server.plurals = ["ducks"]
    clock.now_s += 60.5

    assert _plurals(await kinds.recent(Deadline(10))) == ["ducks"]


async def test_a_cluster_that_fails_keeps_its_old_kinds_and_is_asked_once_a_second(
    kinds: ServedKinds, server: Server, clock: Clock
) -> None:
    before = await kinds.current(Deadline(10))
    server.error = Unreachable("alpha", "no answer.")
    for number in range(1, 5):
        clock.now_s += 61
        assert await kinds.current(Deadline(10)) is before
        with pytest.raises(Unreachable):
            await kinds.recent(Deadline(10))  # which waits for the same read
        assert await kinds.current(Deadline(10)) is before
        assert server.reads == 1 + number


async def test_a_kind_that_was_created_a_moment_ago_is_found_at_once(
    kinds: ServedKinds, server: Server, clock: Clock
) -> None:
    await kinds.current(Deadline(10))
    server.plurals = ["geese", "ducks"]
    clock.now_s += 1

    found = await kinds.find(Deadline(10), _ducks)

    assert (found and found.plural, server.reads) == ("ducks", 2)


async def test_a_kind_that_is_missing_in_the_first_result_is_not_read_again(kinds: ServedKinds, server: Server) -> None:
    assert await kinds.find(Deadline(10), _ducks) is None
    assert server.reads == 1


async def test_a_read_that_began_before_does_not_count_as_one_at_once(
    kinds: ServedKinds, server: Server, clock: Clock
) -> None:
    await kinds.current(Deadline(10))
    clock.now_s += 61
    server.gate.clear()
    await kinds.current(Deadline(10))
    await until(lambda: server.reads == 2)
    server.plurals = ["ducks"]
    clock.now_s += 2
    reread = asyncio.create_task(kinds.reread(Deadline(10)))
    await asyncio.sleep(0)
    server.gate.set()

    assert _plurals(await reread) == ["ducks"]
    assert server.reads == 3


async def test_reads_at_once_are_shared_and_at_most_one_a_second(
    kinds: ServedKinds, server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pause(_kinds: ServedKinds, wait_s: float, _deadline: Deadline) -> None:
        until_s = clock.now_s + wait_s
        await until(lambda: clock.now_s >= until_s)

    monkeypatch.setattr(ServedKinds, "_pause", pause)
    await kinds.current(Deadline(10))
    clock.now_s += 0.25
    waiting = [asyncio.create_task(kinds.reread(Deadline(10))) for _ in range(20)]
    await asyncio.sleep(0)
    clock.now_s += 0.25
    await asyncio.sleep(0.01)
    assert server.reads == 1

    clock.now_s += 0.5
    await until(lambda: server.reads == 2)
    clock.now_s += 1
    await asyncio.gather(*waiting)

    assert server.reads == 2


async def test_each_waits_until_its_own_deadline(kinds: ServedKinds, server: Server) -> None:
    server.gate.clear()
    patient = asyncio.create_task(kinds.current(Deadline(10)))
    with pytest.raises(TimedOut, match=r"no complete answer to get the kinds that it serves within its 0\.01 s"):
        await kinds.current(Deadline(0.01))
    server.gate.set()

    assert _plurals(await patient) == ["geese"]
    assert server.reads == 1


async def test_no_answer_to_one_identity_is_used_for_another(caches: ServedCaches, server: Server) -> None:
    await ServedKinds(server, caches.of(VERSION, "me")).current(Deadline(10))

    assert caches.of(VERSION, "me").known is not None
    assert caches.of(VERSION, "you").known is None
    assert caches.of(("id", "alpha", STARTED.replace(year=2027)), "me").known is None


async def test_equal_documents_are_kept_once_and_no_longer_than_needed(caches: ServedCaches) -> None:
    caches_of_clusters = [caches.of((f"id-{number}", f"c-{number}", STARTED), "me") for number in range(20)]
    for number, cache in enumerate(caches_of_clusters):
        await ServedKinds(Server(f"c-{number}"), cache).current(Deadline(10))

    assert len({id(cache.known) for cache in caches_of_clusters}) == 1
    known = ref(caches_of_clusters[0].known)
    caches.retain(())
    del caches_of_clusters, cache
    gc.collect()
    assert known() is None


async def test_of_too_many_caches_the_least_recently_used_are_dropped(server: Server) -> None:
    caches = ServedCaches(most_caches=2)
    one = caches.of(VERSION, "one")
    caches.of(VERSION, "two")
    assert caches.of(VERSION, "one") is one
    caches.of(VERSION, "three")

    assert caches.of(VERSION, "one") is one


async def test_of_too_many_kinds_the_results_that_were_not_used_lately_are_forgotten() -> None:
    """A cluster may send another document to each identity and at each request."""
    caches = ServedCaches(most_kinds=25)
    kinds = []
    for number in range(10):
        server = Server(f"c-{number}")
        server.plurals = [f"geese{number}x{n}" for n in range(10)]
        kinds.append(ServedKinds(server, caches.of(VERSION, number)))
        await kinds[-1].current(Deadline(10))

    assert [one.known is not None for one in kinds] == [False] * 8 + [True] * 2
    assert len((await kinds[0].current(Deadline(10))).kinds) == 10


async def test_closing_ends_reads_in_progress(caches: ServedCaches, kinds: ServedKinds, server: Server) -> None:
    server.gate.clear()
    waiting = asyncio.create_task(kinds.current(Deadline(10)))
    await until(lambda: server.reads > 0)
    await caches.close()
    await asyncio.wait([waiting])

    assert waiting.cancelled()
    with pytest.raises(asyncio.CancelledError):
        await kinds.current(Deadline(10))


def test_a_cluster_without_a_fleet_has_a_cache_of_its_own() -> None:
    assert ServedCache().known is None
