"""Watches after answers that real API servers seldom give: each keeps or drops its version for a reason."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from k8s.errors import ClusterError, Gone, ProtocolBroken, ServerFailed, TimedOut, TooManyRequests, Unauthenticated
from k8s.kinds.builtin import CONFIG_MAP
from k8s.transport.call import Call
from k8s.transport.responsehead import NotJson
from k8s.transport.status import status_error
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.backoff import Backoff, ReconnectPace
from k8s.watches.reflector.watch import Watch
from k8s.watches.target import WatchTarget
from k8s.watches.watchsource import Chunks
from tests.k8s.watches.reflector.state import State
from tests.k8s.watches.scriptedapi import ScriptedApi, end_of_initial, failing, line

INITIAL = line("ADDED", "x", 5), end_of_initial(7)


@asynccontextmanager
async def watching(api: ScriptedApi, limits: WatchLimits | None = None) -> AsyncIterator[State]:
    state = State()
    backoff, pace = Backoff(random=lambda: -0.999), ReconnectPace(per_s=1000)
    watch = Watch(api, WatchTarget(CONFIG_MAP), limits=limits, backoff=backoff, pace=pace)
    task = asyncio.create_task(watch.run(state))
    try:
        yield state
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def versions_of(api: ScriptedApi) -> list[str]:
    """Returns the version of each watch; empty for one that began with all objects."""
    return [dict(call.query)["resourceVersion"] for call in api.calls if call.verb == "watch"]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ServerFailed("alpha", "HTTP 504.", status=504), id="504 of a load balancer"),
        pytest.param(NotJson("alpha", "its answer is not JSON."), id="a page of a proxy"),
    ],
)
async def test_an_answer_of_a_proxy_leaves_the_version(error: ClusterError) -> None:
    api = ScriptedApi(*INITIAL)
    async with watching(api) as state:
        await state.until(lambda: state.syncs == 1)
        for number in range(3):
            api.streams[number].put_nowait(error)
            await api.until(lambda number=number: len(api.streams) == number + 2)  # type: ignore[misc]  # a default binds it
    assert versions_of(api) == ["", "7", "7", "7"]
    assert state.failures == [error] * 3


async def test_a_pause_that_a_server_asks_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to half a minute, and although the cluster is back for others."""
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def paused(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", paused)
    api = ScriptedApi(*INITIAL)
    async with watching(api) as state:
        await state.until(lambda: state.syncs == 1)
        for number, asked_s in enumerate((5.0, 1e9)):
            busy = TooManyRequests("alpha", "it sheds load.", status=429)
            busy.retry_after_s = asked_s
            api.streams[number].put_nowait(busy)
            await api.until(lambda number=number: len(api.streams) == number + 2)  # type: ignore[misc]  # a default binds it
    assert {5.0, 30.0} <= set(pauses)


async def test_versions_that_went_back_are_found_after_a_clean_end_before_its_time() -> None:
    """As of an API server that is restarted after a restore, behind a load balancer."""
    api = ScriptedApi(*INITIAL)
    async with watching(api) as state:
        await state.until(lambda: state.syncs == 1)
        api.version, api.initial = 4, (line("ADDED", "y", 3), end_of_initial(4))
        api.streams[0].put_nowait(b"")
        await state.until(lambda: state.syncs == 2)
    assert versions_of(api) == ["", ""]
    assert state.versions("a") == {"y": "3"}


async def test_a_watch_that_ran_its_whole_time_is_continued_without_a_comparison() -> None:
    api = ScriptedApi(*INITIAL)
    async with watching(api, WatchLimits(least_s=1, most_s=1)) as state:
        await state.until(lambda: state.syncs == 1)
        api.listed = failing(AssertionError())
        api.streams[0].put_nowait(b"")
        await api.until(lambda: len(api.streams) == 2)
    assert versions_of(api) == ["", "7"]


async def test_fa_4_a_credential_that_is_refused_again_in_streams_is_said() -> None:
    """401 as an event behind a good head, again and again."""
    status = {"kind": "Status", "reason": "Unauthorized", "code": 401}
    api = ScriptedApi(json.dumps({"type": "ERROR", "object": status}).encode() + b"\n")
    async with watching(api) as state:
        await state.until(lambda: len(state.failures) == 2)
        assert len(api.streams) == 3
    assert all(isinstance(error, Unauthenticated) for error in state.failures)


async def test_fa_5_a_server_that_always_says_410_is_listed_once_for_each_wait() -> None:
    """The waits are 800 ms at first, and half a minute in the end (`test_backoff`)."""
    waits: list[float] = []

    class Counted(Backoff):
        """Waits for nothing, and counts."""

        def wait_s(self) -> float:
            waits.append(0.0)
            return 0.0

    class Forgetful(ScriptedApi):
        """A server without initial events, which keeps no history."""

        def __init__(self) -> None:
            super().__init__()
            self.lists = 0

        @asynccontextmanager
        async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Chunks]:
            status = 422 if "sendInitialEvents" in dict(call.query) else 410
            self.lists += status == 410
            raise status_error(self.name, status=status, body=b"", verb=call.verb, target=call.target)
            yield  # makes it a generator

    api, state = Forgetful(), State()
    watch = Watch(api, WatchTarget(CONFIG_MAP), backoff=Counted(), pace=ReconnectPace(per_s=10_000))
    task = asyncio.create_task(watch.run(state))
    await state.until(lambda: len(state.failures) == 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert state.syncs == api.lists <= len(waits)
    assert all(isinstance(error, Gone) for error in state.failures)


async def test_objects_without_versions_are_listed_now_and_then() -> None:
    body = {"type": "ADDED", "object": {"metadata": {"name": "x", "namespace": "a"}}}
    api = ScriptedApi(json.dumps(body).encode() + b"\n")
    api.items, api.version = [{"metadata": {"name": "x", "namespace": "a"}}], 0
    async with watching(api, WatchLimits(poll_s=0.001)) as state:
        await state.until(lambda: state.syncs == 3)
        assert state.polled_every_s == 0.001
    assert not state.failures
    assert list(state.objects) == [("a", "x")]


async def test_a_list_that_never_ends_is_given_up() -> None:
    class Endless(ScriptedApi):
        """A server whose pages have other tokens, and the same object."""

        async def send(self, *args: object, **more: object) -> bytes:
            self.pages += 1
            page = json.loads(await super().send(*args, **more))  # type: ignore[arg-type]  # passed on
            return json.dumps(page | {"metadata": {"continue": f"t{self.pages}", "remainingItemCount": 5000}}).encode()

        pages = 0

    api = Endless()
    async with watching(api, WatchLimits(list_s=0.05)) as state:
        await state.until(lambda: bool(state.failures))
    assert isinstance(state.failures[0], TimedOut)
    assert "has no end" in str(state.failures[0])
    assert api.pages > 2


async def test_a_bookmark_without_a_version_is_none() -> None:
    api = ScriptedApi(*INITIAL)
    async with watching(api) as state:
        await state.until(lambda: state.syncs == 1)
        api.streams[0].put_nowait(b'{"type":"BOOKMARK","object":{"metadata":{}}}\n')
        await state.until(lambda: bool(state.failures))
    assert isinstance(state.failures[0], ProtocolBroken)
