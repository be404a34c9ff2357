"""Usage by a real metrics-server, which reads the simulated kubelets of the living cluster."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from graph.engine import Engine
from resolvers.limits import OperationLimits
from tests.conftest import give_up
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.http_call import ask, is_there
from tests.controlplane.json_object import JsonObject
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.metricsserver import MetricsServer
from tests.controlplane.unavailable import ControlPlaneUnavailable
from tests.controlplane.users import GUEST, TENANT, VIEWER
from tests.graph.fleets import Asking, connection_to, fleet_of

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]

SPACE: Final = "usage-measured"
_OTHER: Final = "usage-unseen"
_SECOND: Final = "usage-second"
_PODS: Final = f"/api/v1/namespaces/{SPACE}/pods"
_CPUS: Final[JsonObject] = {"name": "CPUS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}
"""A variable whose value is of the node, as the containers have no limits."""
_USES: Final = {"small": ("100m", "32Mi"), "large": ("250m", "64Mi")}


@pytest.fixture(scope="module")
def server(living: Cluster, control_planes: ControlPlanes) -> Iterator[MetricsServer]:
    """metrics-server of the living cluster, which has measured two pods of two containers each."""
    try:
        server = MetricsServer(living, control_planes.authority)
    except ControlPlaneUnavailable as error:
        give_up(error)
    ask(living, "POST", "/api/v1/namespaces", {"metadata": {"name": SPACE}})
    account = f"/api/v1/namespaces/{SPACE}/serviceaccounts/default"
    _wait_until(lambda: is_there(living, account))
    for name, (cpu, memory) in _USES.items():
        ask(living, "POST", _PODS, _pod(name, cpu, memory))
    _wait_until(lambda: all(_is_running(living, name) for name in _USES))
    with server:
        for name in _USES:
            server.wait_for(SPACE, name)
        yield server
    ask(living, "DELETE", f"/api/v1/namespaces/{SPACE}")


@pytest.fixture(scope="module")
def measured(living: Cluster, server: MetricsServer) -> Cluster:
    """The living cluster, whose pods are measured."""
    assert server.pid
    return living


@pytest.fixture(scope="module")
async def asking(engine: Engine, measured: Cluster) -> AsyncIterator[Asking]:
    connection = connection_to(measured)
    yield Asking(engine, fleet_of([connection]))
    await connection.close()


async def test_pods_containers_and_their_sums(asking: Asking) -> None:
    query = f"""{{
      pods(namespaces: ["{SPACE}"], orderBy: [{{path: "usage.memory", direction: DESC}}]) {{
        nodes {{ name usage {{ cpu memory window timestamp }} usageRatio {{ requests {{ cpu memory }} }} }}
      }}
      namespaces(name: "{SPACE}") {{ nodes {{ usage {{ memory }} }} }}
    }}"""

    answer = await asking(query)

    assert not answer.errors
    data: Any = msgspec.to_builtins(answer.data)
    large, small = data["pods"]["nodes"]
    assert [large["name"], small["name"]] == ["large", "small"]
    assert (large["usage"]["memory"], small["usage"]["memory"]) == ("128Mi", "64Mi")
    assert large["usageRatio"]["requests"]["memory"] == 1.0
    assert large["usageRatio"]["requests"]["cpu"] == pytest.approx(1.0, rel=0.2)
    assert data["namespaces"]["nodes"] == [{"usage": {"memory": "192Mi"}}]
    assert large["usage"]["window"].endswith("s")
    assert large["usage"]["timestamp"].endswith("Z")


async def test_nodes_that_run_them(asking: Asking) -> None:
    where = 'where: [{path: "usage.memory", op: GE, value: "64Mi"}]'

    answer = await asking(f"{{ nodes({where}) {{ nodes {{ usageRatio {{ memory }} }} }} }}")

    assert not answer.errors
    nodes = msgspec.to_builtins(answer.data)["nodes"]["nodes"]
    assert nodes
    assert all(0 < node["usageRatio"]["memory"] < 1 for node in nodes)


async def test_the_same_memory_as_kubectl_top(
    asking: Asking, measured: Cluster, control_planes: ControlPlanes, tmp_path: Path
) -> None:
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", [measured])
    argv = [control_planes.kubectl, "--kubeconfig", kubeconfig, "top", "pods", "-n", SPACE, "--no-headers"]

    top = partial(subprocess.run, capture_output=True, text=True, check=True)
    printed = (await asyncio.to_thread(top, argv)).stdout
    answer = await asking(f'{{ pods(namespaces: ["{SPACE}"]) {{ nodes {{ name usage {{ memory }} }} }} }}')

    rows = {row["name"]: row["usage"]["memory"] for row in msgspec.to_builtins(answer.data)["pods"]["nodes"]}
    assert {line.split()[0]: line.split()[2] for line in printed.splitlines()} == rows


async def test_its_objects_are_read_as_those_of_any_kind(asking: Asking) -> None:
    fields = "nodes { name columns { name value } }"
    kind = 'apiVersion: "metrics.k8s.io/v1beta1", kind: "PodMetrics"'

    answer = await asking(f'{{ objects({kind}, namespaces: ["{SPACE}"]) {{ {fields} }} }}')

    assert not answer.errors
    rows = msgspec.to_builtins(answer.data)["objects"]["nodes"]
    assert [row["name"] for row in rows] == ["large", "small"]
    assert {column["name"]: column["value"] for column in rows[0]["columns"]}["memory"] == "128Mi"


async def test_a_metrics_server_that_hangs_costs_the_usage_alone(asking: Asking, server: MetricsServer) -> None:
    reports = "clusters { status notes { code message } }"
    query = f'{{ pods(namespaces: ["{SPACE}"]) {{ nodes {{ usage {{ cpu }} node {{ name }} }} {reports} }} }}'

    os.kill(server.pid, signal.SIGSTOP)
    try:
        answer = await asking(query, limits=OperationLimits(cluster_timeout_s=3.0))
    finally:
        os.kill(server.pid, signal.SIGCONT)

    assert not answer.errors
    pods = msgspec.to_builtins(answer.data)["pods"]
    assert [row["usage"] for row in pods["nodes"]] == [None, None]
    assert all(row["node"] for row in pods["nodes"])
    [report] = pods["clusters"]
    assert (report["status"], [note["code"] for note in report["notes"]]) == ("OK", ["UNAVAILABLE"])


async def test_a_caller_whom_the_cluster_shows_no_metrics(engine: Engine, measured: Cluster) -> None:
    connection = connection_to(measured, VIEWER)
    fields = "nodes { usage { cpu } } clusters { notes { code } }"

    answer = await Asking(engine, fleet_of([connection]))(f'{{ pods(namespaces: ["{SPACE}"]) {{ {fields} }} }}')
    await connection.close()

    assert not answer.errors
    pods = msgspec.to_builtins(answer.data)["pods"]
    assert pods == {"nodes": [{"usage": None}] * 2, "clusters": [{"notes": [{"code": "FORBIDDEN"}]}]}


async def test_a_caller_who_may_read_the_metrics_of_one_of_two_namespaces(engine: Engine, measured: Cluster) -> None:
    ask(measured, "POST", "/api/v1/namespaces", {"metadata": {"name": _OTHER}})
    for namespace, groups in ((SPACE, ["", "metrics.k8s.io"]), (_OTHER, [""])):
        path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        rule: JsonObject = {"apiGroups": [*groups], "resources": ["pods"], "verbs": ["get", "list"]}
        ask(measured, "POST", f"{path}/roles", {"metadata": {"name": "reader"}, "rules": [rule]})
        ask(measured, "POST", f"{path}/rolebindings", _binding())
    _wait_until(lambda: is_there(measured, f"/api/v1/namespaces/{_OTHER}/serviceaccounts/default"))
    ask(measured, "POST", f"/api/v1/namespaces/{_OTHER}/pods", _pod("unseen", "1m", "1Mi"))
    connection = connection_to(measured, TENANT)
    arguments = f'namespaces: ["{SPACE}", "{_OTHER}"]'

    answer = await Asking(engine, fleet_of([connection]))(
        f"{{ pods({arguments}) {{ nodes {{ name usage {{ memory }} }} clusters {{ notes {{ code message }} }} }} }}"
    )
    await connection.close()
    ask(measured, "DELETE", f"/api/v1/namespaces/{_OTHER}")

    assert not answer.errors
    pods = msgspec.to_builtins(answer.data)["pods"]
    assert {row["name"]: row["usage"] and row["usage"]["memory"] for row in pods["nodes"]} == {
        "large": "128Mi",
        "small": "64Mi",
        "unseen": None,
    }
    [[note]] = [report["notes"] for report in pods["clusters"]]
    assert (note["code"], _OTHER in note["message"]) == ("FORBIDDEN", True)


async def test_a_caller_with_rights_in_two_namespaces_alone(engine: Engine, measured: Cluster) -> None:
    """Its values are those of an administrator there, or null with the reason: never the sum of what it may see."""
    ask(measured, "POST", "/api/v1/namespaces", {"metadata": {"name": _SECOND}})
    for namespace in (SPACE, _SECOND):
        path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        rule: JsonObject = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]}
        ask(measured, "POST", f"{path}/roles", {"metadata": {"name": "guest"}, "rules": [rule]})
        ask(measured, "POST", f"{path}/rolebindings", _binding("guest", GUEST))
    _wait_until(lambda: is_there(measured, f"/api/v1/namespaces/{_SECOND}/configmaps/kube-root-ca.crt"))
    ask(measured, "POST", f"/apis/apps/v1/namespaces/{_SECOND}/deployments", _deployment())
    _wait_until(lambda: _has_pods_on_nodes(measured, _SECOND))
    connections = [connection_to(measured, GUEST), connection_to(measured)]
    guest, administrator = (Asking(engine, fleet_of([connection])) for connection in connections)

    answer, expected = await guest(_query()), await administrator(_query())
    for connection in connections:
        await connection.close()
    ask(measured, "DELETE", f"/api/v1/namespaces/{_SECOND}")

    assert not expected.errors
    right, seen = msgspec.to_builtins(expected.data), msgspec.to_builtins(answer.data)
    assert seen["deployments"]["nodes"] == right["deployments"]["nodes"]
    assert seen["deployments"]["nodes"][0]["requested"] == {"cpu": "200m", "memory": "32Mi"}
    assert {str(row["isUsed"]) for row in right["configMaps"]["nodes"]} == {"True"}
    assert seen["configMaps"] == right["configMaps"]
    assert seen["space"] == right["space"]
    assert seen["space"]["usage"] == {"memory": "192Mi"}
    assert all(row["node"] for row in right["pods"]["nodes"])
    for own, row in zip(seen["pods"]["nodes"], right["pods"]["nodes"], strict=True):
        row["node"] = None
        for mine, container in zip(own["containers"], row["containers"], strict=True):
            [of_node], [unknown] = container["env"], mine["env"]
            assert (of_node["value"] is not None, unknown["value"], "nodes" in unknown["error"]) == (True, None, True)
            container["env"] = mine["env"]
    assert seen["pods"] == right["pods"]
    assert seen["clusters"] == [
        dict.fromkeys(("requested", "limits", "podCount", "free", "capacity", "usage", "usageRatio"))
    ]
    assert seen["default"] is None
    reply: Any = answer.to_builtins()
    assert {error["extensions"]["code"] for error in reply["errors"]} == {"FORBIDDEN"}
    assert {error["path"][0] for error in reply["errors"]} == {"pods", "clusters", "default"}
    assert [warning["code"] for warning in reply["extensions"]["warnings"]] == ["NO_VALUE"]


def _query() -> str:
    arguments = f'(namespaces: ["{SPACE}", "{_SECOND}"])'
    where = 'cluster: "living", name:'
    return f"""{{
      pods{arguments} {{
        nodes {{
          namespace name requests {{ cpu }} usage {{ memory }} node {{ ready }}
          containers {{ env {{ name value error }} }}
        }}
      }}
      deployments{arguments} {{
        nodes {{
          name requested {{ cpu memory }} limits {{ cpu }} usage {{ memory }} usageRatio {{ requests {{ memory }} }}
        }}
      }}
      configMaps{arguments} {{ nodes {{ namespace name isUsed usedAs {{ way name }} usedBy {{ name }} }} }}
      space: namespace({where} "{SPACE}") {{
        requested {{ cpu }} limits {{ cpu }} podCount usage {{ memory }} usageRatio {{ requests {{ memory }} }}
      }}
      default: namespace({where} "default") {{ requested {{ cpu }} }}
      clusters {{
        requested {{ cpu }} limits {{ cpu }} podCount free {{ cpu }} capacity {{ cpu }}
        usage {{ cpu }} usageRatio {{ cpu }}
      }}
    }}"""


def _deployment() -> JsonObject:
    pod: Any = _pod("web", "100m", "16Mi")
    labels: JsonObject = {"app": "web"}
    metadata: JsonObject = {"labels": labels, "annotations": pod["metadata"]["annotations"]}
    template: JsonObject = {"metadata": metadata, "spec": pod["spec"]}
    spec: JsonObject = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return {"metadata": {"name": "web"}, "spec": spec}


def _has_pods_on_nodes(cluster: Cluster, namespace: str) -> bool:
    listed: Any = msgspec.json.decode(ask(cluster, "GET", f"/api/v1/namespaces/{namespace}/pods"))
    return bool(listed["items"]) and all(pod["status"]["phase"] == "Running" for pod in listed["items"])


def _binding(name: str = "reader", user: str = TENANT) -> JsonObject:
    group = "rbac.authorization.k8s.io"
    return {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": name},
        "subjects": [{"apiGroup": group, "kind": "User", "name": user}],
    }


def _wait_until(is_true: Callable[[], bool], timeout_s: float = 120.0) -> None:
    until_s = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < until_s
        time.sleep(0.05)


def _pod(name: str, cpu: str, memory: str) -> JsonObject:
    resources: JsonObject = {"requests": {"cpu": cpu, "memory": memory}}
    containers: list[Any] = [
        {"name": one, "image": "example.com/app", "resources": resources, "env": [_CPUS]} for one in ("app", "proxy")
    ]
    annotations: JsonObject = {"usage-cpu": cpu, "usage-memory": memory}
    return {"metadata": {"name": name, "annotations": annotations}, "spec": {"containers": containers}}


def _is_running(cluster: Cluster, name: str) -> bool:
    pod: Any = msgspec.json.decode(ask(cluster, "GET", f"{_PODS}/{name}"))
    return bool(pod["status"]["phase"] == "Running")
