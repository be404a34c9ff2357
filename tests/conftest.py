"""Fixtures that every package's tests may use: real clusters, faults on the way to them, the demo fleet, Node."""

import asyncio
import gc
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.workermanage import WorkerController

from tests.controlplane.binaries import find_newest_kubectl
from tests.controlplane.certificates import ServerCertificate
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.json_object import JsonObject
from tests.controlplane.mixedversions import MixedVersions, mixed_versions
from tests.controlplane.proxy import FaultProxy
from tests.controlplane.unavailable import ControlPlaneUnavailable
from tests.demo.serving import DemoServer
from tests.operators.crds import crds
from tests.operators.installing import install
from tests.operators.operator import OPERATORS, Operator
from tests.workers import (
    Together,
    in_order_of_length,
    is_last_of_control_planes,
    is_worker_of_whole_files,
    scheduler,
    tell,
)
from web.errors import NodeUnavailable
from web.node import NodeJs, find_node

_ON_BUSY_MACHINES = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", _ON_BUSY_MACHINES, derandomize=True)
settings.register_profile("random", _ON_BUSY_MACHINES, derandomize=False)
settings.register_profile("thorough", _ON_BUSY_MACHINES, derandomize=False, max_examples=3000)
settings.register_profile("quick", _ON_BUSY_MACHINES, max_examples=10)
settings.load_profile("repeatable")  # what passed once passes again

REQUIRED = "FLEETGRAPH_REQUIRE_CONTROL_PLANES"
REASON = "no control planes: "
NODE_REQUIRED = "FLEETGRAPH_REQUIRE_NODE"
T = TypeVar("T")
_STOPS = pytest.StashKey[list[Callable[[], None]]]()


def give_up(error: ControlPlaneUnavailable) -> NoReturn:
    """Skip what needs control planes, or fail it where the environment says that they must be there."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REASON}{error} ({REQUIRED}=1)", pytrace=False)
    pytest.skip(f"{REASON}{error}")


def stop_after_control_planes(request: pytest.FixtureRequest, stop: Callable[[], None]) -> None:
    """Lets something be stopped after the last test that may use control planes; its fixture stops it again."""
    request.session.stash.setdefault(_STOPS, []).append(stop)


def uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    """Let output through: the first build takes minutes, and says so."""
    manager = config.pluginmanager.getplugin("capturemanager")
    return manager.global_and_fixture_disabled() if manager else nullcontext()


def running(
    request: pytest.FixtureRequest, planes: AbstractContextManager[T], *, stops_early: bool = False
) -> Iterator[T]:
    """Yields control planes while they run, or gives up; the end of a fixture of them.

    Args:
        request: of the fixture.
        planes: starts them, and stops them at its end.
        stops_early: whether they stop after the last test that may use control planes.
    """
    with ExitStack() as stack:
        try:
            with uncaptured(request.config):
                started = stack.enter_context(planes)
        except ControlPlaneUnavailable as error:
            unavailable = error
        else:
            if stops_early:
                stop_after_control_planes(request, stack.close)
            yield started
            return
    give_up(unavailable)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collects tests without collections of garbage, and keeps what is there then out of all later ones."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the long files first."""
    in_order_of_length(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    """Gives files that share something to one worker."""
    return scheduler(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Lets a worker know how its tests are distributed."""
    tell(node)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stops control planes after the last test that may use them: idle ones take a tenth of a processor."""
    stops = item.session.stash.get(_STOPS, [])
    if not stops or nextitem is None or not is_worker_of_whole_files(item.config):
        return
    if is_last_of_control_planes(item.path, nextitem.path):
        for stop in stops:
            stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give all these skips one place, so that the summary says it in one line."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and REASON in report.longrepr[2]:
        report.longrepr = (__file__, 1, report.longrepr[2])
    return report


@pytest.fixture(scope="module", autouse=True)
def _without_old_objects() -> None:
    """Keeps objects of earlier files, such as the schema, out of the collections of garbage of this one."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def control_planes(request: pytest.FixtureRequest) -> Iterator[ControlPlanes]:
    """Three clusters for the whole run; each test keeps to namespaces of its own."""
    yield from running(request, ControlPlanes(), stops_early=True)


@pytest.fixture(scope="session")
def newest_kubectl(request: pytest.FixtureRequest) -> Path:
    """The kubectl of the newest tested version, for what older ones print otherwise."""
    try:
        with uncaptured(request.config):
            return find_newest_kubectl()
    except ControlPlaneUnavailable as error:
        give_up(error)


@pytest.fixture(scope="session")
def alpha(control_planes: ControlPlanes) -> Cluster:
    """A cluster in which nothing acts on objects."""
    return control_planes.alpha


@pytest.fixture(scope="session")
def beta(control_planes: ControlPlanes) -> Cluster:
    """Another cluster in which nothing acts on objects."""
    return control_planes.beta


@pytest.fixture(scope="session")
def living(control_planes: ControlPlanes) -> Cluster:
    """A cluster with controllers, a scheduler, and nodes that run pods."""
    try:
        return control_planes.living
    except ControlPlaneUnavailable as error:
        give_up(error)


@pytest.fixture(scope="session")
def operator_crds() -> Callable[[Operator], tuple[JsonObject, ...]]:
    """All CRDs of an operator as JSON: `operator_crds(ARGO_CD)`; tests skip where its module cannot be had."""

    def of(operator: Operator) -> tuple[JsonObject, ...]:
        try:
            return crds(operator)
        except ControlPlaneUnavailable as error:
            give_up(error)

    return of


@pytest.fixture(scope="session")
def operated_planes(request: pytest.FixtureRequest) -> Iterator[ControlPlanes]:
    """The API server of `operated`, which is apart: CRDs of 75 kinds would change what other tests count."""
    yield from running(request, ControlPlanes(("operated",), living=False), stops_early=True)


@pytest.fixture(scope="session")
def operated(operated_planes: ControlPlanes, operator_crds: Callable[[Operator], tuple[JsonObject, ...]]) -> Cluster:
    """A cluster with all CRDs of `tests.operators.operator.OPERATORS`; ready after about 30 s."""
    found = [crd for operator in OPERATORS for crd in operator_crds(operator)]
    [cluster] = operated_planes.clusters
    asyncio.run(install(cluster, found))
    return cluster


@pytest.fixture(scope="module")
def mixed_fleet(request: pytest.FixtureRequest) -> Iterator[MixedVersions]:
    """Two clusters of the file's own: of the oldest tested version of Kubernetes and of the newest, with all APIs."""
    yield from running(request, mixed_versions())


@pytest.fixture
def fault_proxy(control_planes: ControlPlanes) -> Iterator[Callable[..., FaultProxy]]:
    """Put proxies before clusters: `fault_proxy(alpha)`, `fault_proxy(alpha, authority.expired())`."""
    with ExitStack() as stack:

        def before(target: Cluster, certificate: ServerCertificate | None = None) -> FaultProxy:
            return stack.enter_context(FaultProxy(target, control_planes.authority, certificate))

        yield before


@pytest.fixture(scope="session")
def demo_server() -> Iterator[DemoServer]:
    """The demo fleet, frozen, at `demo_server.url`; it needs no token."""
    with DemoServer() as server:
        yield server


@pytest.fixture(scope="session")
def node() -> NodeJs:
    """Node with npm, from the PATH or from PyPI."""
    try:
        return find_node()
    except NodeUnavailable as error:
        if os.environ.get(NODE_REQUIRED) == "1":
            pytest.fail(f"{error} ({NODE_REQUIRED}=1)", pytrace=False)
        pytest.skip(f"no Node: {error}")
