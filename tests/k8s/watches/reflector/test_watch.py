"""Watches of a real API server, over every sort of interruption."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from k8s.credentials.credential import ClientCertificate, Credential, Secret
from k8s.credentials.tokens import IssuedToken, RenewedToken
from k8s.errors import AnswerTooLarge, ClusterError, Gone, ProtocolBroken, TimedOut, Unauthenticated
from k8s.kinds.builtin import CONFIG_MAP
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.backoff import Backoff, ReconnectPace
from k8s.watches.reflector.watch import Watch
from k8s.watches.reflector.watchevents import Silence
from k8s.watches.target import WatchTarget
from k8s.watches.watchfigures import ClusterWatchFigures
from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import (
    Answer,
    Cut,
    Drip,
    Hang,
    RequestFault,
    Stall,
    Truncate,
    forbidden,
    gone,
    server_error,
    twice,
    unauthorized,
    without_bookmarks,
)
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.proxy import FaultProxy
from tests.k8s.tokens import WallClock
from tests.k8s.watches.maps import Maps, connection_to
from tests.k8s.watches.reflector.state import State

pytestmark = pytest.mark.controlplane
NAMESPACE = "watched"
LARGE = 600_000
TARGET = WatchTarget(CONFIG_MAP, NAMESPACE)
PATH = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
INITIAL = f"{PATH}?watch=1&allowWatchBookmarks=true&sendInitialEvents"
FOLLOWING = f"{PATH}?watch=1&allowWatchBookmarks=true&resourceVersion"
SILENT = WatchLimits(silence_s=1.0, answer_s=1.0)


@pytest.fixture
async def maps(alpha: Cluster) -> AsyncIterator[Maps]:
    async with Maps.opened(alpha, NAMESPACE) as maps:
        yield maps


@asynccontextmanager
async def watching(
    cluster: Cluster,
    limits: WatchLimits | None = None,
    *,
    version: str = "",
    figures: ClusterWatchFigures | None = None,
    credential: Credential | RenewedToken | None = None,
) -> AsyncIterator[State]:
    """Watches config maps through a connection of its own."""
    state, connection = State(), connection_to(cluster, credential=credential)
    watch = Watch(
        connection,
        TARGET,
        limits=limits or WatchLimits(),
        backoff=Backoff(random=lambda: -0.99),
        pace=ReconnectPace(per_s=100),
        version=version,
        figures=figures,
    )
    task = asyncio.create_task(watch.run(state))
    try:
        yield state
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.close()


async def test_it_begins_with_all_objects_and_goes_on_with_changes(alpha: Cluster, maps: Maps) -> None:
    await maps.put("a")
    await maps.put("b")
    async with watching(alpha) as state:
        await state.until(lambda: state.syncs == 1)
        assert state.versions(NAMESPACE) == await maps.versions()
        await maps.put("a")
        await maps.delete("b")
        await maps.put("c")
        await state.until(lambda: "c" in state.versions(NAMESPACE))
        assert state.versions(NAMESPACE) == await maps.versions()
    assert not state.failures


def status_event(code: int, reason: str) -> Answer:
    """Returns an answer that begins as a watch and has an error as its only event."""
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
    return Answer(body=json.dumps({"type": "ERROR", "object": status}).encode() + b"\n")


def refusal(code: int, reason: str) -> Answer:
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
    return Answer(code, body=json.dumps(status).encode())


def bookmarks(*versions: str) -> Answer:
    """Returns an answer that has bookmarks as its only events."""
    objects = [{"kind": "ConfigMap", "metadata": {"resourceVersion": version}} for version in versions]
    return Answer(body=b"".join(json.dumps({"type": "BOOKMARK", "object": each}).encode() + b"\n" for each in objects))


async def test_a_server_without_initial_events_is_listed(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    await maps.put("a")
    proxy = fault_proxy(alpha)
    proxy.when(INITIAL, refusal(422, "Invalid"))
    async with watching(proxy.cluster) as state:
        await state.until(lambda: state.syncs == 1 and state.is_live)
        await maps.put("b")
        await state.until(lambda: "b" in state.versions(NAMESPACE))
        assert state.versions(NAMESPACE) == await maps.versions()
    assert not state.failures


async def test_a_server_that_never_ends_its_initial_events_is_listed(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    await maps.put("a")
    proxy = fault_proxy(alpha)
    proxy.when(INITIAL, Stall(after_bytes=40))
    async with watching(proxy.cluster, WatchLimits(initial_s=0.5)) as state:
        await state.until(lambda: state.syncs == 1 and state.is_live)
        assert state.versions(NAMESPACE) == await maps.versions()
    assert not state.failures


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        pytest.param(Cut(after_bytes=700), None, id="cut in an event"),
        pytest.param(Stall(after_bytes=700), TimedOut, id="silent"),
        pytest.param(Drip(size=7, every_s=0.001), None, id="drip"),
        pytest.param(Hang(), TimedOut, id="no answer"),
        pytest.param(Truncate(after_bytes=700), None, id="an end in an event"),
        pytest.param(gone(), None, id="410"),
        pytest.param(status_event(410, "Expired"), None, id="410 as an event"),
        pytest.param(bookmarks("1"), ProtocolBroken, id="a bookmark with an older version"),
        pytest.param(bookmarks("99999999", "99999999"), ProtocolBroken, id="the same bookmark twice, of the future"),
        pytest.param(status_event(504, "Timeout"), ClusterError, id="versions that went back"),
        pytest.param(status_event(500, "InternalError"), ClusterError, id="500 as an event"),
        pytest.param(server_error(), ClusterError, id="500"),
        pytest.param(Answer(body=b"<html>\n"), ClusterError, id="no event"),
        pytest.param(Answer(body=b""), None, id="an end at once"),
        pytest.param(unauthorized(), None, id="a token that was refused once"),
        pytest.param(forbidden(), None, id="a right that was taken away for a moment"),
    ],
)
async def test_nothing_is_lost_by_an_interruption(
    alpha: Cluster,
    maps: Maps,
    fault_proxy: Callable[..., FaultProxy],
    fault: RequestFault,
    failure: type[ClusterError] | None,
) -> None:
    """FA-4, FA-5, FA-9 and FA-10: refused tokens, 410, resets in the middle, and silence."""
    await maps.put("a")
    await maps.put("gone")
    proxy = fault_proxy(alpha)
    async with watching(proxy.cluster, SILENT) as state:
        await state.until(lambda: state.syncs == 1)
        proxy.when(FOLLOWING, fault, times=1)
        proxy.drop_connections()
        for name in ("a", "b", "c"):
            await maps.put(name)
        await maps.delete("gone")
        await maps.put("last")
        expected = await maps.versions()
        await state.until(lambda: state.versions(NAMESPACE) == expected)
    assert [error for error in state.failures if failure and isinstance(error, failure)] or failure is None
    changes = [(name, version) for kind, name, version in state.seen if kind != "DELETED"]
    assert len(set(changes)) == len(changes) or state.syncs > 1


async def test_fa_4_a_token_that_stays_refused_is_said(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    proxy = fault_proxy(alpha)
    proxy.when(PATH, unauthorized())
    async with watching(proxy.cluster) as state:
        await state.until(lambda: bool(state.failures))
    assert isinstance(state.failures[0], Unauthenticated)


async def test_it_continues_behind_a_version(alpha: Cluster, maps: Maps) -> None:
    await maps.put("a")
    async with watching(alpha) as state:
        await state.until(lambda: state.syncs == 1)
    await maps.put("b")
    async with watching(alpha, version=state.version) as continued:
        await continued.until(lambda: "b" in continued.versions(NAMESPACE))
    assert [name for _, name, _ in continued.seen] == ["b"]
    assert continued.syncs == 0


async def test_a_restored_server_is_found_out_by_its_silence(alpha: Cluster, maps: Maps) -> None:
    await maps.put("a")
    async with watching(alpha, WatchLimits(silence_s=0.3), version="99999999999") as state:
        await state.until(lambda: state.syncs == 1 and state.is_live)
        assert state.versions(NAMESPACE) == await maps.versions()
    assert any("went back" in str(error) for error in state.failures)


async def test_a_server_without_bookmarks_is_not_lost_when_nothing_changes(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    proxy, figures = fault_proxy(alpha), ClusterWatchFigures()
    proxy.when(INITIAL, refusal(422, "Invalid"))
    proxy.when(FOLLOWING, Stall(), times=2)
    async with watching(proxy.cluster, WatchLimits(silence_s=0.2), figures=figures) as state:
        await state.until(lambda: state.syncs == 1)
        await maps.put("a")
        await state.until(lambda: "a" in state.versions(NAMESPACE))
    assert not state.failures
    assert figures.reconnects["Silence"] == 2
    assert not figures.relists


async def test_versions_that_are_always_gone_are_said(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    await maps.put("a")
    proxy, figures = fault_proxy(alpha), ClusterWatchFigures()
    proxy.when(INITIAL, refusal(422, "Invalid"))
    proxy.when(FOLLOWING, gone(), times=3)
    async with watching(proxy.cluster, figures=figures) as state:
        await state.until(lambda: len(state.failures) == 2)
        await maps.put("b")
        await state.until(lambda: state.is_live and "b" in state.versions(NAMESPACE))
        assert state.versions(NAMESPACE) == await maps.versions()
    assert [type(error) for error in state.failures] == [Gone, Gone]
    assert figures.relists["Expired"] == 3


async def test_an_object_that_is_larger_than_an_event_may_be_is_said_until_it_is_gone(
    alpha: Cluster, maps: Maps
) -> None:
    await maps.put("a")
    async with watching(alpha, WatchLimits(event_bytes=LARGE // 2)) as state:
        await state.until(lambda: state.syncs == 1)
        await maps.put("a", characters=LARGE)
        await state.until(lambda: len(state.failures) == 2)
        assert all(isinstance(error, AnswerTooLarge) for error in state.failures)
        await maps.delete("a")
        await maps.put("b")
        await state.until(lambda: list(state.versions(NAMESPACE)) == ["b"] and state.is_live)


@pytest.mark.parametrize("status", [403, 405, 501])
async def test_objects_that_cannot_be_watched_are_listed_now_and_then(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy], status: int
) -> None:
    await maps.put("a")
    await maps.put("gone")
    proxy = fault_proxy(alpha)
    proxy.when(f"{PATH}?watch", refusal(status, "NoWatch"))
    async with watching(proxy.cluster, WatchLimits(poll_s=0.05)) as state:
        await state.until(lambda: state.is_live)
        await maps.put("a")
        await maps.delete("gone")
        expected = await maps.versions()
        await state.until(lambda: state.versions(NAMESPACE) == expected)
    assert state.polled_every_s == 0.05
    assert not state.failures
    changes = [name for _, name, _ in state.seen if name == "gone"]
    assert changes


async def test_the_answer_to_a_watch_may_be_a_list(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    objects = [{"metadata": {"name": "a", "namespace": NAMESPACE}, "usage": {"cpu": "1m"}}]
    body = json.dumps({"kind": "MeasureList", "apiVersion": "v1", "metadata": {}, "items": objects}).encode()
    proxy = fault_proxy(alpha)
    proxy.when(PATH, Answer(body=body))
    async with watching(proxy.cluster, WatchLimits(poll_s=0.05)) as state:
        await state.until(lambda: state.syncs == 2)
    assert list(state.objects) == [(NAMESPACE, "a")]
    assert not state.failures
    assert len({version for _, _, version in state.seen}) == 1


async def test_a_token_is_renewed_without_a_gap_whatever_the_clock_does(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    clock, users = WallClock(), iter(("admin", "harness", "controllers"))
    tokens = {user: alpha.token(user) for user in ("admin", "harness", "controllers")}

    async def issue() -> IssuedToken:
        return IssuedToken(Secret(tokens[next(users)]), clock() + timedelta(hours=1))

    proxy = fault_proxy(alpha)
    async with watching(proxy.cluster, credential=RenewedToken(issue, clock=clock)) as state:
        await state.until(lambda: state.syncs == 1)
        clock.pass_s(7200)
        proxy.drop_connections()
        await maps.put("a")
        await state.until(lambda: "a" in state.versions(NAMESPACE))
        clock.pass_s(-3 * 3600)
        proxy.when(FOLLOWING, unauthorized(), times=1)
        proxy.drop_connections()
        await maps.put("b")
        await state.until(lambda: "b" in state.versions(NAMESPACE))
        assert state.versions(NAMESPACE) == await maps.versions()
    sent = [request.header("authorization") for request in proxy.requests if request.path.startswith(FOLLOWING)]
    assert list(dict.fromkeys(sent)) == [f"Bearer {tokens[user]}" for user in ("harness", "controllers")]
    assert state.syncs == 1
    assert not [error for error in state.failures if isinstance(error, Unauthenticated)]


async def test_a_client_certificate_watches(alpha: Cluster, maps: Maps, control_planes: ControlPlanes) -> None:
    pair = control_planes.authority.client("watcher", ("system:masters",))
    certificate = ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))
    await maps.put("a")
    async with watching(alpha, credential=certificate) as state:
        await state.until(lambda: state.syncs == 1)
        assert state.versions(NAMESPACE) == await maps.versions()
    assert not state.failures


@pytest.mark.parametrize(
    "fault",
    [pytest.param(without_bookmarks(), id="without bookmarks"), pytest.param(twice(), id="all events twice")],
)
async def test_odd_bookmarks_lose_nothing(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy], fault: RequestFault
) -> None:
    """Of an aggregated API, for one: initial events without an end, and silence while nothing changes."""
    await maps.put("a")
    await maps.put("gone")
    proxy = fault_proxy(alpha)
    proxy.when(f"{PATH}?watch", fault)
    async with watching(proxy.cluster, WatchLimits(silence_s=0.2, initial_idle_s=0.2)) as state:
        await state.until(lambda: state.is_live)
        for name in ("a", "b"):
            await maps.put(name)
        await maps.delete("gone")
        expected = await maps.versions()
        await state.until(lambda: state.versions(NAMESPACE) == expected)
        begun = len(proxy.requests)
        await state.until(lambda: len(proxy.requests) > begun)
        await maps.put("last")
        expected = await maps.versions()
        await state.until(lambda: state.versions(NAMESPACE) == expected)
    assert not [error for error in state.failures if not isinstance(error, Silence)]
    assert state.syncs == 1
