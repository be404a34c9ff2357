"""Watches of real API servers that several users share, with their rights, budgets and identities."""

import asyncio
import secrets
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path

import pytest

from k8s.credentials.credential import PodServiceAccount
from k8s.credentials.plugin import ExecPlugin, ExecPolicy
from k8s.credentials.sources import CredentialSources
from k8s.errors import BrokenOff, Forbidden, Unauthenticated
from k8s.kinds.builtin import CONFIG_MAP
from k8s.transport.exchange import Exchange, Unobserved
from k8s.watches.clusterwatching import ClusterWatching
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.limits import WatchLimits
from k8s.watches.reflector.backoff import ReconnectPace
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from k8s.watches.watchbudget import TooManyWatches, TooMuchWatched, WatchBudget
from k8s.watches.watchconnection import WatchConnection
from k8s.watches.watchfigures import ClusterWatchFigures
from k8s.watches.watchmemory import WatchMemory
from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import unauthorized
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.proxy import FaultProxy
from tests.k8s.watches.followed import Followed
from tests.k8s.watches.maps import Maps, connection_to
from tests.k8s.wireserver import until

pytestmark = pytest.mark.controlplane
HERE, THERE = "sharedwatches", "sharedwatches-too"
RBAC = "rbac.authorization.k8s.io"
REVIEWED = WatchLimits(review_s=0.1)
MANY = 50
PLUGIN = f"""#!{sys.executable}
import datetime, json, pathlib
end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
status = {{"token": (pathlib.Path(__file__).parent / "token").read_text(), "expirationTimestamp": end.isoformat()}}
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}}))
"""
"""An exec plugin whose tokens live for a second."""
REQUEST: ContextVar[str] = ContextVar("request", default="")


