"""`usageOver` by a real Prometheus, which is asked directly and through the service proxy of a real API server."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

import msgspec
import pytest

from graph.engine import Engine
from k8s.prometheus.address import PrometheusEndpoint
from k8s.prometheus.prometheus import Prometheus
from k8s.transport.connection import Connection
from resolvers.fleet.fleet import Fleet
from tests.conftest import give_up
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.http_call import ask
from tests.controlplane.json_object import JsonObject
from tests.controlplane.prometheus import PrometheusServer
from tests.controlplane.remotewrite import Series
from tests.controlplane.unavailable import ControlPlaneUnavailable
from tests.controlplane.users import ADMIN, VIEWER
from tests.graph.fleets import Asking, Clusters, cluster_of, connection_to

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]

SPACE: Final = "history-recorded"
SERVICE: Final = f"service:{SPACE}/prometheus:http"
HOUR: Final = 'usageOver(range: "1h", step: "1m") { cpu { time value } memory { time value } }'
_METRICS: Final = ("container_cpu_usage_seconds_total", "container_memory_working_set_bytes")
_INTERVAL_S: Final = 30
_OTHER_SCRAPE: Final = {"job": "kubelet-resource"}
_NODE_METRICS: Final = ("node_cpu_usage_seconds_total", "node_memory_working_set_bytes")
_NOT_HONOURED: Final = {"namespace": "monitoring", "exported_namespace": SPACE}
_FORGED: Final = {"namespace": "evil", "pod": "evil-0", "container": "app", "exported_namespace": SPACE}
_RBAC: Final = "rbac.authorization.k8s.io"


def memory_at(time_s: int) -> float:
    """Returns bytes that are others in each minute of an hour."""
    return 1024.0 * (1 + time_s // 60 % 60)


@dataclass(frozen=True)
class Recording:
    """A Prometheus, and the API server that passes requests on to it."""

    server: PrometheusServer
    cluster: Cluster


@pytest.fixture(scope="module")
def recording(alpha: Cluster, living: Cluster, control_planes: ControlPlanes) -> Iterator[Recording]:
    """Two pods of a Deployment, and nodes of the living cluster, with two hours of records."""
    try:
        server = PrometheusServer(control_planes.authority)
    except ControlPlaneUnavailable as error:
        give_up(error)
    with server:
        server.write([*_of_pods(), *_of_nodes(living)])
        _create_pods(alpha)
        yield Recording(server, alpha)
    ask(alpha, "DELETE", f"/api/v1/namespaces/{SPACE}")


@pytest.fixture
async def connections() -> AsyncIterator[list[Connection]]:
    """The connections of a test, which are closed after it."""
    opened: list[Connection] = []
    yield opened
    for connection in opened:
        await connection.close()


@dataclass(frozen=True)
class Asked:
    """A schema, and a cluster whose Prometheus is reached in some way."""

    engine: Engine
    connections: list[Connection]
    cluster: Cluster
    url: str

    async def __call__(self, query: str, *, user: str = ADMIN, address: str | None = None) -> Any:
        """Returns the data of an answer without errors; `address` is that of a service of the cluster."""
        sender = connection_to(self.cluster, user)
        direct = Connection(self.cluster.name, PrometheusEndpoint(self.url), credential=None)
        self.connections.extend([sender, direct])
        prometheus = Prometheus(direct, self.url) if address is None else Prometheus(sender, address)
        known = replace(cluster_of(sender), prometheus=prometheus)
        answer = await Asking(self.engine, cast(Fleet, Clusters((known,))))(query)
        assert not answer.errors, answer.errors
        return msgspec.to_builtins(answer.data)


@pytest.fixture
def asked(engine: Engine, recording: Recording, connections: list[Connection]) -> Asked:
    return Asked(engine, connections, recording.cluster, recording.server.url)


def named(*names: str) -> str:
    """Returns the argument that chooses objects by name."""
    values = ", ".join(map('"{}"'.format, names))
    return f'where: [{{path: "metadata.name", op: IN, value: [{values}]}}]'


def assert_hour(usage: Any, *, cores: float, copies: int = 1) -> None:
    """Compares 61 points, on whole minutes until now, with what was recorded."""
    times = [_seconds(point["time"]) for point in usage["cpu"]]
    assert times == list(range(times[0], times[0] + 3601, 60))
    assert abs(times[-1] - time.time()) < 600
    assert [point["value"] for point in usage["cpu"]] == pytest.approx([cores] * 61)
    recorded = {_seconds(point["time"]): point["value"] for point in usage["memory"]}
    assert recorded == {at: copies * memory_at(at) for at in times}


async def test_pods_and_containers(asked: Asked) -> None:
    data = await asked(
        f'{{ pods(namespaces: ["{SPACE}"], {named("web-0", "web-1")}) '
        f"{{ nodes {{ name {HOUR} containers {{ name {HOUR} }} }} }} }}"
    )

    web_0, web_1 = data["pods"]["nodes"]
    assert_hour(web_0["usageOver"], cores=0.75, copies=2)
    assert_hour(web_1["usageOver"], cores=0.5)
    app, proxy = web_0["containers"]
    assert_hour(app["usageOver"], cores=0.5)
    assert_hour(proxy["usageOver"], cores=0.25)


async def test_namespaces_and_deployments(asked: Asked) -> None:
    data = await asked(
        f'{{ namespaces(name: "{SPACE}") {{ nodes {{ {HOUR} }} }} '
        f'deployments(namespaces: ["{SPACE}"]) {{ nodes {{ {HOUR} }} }} }}'
    )

    assert_hour(data["deployments"]["nodes"][0]["usageOver"], cores=1.25, copies=3)
    # with a pod that is gone, without one of which there are only series that may be another's
    assert_hour(data["namespaces"]["nodes"][0]["usageOver"], cores=1.75, copies=3)


async def test_a_pod_that_has_begun_within_the_hour(asked: Asked) -> None:
    data = await asked(f'{{ pods(namespaces: ["{SPACE}"], {named("young")}) {{ nodes {{ {HOUR} }} }} }}')

    usage = data["pods"]["nodes"][0]["usageOver"]
    assert 25 <= len(usage["memory"]) <= 41
    assert usage["cpu"] == []


async def test_nodes_and_their_cluster(
    engine: Engine, recording: Recording, living: Cluster, connections: list[Connection]
) -> None:
    asked = Asked(engine, connections, living, recording.server.url)

    data = await asked(f"{{ nodes {{ nodes {{ {HOUR} }} }} clusters {{ {HOUR} }} }}")

    nodes = data["nodes"]["nodes"]
    for node in nodes:
        assert_hour(node["usageOver"], cores=2.0)
    assert_hour(data["clusters"][0]["usageOver"], cores=2.0 * len(nodes), copies=len(nodes))


async def test_through_the_api_server(asked: Asked, recording: Recording) -> None:
    if recording.server.host is None:
        pytest.skip("this machine has no address but loopback, to which API servers pass no requests on")
    _create_service(recording, recording.server.host)
    fields = f"nodes {{ {HOUR} }} clusters {{ notes {{ code }} }}"
    query = f'{{ pods(namespaces: ["{SPACE}"], {named("web-0")}) {{ {fields} }} }}'

    of_admin = (await asked(query, address=SERVICE))["pods"]
    of_viewer = (await asked(query, address=SERVICE, user=VIEWER))["pods"]

    assert_hour(of_admin["nodes"][0]["usageOver"], cores=0.75, copies=2)
    assert of_viewer == {"nodes": [{"usageOver": None}], "clusters": [{"notes": [{"code": "FORBIDDEN"}]}]}


async def test_directly_the_right_to_see_usage_decides(asked: Asked, recording: Recording) -> None:
    query = f'{{ pods(namespaces: ["{SPACE}"]) {{ nodes {{ {HOUR} }} clusters {{ notes {{ code message }} }} }} }}'

    before = (await asked(query, user=VIEWER))["pods"]
    _let_see_usage(recording.cluster, VIEWER)
    after = (await asked(query, user=VIEWER))["pods"]

    assert {node["usageOver"] is None for node in before["nodes"]} == {True}
    assert before["clusters"][0]["notes"] == [
        {
            "code": "FORBIDDEN",
            "message": f"its RBAC does not allow to list pods.metrics.k8s.io in namespace {SPACE}.",
        }
    ]
    assert sum(node["usageOver"] is not None for node in after["nodes"]) == 3


@pytest.mark.parametrize("address", [f"service:{SPACE}/missing:http", None])
async def test_a_prometheus_that_is_not_there(asked: Asked, address: str | None) -> None:
    unreachable = replace(asked, url="http://127.0.0.1:9")

    data = await unreachable(
        f'{{ pods(namespaces: ["{SPACE}"], {named("web-0")}) {{ nodes {{ name {HOUR} }} '
        "clusters { error { code } notes { code } } } }",
        address=address,
    )

    assert data["pods"]["nodes"] == [{"name": "web-0", "usageOver": None}]
    assert data["pods"]["clusters"] == [{"error": None, "notes": [{"code": "UNAVAILABLE"}]}]


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _series(
    labels: Mapping[str, str], *, cores: float, since_s: int = 7200, metrics: tuple[str, str] = _METRICS
) -> list[Series]:
    """Returns the records of both resources, from the past until a few minutes from now."""
    now_s = int(time.time()) // 60 * 60
    times = range(now_s - since_s, now_s + 540, _INTERVAL_S)
    cpu, memory = metrics
    return [
        Series({"__name__": cpu, **labels}, {at: cores * (at - times[0]) for at in times}),
        Series({"__name__": memory, **labels}, {at: memory_at(at) for at in times}),
    ]


def _of_pods() -> Iterator[Series]:
    def of(pod: str, container: str, cores: float, **labels: str) -> list[Series]:
        return _series({"namespace": SPACE, "pod": pod, "container": container, **labels}, cores=cores)

    yield from of("web-0", "app", 0.5)
    yield from of("web-0", "app", 0.5, **_OTHER_SCRAPE)
    yield from of("web-0", "proxy", 0.25)
    yield from of("web-0", "POD", 3.0)
    yield from _series({"namespace": SPACE, "pod": "web-0"}, cores=3.0)  # the sum of its cgroup
    yield from of("web-1", "app", 0.5, **_NOT_HONOURED)
    yield from _series(_FORGED, cores=9.0)
    yield from _series({**_FORGED, "exported_pod": "web-0", "exported_container": "app"}, cores=9.0)
    yield from _series({**_FORGED, "exported_pod": "web-0", "exported_container": "other"}, cores=9.0)
    yield from of("gone", "app", 1.0)
    young = _series({"namespace": SPACE, "pod": "young", "container": "app"}, cores=0.0, since_s=1800)[1]
    yield Series(young.labels, dict.fromkeys(young.values, 0.0))


def _of_nodes(living: Cluster) -> Iterator[Series]:
    listed = msgspec.json.decode(ask(living, "GET", "/api/v1/nodes"))
    for number, node in enumerate(listed["items"]):
        name = node["metadata"]["name"]
        place = {"instance": f"{name}:10250"} if number else {"node": name, "instance": "10.0.0.1:10250"}
        if number == 1:
            yield from _series(place, cores=2.0, metrics=_NODE_METRICS)
            continue
        yield from _series({"id": "/", "instance": name, "job": "nodes"}, cores=2.0)
        yield from _series({"id": "/", **place}, cores=2.0)
        yield from _series({"id": "/", **place, **_OTHER_SCRAPE}, cores=2.0)


def _create_pods(alpha: Cluster) -> None:
    ask(alpha, "POST", "/api/v1/namespaces", {"metadata": {"name": SPACE}})
    labels: JsonObject = {"app": "web"}
    template: JsonObject = {"metadata": {"labels": labels}, "spec": _spec(["app"])}
    spec: JsonObject = {"selector": {"matchLabels": labels}, "template": template}
    apps = f"/apis/apps/v1/namespaces/{SPACE}"
    deployment = ask(alpha, "POST", f"{apps}/deployments", {"metadata": {"name": "web"}, "spec": spec})
    metadata: JsonObject = {"name": "web-1", "ownerReferences": [_owner(deployment, "Deployment")]}
    replica_set = ask(alpha, "POST", f"{apps}/replicasets", {"metadata": metadata, "spec": spec})
    for name, containers in (("web-0", ["app", "proxy"]), ("web-1", ["app"]), ("young", ["app"])):
        owners: JsonObject = {} if name == "young" else {"ownerReferences": [_owner(replica_set, "ReplicaSet")]}
        pod: JsonObject = {"metadata": {"name": name, **owners}, "spec": _spec(containers)}
        ask(alpha, "POST", f"/api/v1/namespaces/{SPACE}/pods", pod)


def _spec(containers: Sequence[str]) -> JsonObject:
    return {"containers": [{"name": name, "image": "example.com/app"} for name in containers]}


def _owner(owner: bytes, kind: str) -> JsonObject:
    metadata = msgspec.json.decode(owner)["metadata"]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
    }


def _create_service(recording: Recording, host: str) -> None:
    """Creates a service of Prometheus: API servers pass requests on to addresses of pods only."""
    cluster, port = recording.cluster, recording.server.port
    root = f"/api/v1/namespaces/{SPACE}"
    ask(cluster, "POST", f"{root}/pods", {"metadata": {"name": "prometheus"}, "spec": _spec(["prometheus"])})
    status: JsonObject = {"phase": "Running", "podIP": host, "podIPs": [{"ip": host}]}
    ask(cluster, "PATCH", f"{root}/pods/prometheus/status", {"status": status})
    ports: JsonObject = {"name": "http", "port": port}
    ask(cluster, "POST", f"{root}/services", {"metadata": {"name": "prometheus"}, "spec": {"ports": [ports]}})
    slice_: JsonObject = {
        "metadata": {"name": "prometheus-1", "labels": {"kubernetes.io/service-name": "prometheus"}},
        "addressType": "IPv4",
        "ports": [ports],
        "endpoints": [
            {
                "addresses": [host],
                "conditions": {"ready": True},
                "targetRef": {"kind": "Pod", "namespace": SPACE, "name": "prometheus"},
            }
        ],
    }
    ask(cluster, "POST", f"/apis/discovery.k8s.io/v1/namespaces/{SPACE}/endpointslices", slice_)


def _let_see_usage(cluster: Cluster, user: str) -> None:
    root = f"/apis/{_RBAC}/v1/namespaces/{SPACE}"
    rule: JsonObject = {"apiGroups": ["metrics.k8s.io"], "resources": ["pods"], "verbs": ["get", "list"]}
    ask(cluster, "POST", f"{root}/roles", {"metadata": {"name": "usage"}, "rules": [rule]})
    binding: JsonObject = {
        "metadata": {"name": "usage"},
        "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": "usage"},
        "subjects": [{"apiGroup": _RBAC, "kind": "User", "name": user}],
    }
    ask(cluster, "POST", f"{root}/rolebindings", binding)
