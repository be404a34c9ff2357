"""Discovery of a real API server: all forms of its documents agree, and a dead aggregated API costs only its kinds."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import aiohttp
import pytest

from k8s.apiserver.discovery import read_served
from k8s.apiserver.served import Served, ServedKind
from k8s.kinds.builtin import BUILT_IN
from k8s.transport.body import OnPrefix
from k8s.transport.call import JSON, Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from resolvers.fleet.servedkinds import ServedKinds
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.graph.fleets import connection_to

T = TypeVar("T")

pytestmark = pytest.mark.controlplane

GROUP = "discovered.example.com"
APIS = "/apis/apiregistration.k8s.io/v1/apiservices"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
V2, V2_BETA_1 = "apidiscovery.k8s.io/v2", "apidiscovery.k8s.io/v2beta1"


class Older:
    """A server as of before Kubernetes 1.27, which has no aggregated discovery, or of 1.27 to 1.29 (v2beta1)."""

    def __init__(self, sender: Connection, *, has_v2beta1: bool = False) -> None:
        self.name = sender.name
        self.accepted: list[str] = []
        self._sender = sender
        self._has_v2beta1 = has_v2beta1

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.accepted.append(call.accept)
        if not self._has_v2beta1:
            return await self._sender.send(replace(call, accept=JSON), deadline)
        body = await self._sender.send(call, deadline)
        return body.replace(V2.encode(), V2_BETA_1.encode())


@pytest.fixture
async def connection(beta: Cluster) -> AsyncIterator[Connection]:
    made = connection_to(beta)
    yield made
    await made.close()


@pytest.fixture
async def session(beta: Cluster) -> AsyncIterator[aiohttp.ClientSession]:
    async with connect(beta) as made:
        yield made


async def test_everything_is_kept(connection: Connection) -> None:
    served = await read_served(connection, Deadline(30))

    deployment = served.find("apps", "Deployment")
    assert deployment is not None
    (version,) = deployment.versions
    assert (deployment.plural, deployment.singular, deployment.short_names) == (
        "deployments",
        "deployment",
        ("deploy",),
    )
    assert (deployment.categories, deployment.namespaced, deployment.is_stale) == (("all",), True, False)
    assert (version.version, version.subresources) == ("v1", ("scale", "status"))
    assert {"create", "delete", "get", "list", "patch", "update", "watch"} <= {*version.verbs}
    autoscaler = served.find("autoscaling", "HorizontalPodAutoscaler")
    assert autoscaler is not None
    assert [one.version for one in autoscaler.versions] == ["v2", "v1"]
    assert (served.failed, served.problems) == ({}, ())


async def test_kinds_that_are_built_in_are_listed_in_the_version_of_their_type(connection: Connection) -> None:
    listed = [*(await read_served(connection, Deadline(30))).listed()]

    built_in = {(kind.group, kind.plural): kind for kind in BUILT_IN}
    assert len({(kind.group, kind.plural) for kind in listed}) == len(listed)
    assert [kind for kind in listed if built_in.get((kind.group, kind.plural), kind) != kind] == []
    assert len(listed) > 50


@pytest.mark.parametrize("has_v2beta1", [True, False], ids=["v2beta1", "legacy"])
async def test_older_documents_say_the_same(connection: Connection, has_v2beta1: bool) -> None:
    server = Older(connection, has_v2beta1=has_v2beta1)

    served, older = await read_served(connection, Deadline(30)), await read_served(server, Deadline(30))

    assert _by_name(older) == _by_name(served)
    assert (older.failed, older.problems) == (served.failed, served.problems)
    assert [str(kind) for kind in older.named("events")] == ["events", "events.events.k8s.io"]
    assert [text.partition("as=")[0] for text in server.accepted[0].split(",")] == [
        f"{JSON};g=apidiscovery.k8s.io;v=v2;",
        f"{JSON};g=apidiscovery.k8s.io;v=v2beta1;",
        JSON,
    ]


def _by_name(served: Served) -> Mapping[tuple[str, str], ServedKind]:
    return {(kind.group, kind.name): kind for kind in served.kinds}


@pytest.mark.parametrize("is_older", [False, True], ids=["aggregated", "legacy"])
async def test_a_dead_aggregated_api_costs_only_its_own_kinds(
    connection: Connection, session: aiohttp.ClientSession, is_older: bool
) -> None:
    sender = Older(connection) if is_older else connection
    before = await read_served(sender, Deadline(30))
    async with _dead_api(session):
        served = await _until(
            lambda: read_served(sender, Deadline(30)), lambda found: f"dead.{GROUP}/v1" in found.failed
        )

    assert served.failed == {f"dead.{GROUP}/v1": "its server does not answer"}
    assert _by_name(served) == _by_name(before)


async def test_a_custom_kind_is_found_as_soon_as_it_is_served(
    connection: Connection, session: aiohttp.ClientSession
) -> None:
    kinds = ServedKinds(connection)
    assert (await kinds.current(Deadline(30))).named(f"goose.{GROUP}") == ()

    async with _geese(session):
        (goose,) = await _until(
            lambda: kinds.find(Deadline(30), lambda served: served.named(f"goose.{GROUP}")), lambda found: bool(found)
        )
        known = kinds.known

    assert (goose.name, goose.plural, goose.short_names, goose.categories) == ("Goose", "geese", ("gs",), ("birds",))
    assert [(one.version, one.subresources) for one in goose.versions] == [("v1", ("status",)), ("v1beta1", ())]
    assert known is not None
    for name in ("geese", "GEESE", "Goose", "goose", "gs", f"gs.{GROUP}", f"geese.v1beta1.{GROUP}", "geese.discovered"):
        assert known.named(name) == (goose,), name


async def _until(read: Callable[[], Awaitable[T]], is_enough: Callable[[T], bool]) -> T:
    """Reads until the server has noticed a change, which it does in the background."""
    for _ in range(300):
        if is_enough(found := await read()):
            return found
        await asyncio.sleep(0.2)
    raise AssertionError(found)


@asynccontextmanager
async def _dead_api(session: aiohttp.ClientSession) -> AsyncIterator[None]:
    """Registers an aggregated API whose service does not exist."""
    name = f"v1.dead.{GROUP}"
    spec = {
        "group": f"dead.{GROUP}",
        "version": "v1",
        "groupPriorityMinimum": 1000,
        "versionPriority": 10,
        "insecureSkipTLSVerify": True,
        "service": {"namespace": "default", "name": "nobody"},
    }
    body = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": name},
        "spec": spec,
    }
    async with _created(session, APIS, name, body):
        yield


@asynccontextmanager
async def _geese(session: aiohttp.ClientSession) -> AsyncIterator[None]:
    """Defines a custom kind in two versions."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [
        {"name": "v1beta1", "served": True, "storage": False, "schema": schema},
        {"name": "v1", "served": True, "storage": True, "schema": schema, "subresources": {"status": {}}},
    ]
    names = {"kind": "Goose", "plural": "geese", "singular": "goose", "shortNames": ["gs"], "categories": ["birds"]}
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"geese.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": versions},
    }
    async with _created(session, DEFINITIONS, f"geese.{GROUP}", body):
        yield


@asynccontextmanager
async def _created(session: aiohttp.ClientSession, path: str, name: str, body: object) -> AsyncIterator[None]:
    async with session.post(path, json=body) as created:
        assert created.status == 201, await created.text()
    try:
        yield
    finally:
        async with session.delete(f"{path}/{name}") as deleted:
            assert deleted.status == 200
