"""Isolation: failures of a real API server, or of one kind, for one caller do not affect other callers."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.resilience.flow import Flow
from k8s.resilience.throttle import Pause, Throttle
from resolvers.caller import OPERATOR, Caller
from resolvers.limits import OperationLimits
from resolvers.operation.operation import Operation
from store.clusters.cluster import IdentityMode
from tests.controlplane import faults
from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import Cut, Hang, RequestFault
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.controlplane.proxy import FaultProxy
from tests.grants.installations import Installation, caller, opened_installation
from tests.grants.test_impersonation import bind
from tests.k8s.wireserver import until

pytestmark = pytest.mark.controlplane

ALICE, BOB, CAROL = caller("isolated-alice"), caller("isolated-bob"), caller("isolated-carol")
FLOW_CONTROL = "/apis/flowcontrol.apiserver.k8s.io/v1"
TIMEOUT_S = 2.0
PODS = "{ pods { totalCount } }"
NODES = "{ nodes { totalCount } }"
OTHERS = """{ services { totalCount } configMaps { totalCount } serviceAccounts { totalCount }
  deployments { totalCount } jobs { totalCount } endpoints { totalCount } }"""


class ProxiedInstallation:
    """An installation with one cluster behind a proxy, with several callers by impersonation."""

    def __init__(self, installation: Installation, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self._installation = installation

    async def ask(self, asked_by: Caller, query: str) -> list[str]:
        """Returns the reasons of the errors of an answer."""
        return [error["extensions"]["reason"] for error in (await self.answer(asked_by, query)).get("errors", ())]

    async def answer(self, asked_by: Caller, query: str) -> Any:
        """Returns a whole answer."""
        limits = OperationLimits(cluster_timeout_s=TIMEOUT_S)
        operation = Operation(self._installation.fleet, caller=asked_by, cursor_key=b"k" * 32, limits=limits)
        return json.loads((await self._installation.engine.execute(GraphqlRequest(query, {}), operation)).to_json())

    def count_requests(self, path: str, asked_by: Caller | None = None) -> int:
        """Returns the number of requests to a path on the wire, of one caller or of all."""
        return sum(
            request.path.startswith(path) and (asked_by is None or request.header("impersonate-user") == asked_by.name)
            for request in self.proxy.requests
        )

    @contextmanager
    def asking(self, asked_by: Caller, query: str) -> Iterator[Counter[str]]:
        """Sends the same query from five tasks repeatedly while the context is open; counts the results."""
        outcomes: Counter[str] = Counter()

        async def repeat() -> None:
            while True:
                outcomes.update(await self.ask(asked_by, query) or ["answered"])
                await asyncio.sleep(0.1)

        tasks = [asyncio.create_task(repeat()) for _ in range(5)]
        try:
            yield outcomes
        finally:
            for task in tasks:
                task.cancel()


@pytest.fixture
async def installation(
    engine: Engine, tmp_path: Path, alpha: Cluster, fault_proxy: Callable[..., FaultProxy]
) -> AsyncIterator[ProxiedInstallation]:
    proxy = fault_proxy(alpha)
    servers = {alpha.name: proxy.url}
    async with opened_installation(engine, tmp_path, (alpha,), namespace="isolation", servers=servers) as opened:
        await opened.tell_apart_by(IdentityMode.IMPERSONATION, alpha.name)
        for who in (ALICE, BOB, CAROL):
            await opened.grant("view", alpha.name, user=who.name)
        yield ProxiedInstallation(opened, proxy)


@pytest.fixture(scope="module", autouse=True)
def bound(alpha: Cluster) -> None:
    """Grants all three callers all reads."""
    for who in (ALICE, BOB, CAROL):
        bind(alpha, who.name, {"kind": "User", "name": who.name}, role="cluster-admin")


@pytest.fixture
def rejected(alpha: Cluster) -> Iterator[None]:
    """Makes API priority and fairness reject requests of alice: all but one at a time."""
    limited: JsonObject = {
        "nominalConcurrencyShares": 0,
        "borrowingLimitPercent": 0,
        "limitResponse": {"type": "Reject"},
    }
    everything: JsonObject = {
        "subjects": [{"kind": "User", "user": {"name": ALICE.name}}],
        "resourceRules": [
            {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True, "namespaces": ["*"]}
        ],
    }
    level: JsonObject = {"metadata": {"name": "isolation"}, "spec": {"type": "Limited", "limited": limited}}
    schema: JsonObject = {
        "metadata": {"name": "isolation"},
        "spec": {
            "priorityLevelConfiguration": {"name": "isolation"},
            "matchingPrecedence": 10,
            "rules": [everything],
        },
    }
    ask(alpha, "POST", f"{FLOW_CONTROL}/prioritylevelconfigurations", level)
    ask(alpha, "POST", f"{FLOW_CONTROL}/flowschemas", schema)
    yield
    ask(alpha, "DELETE", f"{FLOW_CONTROL}/flowschemas/isolation")
    ask(alpha, "DELETE", f"{FLOW_CONTROL}/prioritylevelconfigurations/isolation")


def rejections(cluster: Cluster) -> int:
    """Returns the number of requests of alice that API priority and fairness has rejected."""
    figures = ask(cluster, "GET", "/metrics").decode()
    found = re.search(
        r'^apiserver_flowcontrol_rejected_requests_total\{flow_schema="isolation".*\} (\d+)', figures, re.M
    )
    return int(found[1]) if found else 0


def are_rejected(cluster: Cluster, least: int) -> bool:
    """Returns whether more requests of alice than that were rejected."""
    return rejections(cluster) > least


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Returns the identities whose requests waited because of the API server's Retry-After."""
    identities: set[str] = set()
    wait = Throttle.wait

    async def noted(throttle: Throttle, flow: Flow, pause: Pause, within_s: float) -> None:
        identities.add(flow.identity)
        await wait(throttle, flow, pause, within_s)

    monkeypatch.setattr(Throttle, "wait", noted)
    return identities