@pytest.fixture(scope="module", autouse=True)
def roles(alpha: Cluster) -> None:
    """Creates a role in each of two namespaces."""
    for namespace in (HERE, THERE):
        ask(alpha, "POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
        rules: list[JsonValue] = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list", "watch"]}]
        role: JsonObject = {"metadata": {"name": "watcher"}, "rules": rules}
        ask(alpha, "POST", f"/apis/{RBAC}/v1/namespaces/{namespace}/roles", role)


@pytest.fixture
def user() -> str:
    """Returns a user whom no other test has bound to a role."""
    return f"watcher-{secrets.token_hex(4)}"


@pytest.fixture
async def maps(alpha: Cluster) -> AsyncIterator[Maps]:
    async with Maps.opened(alpha, HERE) as maps:
        yield maps


def bindings(namespace: str) -> str:
    return f"/apis/{RBAC}/v1/namespaces/{namespace}/rolebindings"


def bind(cluster: Cluster, namespace: str, user: str, *, role: str = "watcher") -> None:
    ask(
        cluster,
        "POST",
        bindings(namespace),
        {
            "metadata": {"name": user},
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": role},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}],
        },
    )


@asynccontextmanager
async def shared(
    connection: WatchConnection,
    *,
    linger_s: float = 60.0,
    limits: WatchLimits | None = None,
    common: ClusterWatching | None = None,
) -> AsyncIterator[SharedWatches]:
    watches = SharedWatches(connection, linger_s=linger_s, limits=limits, common=common)
    try:
        yield watches
    finally:
        await watches.close()


def target(namespace: str | None = HERE, *, labels: str = "") -> WatchTarget:
    return WatchTarget(CONFIG_MAP, namespace, labels)


def begun(proxy: FaultProxy) -> int:
    """Returns the number of watches that began with all objects."""
    return sum("sendInitialEvents" in request.path for request in proxy.requests)


async def test_all_who_need_a_target_share_one_watch(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    await maps.put("a")
    proxy = fault_proxy(alpha)
    async with shared(connection_to(proxy.cluster)) as watches:
        with watches.held(target()) as first, watches.held(target()) as second:
            assert first is second
            await Followed(first).live()
            assert watches.is_used
        assert not watches.is_used
        with watches.held(target()) as again:
            assert again is first
            assert again.is_complete
    assert begun(proxy) == 1


async def test_a_watch_that_nobody_needs_ends_after_a_while(alpha: Cluster, maps: Maps) -> None:
    figures = ClusterWatchFigures()
    async with shared(connection_to(alpha), linger_s=0.01, common=ClusterWatching(figures=figures)) as watches:
        with watches.held(target()) as held:
            followed = await Followed(held).live()
            assert figures.running == {held}
        await followed.until(lambda: held.is_ended)
        assert not figures.running
        with watches.held(target()) as again:
            assert again is not held


class ContextObserver(Unobserved):
    """An observer of the requests in whose context others are sent."""

    def __init__(self) -> None:
        self.requests: dict[str, str] = {}
        self.is_reviewed = asyncio.Event()

    def began(self, exchange: Exchange) -> None:
        self.requests[exchange.call.verb] = REQUEST.get()
        if exchange.call.verb == "create":
            self.is_reviewed.set()


async def test_a_watch_belongs_to_no_request(alpha: Cluster, maps: Maps) -> None:
    """Nothing of the request that begins a watch is kept for as long as the watch goes on."""
    observer = ContextObserver()
    async with shared(connection_to(alpha, observer=observer), limits=REVIEWED) as watches:
        REQUEST.set("the first")
        with watches.held(target()) as held:
            await Followed(held).live()
            await observer.is_reviewed.wait()
    assert {"watch", "create"} <= observer.requests.keys()
    assert set(observer.requests.values()) == {""}


async def test_what_is_revoked_in_one_of_two_namespaces_ends_there_and_comes_back(
    alpha: Cluster, maps: Maps, user: str
) -> None:
    for namespace in (HERE, THERE):
        bind(alpha, namespace, user)
    await maps.put("a")
    async with shared(connection_to(alpha, acting_as=user), limits=REVIEWED) as watches:
        with (
            watches.held(target(HERE)) as here,
            watches.held(target(THERE)) as there,
            watches.held(target(None)) as all_,
        ):
            kept, revoked = await Followed(there).live(), await Followed(here).live()
            assert isinstance(await Followed(all_).failed(), Forbidden)

            ask(alpha, "DELETE", f"{bindings(HERE)}/{user}")
            error = await revoked.failed()
            assert isinstance(error, Forbidden)
            assert "any more" in str(error)
            assert kept.held.freshness is Freshness.LIVE

            bind(alpha, HERE, user)
            await revoked.live()
            assert revoked.names() == await maps.versions()


async def test_nothing_crosses_identities(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy], user: str
) -> None:
    await maps.put("a")
    bind(alpha, HERE, user)
    proxy, common = fault_proxy(alpha), ClusterWatching()
    connections = [connection_to(proxy.cluster, acting_as=name) for name in (user, "may-not")]
    async with shared(connections[0], common=common) as first, shared(connections[1], common=common) as second:
        with first.held(target()) as seen, second.held(target()) as hidden:
            await Followed(seen).live()
            assert isinstance(await Followed(hidden).failed(), Forbidden)
            assert seen is not hidden
            assert len(seen)
    senders = defaultdict(set)
    for request in proxy.requests:
        senders["watch" in request.path].add(request.header("impersonate-user"))
    assert senders[True] == {user, "may-not"}
    assert None not in senders[False]


async def test_a_credential_that_is_refused_shows_nothing_any_more(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8s.watches.rights._AGAIN_S", 0.01)
    await maps.put("a")
    proxy = fault_proxy(alpha)
    async with shared(connection_to(proxy.cluster), limits=REVIEWED) as watches:
        with watches.held(target()) as held:
            followed = await Followed(held).live()
            proxy.when("/apis/authorization.k8s.io", unauthorized(), times=1)
            await maps.put("b")
            await followed.until(lambda: "b" in followed.names())
            proxy.when("/", unauthorized())
            assert isinstance(await followed.failed(), Unauthenticated)


@pytest.mark.parametrize("source", ["exec plugin", "token file"])
async def test_a_token_that_is_renewed_while_a_watch_runs_leaves_no_gap(
    alpha: Cluster,
    maps: Maps,
    fault_proxy: Callable[..., FaultProxy],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    source: str,
) -> None:
    """Tokens of a real program, or of a file, as they are replaced; reviews and the next watch have the new one."""
    monkeypatch.setattr("k8s.credentials.incluster._READ_FOR", timedelta(seconds=0.3))
    plugin = tmp_path / "plugin"
    plugin.write_text(PLUGIN)
    plugin.chmod(0o700)
    policy = ExecPolicy(commands=frozenset({str(plugin)}), timeout_s=30)

    def replace_token(token: str) -> None:
        (tmp_path / "next").write_text(token)
        (tmp_path / "next").replace(tmp_path / "token")

    first, second = alpha.token(), alpha.token("harness")
    replace_token(first)
    proxy, figures = fault_proxy(alpha), ClusterWatchFigures()
    connection = connection_to(
        proxy.cluster,
        credential=ExecPlugin(command=str(plugin)) if source == "exec plugin" else PodServiceAccount(),
        sources=CredentialSources(exec=policy, service_account=tmp_path),
    )
    async with shared(connection, limits=REVIEWED, common=ClusterWatching(figures=figures)) as watches:
        with watches.held(target()) as held:
            followed = await Followed(held).live()
            replace_token(second)
            await until(lambda: proxy.requests[-1].header("authorization") == f"Bearer {second}")
            await maps.put("a")
            await followed.until(lambda: "a" in followed.names())
            assert not figures.reconnects
            proxy.drop_connections()
            await maps.put("b")
            await followed.until(lambda: "b" in followed.names())
            assert followed.names() == await maps.versions()
    sent = [request.header("authorization") for request in proxy.requests if "watch=1" in request.path]
    assert sent == [f"Bearer {first}", f"Bearer {second}"]
    assert not figures.relists


async def test_a_full_budget_is_said_and_makes_room_of_what_nobody_needs(alpha: Cluster, maps: Maps) -> None:
    common = ClusterWatching(budgets=(WatchBudget(2, "THE_SETTING"), WatchBudget(10, "ANOTHER")))
    first, second = connection_to(alpha), connection_to(alpha, acting_as="second")
    async with shared(first, common=common) as watches, shared(second, common=common) as others:
        with watches.held(target(HERE)), ExitStack() as unneeded:
            lingering = unneeded.enter_context(watches.held(target(THERE)))
            await Followed(lingering).live()
            with pytest.raises(TooManyWatches, match=r"2 watches run already; the limit is 2 \(THE_SETTING\)"):
                unneeded.enter_context(others.held(target(HERE)))
            unneeded.close()
            with others.held(target(HERE)):
                assert lingering.is_ended
                assert common.budgets[0].running == common.budgets[1].running == 2
    assert common.budgets[0].running == common.budgets[1].running == 0
    assert not common.budgets[0].unused


async def test_a_watch_that_does_not_fit_in_memory_ends(alpha: Cluster, maps: Maps) -> None:
    await maps.put("a", characters=10)
    await maps.put("b", characters=10)
    memory = WatchMemory(1000)
    async with shared(connection_to(alpha), common=ClusterWatching(memory=memory)) as watches:
        with watches.held(target()) as held:
            assert isinstance(await Followed(held).failed(), TooMuchWatched)
            assert memory.held_bytes == held.size_bytes == 0


async def test_the_end_of_a_client_is_said(alpha: Cluster, maps: Maps) -> None:
    await maps.put("a")
    async with shared(connection_to(alpha)) as watches:
        with watches.held(target()) as held:
            followed = await Followed(held).live()
            await watches.close()
            assert isinstance(await followed.failed(), BrokenOff)
            assert held.is_ended
            with pytest.raises(BrokenOff):
                next(_entered(watches))


def _entered(watches: SharedWatches) -> Iterator[HeldObjects]:
    with watches.held(target()) as held:
        yield held


async def test_fa_15_watches_that_are_cut_at_once_come_back_one_by_one(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    """The pace is five times that of production, so that the test is as much shorter."""
    for number in range(MANY):
        await maps.put(f"m{number}", labels={"n": str(number)})
    proxy, per_s = fault_proxy(alpha), 50.0
    common = ClusterWatching(pace=ReconnectPace(per_s=per_s))
    async with shared(connection_to(proxy.cluster), common=common) as watches:
        with ExitStack() as stack:
            held = [stack.enter_context(watches.held(target(labels=f"n={number}"))) for number in range(MANY)]
            followed = [await Followed(each).live() for each in held]
            proxy.requests.clear()
            proxy.drop_connections()
            for number in range(0, MANY, 5):
                await maps.put(f"m{number}", labels={"n": str(number)})
            await maps.delete("m7")
            expected = await maps.versions()
            for each in followed:
                await each.until(lambda each=each: each.names().items() <= expected.items())  # type: ignore[misc]  # a default binds it
                await each.live()
            assert {name: version for each in followed for name, version in each.names().items()} == expected
    began_s = sorted(request.at_s for request in proxy.requests if "watch=1" in request.path)
    assert len(began_s) == MANY
    assert began_s[-1] - began_s[0] >= (MANY - 1) / per_s * 0.8
    assert common.figures.reconnects.total() == MANY
    assert not common.figures.relists


async def test_the_right_to_one_object_is_enough_to_watch_it(alpha: Cluster, maps: Maps, user: str) -> None:
    await maps.put("a")
    rules: list[JsonValue] = [
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a"], "verbs": ["list", "watch"]}
    ]
    api = f"/apis/{RBAC}/v1/namespaces/{HERE}"
    ask(alpha, "POST", f"{api}/roles", {"metadata": {"name": user}, "rules": rules})
    bind(alpha, HERE, user, role=user)
    connection = connection_to(alpha, acting_as=user)
    async with shared(connection, limits=REVIEWED) as watches:
        one, other = (WatchTarget(CONFIG_MAP, HERE, field_selector=f"metadata.name={name}") for name in "ab")
        with watches.held(one) as seen, watches.held(other) as hidden:
            followed = await Followed(seen).live()
            assert isinstance(await Followed(hidden).failed(), Forbidden)
            ask(alpha, "DELETE", f"{bindings(HERE)}/{user}")
            assert isinstance(await followed.failed(), Forbidden)
