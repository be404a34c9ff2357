"""A served schema that follows the CRDs of a real cluster under load, and stays while the cluster is down."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import httpx
import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import Refuse
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.proxy import FaultProxy
from tests.operators.installing import install, uninstall
from tests.server.commandline import Cli
from tests.server.serverprocess import ServerProcess

pytestmark = pytest.mark.controlplane

NAME: Final = "gadgets.livetypes.test"
_CRDS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_LOAD: Final = (
    "{ clusters { name reachable } }",
    "{ namespaces { totalCount clusters { status } } }",
    '{ objects(resource: "ns") { nodes { name } clusters { status } } }',
    '{ __type(name: "Pod") { fields { name } } }',
)
_STATUSES: Final = {("OK", None), ("NOT_SERVED", "KIND_UNAVAILABLE"), ("FAILED", "NOT_FOUND")}
"""The answers of a cluster while it removes a kind, which discovery may list for a moment longer."""
_TIMEOUT_S: Final = 120.0


def _versions(**properties: str) -> JsonObject:
    spec: JsonObject = {"type": "object", "properties": {name: {"type": of} for name, of in properties.items()}}
    schema: JsonObject = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    return {"versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}]}


def _crd(**properties: str) -> JsonObject:
    names: JsonObject = {"plural": "gadgets", "kind": "Gadget"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": NAME},
        "spec": {"group": "livetypes.test", "scope": "Namespaced", "names": names, **_versions(**properties)},
    }


class _Client:
    """A client of a server that changes."""

    def __init__(self, token: str) -> None:
        self._http = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60)
        self.url = ""

    def __call__(self, query: str) -> Any:
        return self._http.post(f"{self.url}/graphql", json={"query": query}).json()

    def sdl(self) -> str:
        return self._http.get(f"{self.url}/schema.graphql").text

    def close(self) -> None:
        self._http.close()

    @contextmanager
    def under_load(self) -> Iterator[list[object]]:
        """Yields a list of failed answers, to queries that go on until the end of the context."""
        failed, ended = list[object](), threading.Event()

        def load() -> None:
            while not ended.is_set():
                for query in _LOAD:
                    answer = self(query)
                    if "data" not in answer or "errors" in answer:
                        failed.append(answer)
                ended.wait(0.02)

        thread = threading.Thread(target=load)
        thread.start()
        try:
            yield failed
        finally:
            ended.set()
            thread.join()


def _wait(is_done: Callable[[], object]) -> None:
    until_s = monotonic() + _TIMEOUT_S
    while not is_done():
        assert monotonic() < until_s
        sleep(0.05)


def _answers(client: _Client, query: str) -> bool:
    return "errors" not in client(query)


@pytest.fixture
def client(cli: Cli) -> Iterator[_Client]:
    client = _Client(cli("tokens", "create", "--name", "test", "--admin").out.strip())
    yield client
    client.close()


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """Returns the environment with the store of the commands of this test, and a short interval."""
    database = f"sqlite:///{tmp_path}/fleetgraph.db"
    return {"HOME": str(tmp_path), "FLEETGRAPH_DATABASE_URL": database, "FLEETGRAPH_TYPES_INTERVAL_S": "0.5"}


@pytest.fixture
def proxy(cli: Cli, alpha: Cluster, fault_proxy: Callable[..., FaultProxy], tmp_path: Path) -> Iterator[FaultProxy]:
    """Returns the way to a registered cluster, whose CRD is removed at the end."""
    proxy = fault_proxy(alpha)
    kubeconfig = write_kubeconfig(tmp_path / "config", [proxy.cluster])
    cli("clusters", "import", "--kubeconfig", str(kubeconfig), "--all", "--name", "live")
    yield proxy
    asyncio.run(uninstall(alpha, [NAME]))


def test_the_schema_follows_the_crds_and_stays_without_the_cluster(
    alpha: Cluster, client: _Client, environment: Mapping[str, str], proxy: FaultProxy
) -> None:
    gadgets = "{ livetypesGadgets { nodes { name spec { size color } } clusters { status } } }"
    with ServerProcess(environment) as server:
        client.url = server.url
        with client.under_load() as failed:
            _wait(lambda: server.log.count('"types learned"'))
            asyncio.run(install(alpha, [_crd(size="integer")]))
            gadget: JsonObject = {"metadata": {"name": "one"}, "spec": {"size": 2**40}}
            path = "/apis/livetypes.test/v1/namespaces/default/gadgets"
            ask(alpha, "POST", path, {"apiVersion": "livetypes.test/v1", "kind": "Gadget", **gadget})
            _wait(lambda: "errors" not in client("{ livetypesGadgets { nodes { spec { size } } } }"))
            early = client(gadgets)
            ask(alpha, "PATCH", f"{_CRDS}/{NAME}", {"spec": _versions(size="integer", color="string")})
            _wait(lambda: "errors" not in client(gadgets))
            answer = client(gadgets)
        _wait(lambda: server.log.count('"types learned"') >= 3)
        proxy.fault = Refuse()
        before = client.sdl()
        server.terminate()
        assert server.exit_code() == 0

    with ServerProcess(environment) as server:
        client.url = server.url
        down, after = client(gadgets), client.sdl()
        proxy.fault = None
        for query in (*_LOAD, gadgets):  # circuit breakers close
            _wait(partial(_answers, client, query))
        with client.under_load() as failed_later:
            asyncio.run(uninstall(alpha, [NAME]))
            reports = list[Any]()

            def is_gone() -> bool:
                meanwhile = client("{ livetypesGadgets { clusters { status error { code message } } } }")
                if "data" in meanwhile:
                    reports.extend(meanwhile["data"]["livetypesGadgets"]["clusters"])
                return "data" not in meanwhile

            _wait(is_gone)
            gone = client(gadgets)

    assert failed == failed_later == []
    assert [error["message"] for error in early["errors"]] == [
        "Cannot query field 'color' on type 'LivetypesGadget_Spec'."
    ]
    found = {"nodes": [{"name": "one", "spec": {"size": 2**40, "color": None}}], "clusters": [{"status": "OK"}]}
    assert answer["data"]["livetypesGadgets"] == found
    assert after == before
    assert "type LivetypesGadget_Spec" in after
    assert down["data"]["livetypesGadgets"] == {"nodes": [], "clusters": [{"status": "UNREACHABLE"}]}
    statuses = {(one["status"], (one["error"] or {}).get("code")) for one in reports}
    assert statuses <= _STATUSES
    assert [error["message"] for error in gone["errors"]] == ["Cannot query field 'livetypesGadgets' on type 'Query'."]