async def test_a_caller_that_a_flow_schema_rejects_slows_nobody_else_down(
    installation: ProxiedInstallation, alpha: Cluster, rejected: None, paused: set[str]
) -> None:
    with installation.asking(ALICE, OTHERS):
        for least in (0, 5):
            await until(partial(are_rejected, alpha, least), 60)
            for who, query in product((BOB, OPERATOR), (OTHERS, PODS)):
                for _ in range(15):
                    assert await installation.ask(who, query) == []

    (identity,) = paused
    assert ALICE.name in identity


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Hang(), "TimedOut"),
        (Cut(before_headers=True), "BrokenOff"),
        (Cut(after_bytes=20), "BrokenOff"),
        (faults.too_many_requests("30"), "TooManyRequests"),
        (faults.unavailable("30"), "ServiceUnavailable"),
    ],
    ids=["hangs", "resets", "breaks off", "429", "503"],
)
async def test_a_kind_that_fails_costs_who_asks_for_it_that_kind(
    installation: ProxiedInstallation, fault: RequestFault, reason: str
) -> None:
    """Lets two callers request the failing kind, one of them also another kind of that sort."""
    installation.proxy.when("/api/v1/pods", fault)
    installation.proxy.when("/api/v1/nodes", fault)
    installation.proxy.requests.clear()

    with installation.asking(ALICE, PODS) as outcomes, installation.asking(CAROL, NODES) as others:
        await until(lambda: min(outcomes.total(), others.total()) > 10, 10)
        for who in (BOB, OPERATOR):
            for _ in range(5):
                assert await installation.ask(who, OTHERS) == []
        for who in (ALICE, CAROL):
            assert await installation.ask(who, OTHERS) == []
        assert await installation.ask(BOB, PODS) == [reason]

    assert installation.count_requests("/api/v1/pods", BOB) > 0
    assert installation.count_requests("/api/v1/pods", ALICE) <= 40  # five tasks, each at first with up to four tries
    assert {"answered"} & {*outcomes, *others} == set()


async def test_a_cluster_that_hangs_altogether_is_asked_for_little(
    installation: ProxiedInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "k8s.resilience.circuitbreaker.FIRST_PAUSE_S", 30.0
    )  # no machine is so slow that it is over meanwhile
    installation.proxy.fault = Hang()
    asked = [(who, query) for who in (ALICE, BOB, OPERATOR) for query in (PODS, NODES)]
    first = await asyncio.gather(*(installation.ask(who, query) for who, query in asked))
    assert first == [["TimedOut"]] * 6
    installation.proxy.requests.clear()

    again = [await installation.ask(who, query) for who, query in asked * 3]

    assert again == [["CircuitOpen"]] * 18
    assert installation.proxy.requests == []
    assert {*await installation.ask(CAROL, OTHERS)} <= {"TimedOut", "CircuitOpen"}
    assert len(installation.proxy.requests) <= 4  # one for each of six kinds, if nothing were known of it


async def test_a_cluster_that_puts_everybody_off_is_asked_for_little(installation: ProxiedInstallation) -> None:
    installation.proxy.fault = faults.too_many_requests("1")
    callers = [ALICE, BOB, CAROL, OPERATOR]
    queries = [PODS, NODES, *(f"{{ {kind} {{ totalCount }} }}" for kind in ("services", "configMaps", "jobs"))]
    await asyncio.gather(*(installation.ask(who, query) for who in (ALICE, BOB) for query in (PODS, NODES)))
    installation.proxy.requests.clear()

    with installation.asking(ALICE, PODS):
        reasons = await asyncio.gather(
            *(installation.ask(who, query) for who in callers for query in queries for _ in "ab")
        )

    assert {reason for item in reasons for reason in item} <= {"TooManyRequests", "TimedOut"}
    assert all(reasons)
    assert len(installation.proxy.requests) <= 30
    installation.proxy.clear()

    async def recovered() -> bool:
        return not any([await installation.ask(who, query) for who in callers for query in queries])

    async with asyncio.timeout(15):
        while not await recovered():  # noqa: ASYNC110  no event says so
            await asyncio.sleep(0.1)
