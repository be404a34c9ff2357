"""Requests of pods and nodes, compared with what `kubectl describe node` prints."""

import asyncio
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.kinds.totals.generatedpods import NAMESPACE, NODES, OVERHEAD, RUNTIME_CLASS, pods

Table = dict[str, list[str]]
"""The cells of each row of a table, without percentages, by the first of them."""

_OFFERED: JsonObject = {
    "cpu": "90",
    "memory": "256Gi",
    "ephemeral-storage": "200Gi",
    "pods": "110",
    "example.com/gpu": "8",
}
_QUERY = """{
  nodes(clusters: {names: ["alpha"]}, where: [{path: "name", op: MATCHES, value: "described-.*"}]) {
    nodes {
      name podCount requested { cpu memory ephemeralStorage pods all } limits { cpu memory ephemeralStorage all }
      requestedRatio { cpu memory ephemeralStorage }
    }
  }
  pods(clusters: {names: ["alpha"]}, namespaces: ["described"]) {
    nodes { name status { phase } requests { cpu memory } limits { cpu memory } }
  }
}"""


@pytest.mark.controlplane
async def test_kubectl_describes_nodes_with_the_same_requests(
    newest_kubectl: Path, alpha: Cluster, real_fleet: TestFleet, tmp_path: Path
) -> None:
    await create_objects(alpha, [_namespace(), _runtime_class(), *map(_node, NODES), *pods(60, seed=15)])
    kubeconfig = write_kubeconfig(tmp_path / "k", [alpha])

    described = await asyncio.to_thread(_described, newest_kubectl, kubeconfig)
    reply = await real_fleet.ask(_QUERY)

    assert not reply.errors
    living = {
        pod["name"]: pod for pod in reply.data["pods"]["nodes"] if pod["status"]["phase"] in {"Running", "Pending"}
    }
    assert {name: _pod_cells(pod) for name, pod in living.items()} == {
        cells[0]: cells[1:5] for text in described.values() for cells in _rows(text, "Namespace", by=1)
    }
    for node in reply.data["nodes"]["nodes"]:
        text = described[node["name"]]
        assert node["podCount"] == int(node["requested"]["pods"]) == _number(text)
        assert _allocated(node) == {cells[0]: cells[1:3] for cells in _rows(text, "Resource", by=0)}
        assert _percentages(node) == re.findall(r"(?:cpu|memory|ephemeral-storage) +\S+ \((\d+)%\)", text)


def _pod_cells(pod: Any) -> list[str]:
    requests, limits = pod["requests"], pod["limits"]
    cells = (requests["cpu"], limits["cpu"], requests["memory"], limits["memory"])
    return [cell or "0" for cell in cells]


def _allocated(node: Any) -> Table:
    names = ("cpu", "memory", "ephemeral-storage", "example.com/gpu")
    requested, limits = node["requested"]["all"], node["limits"]["all"]
    assert node["requested"]["ephemeralStorage"] == requested["ephemeral-storage"]
    return {name: [requested.get(name, "0"), limits.get(name, "0")] for name in names}


def _percentages(node: Any) -> list[str]:
    return [str(int(node["requestedRatio"][name] * 100)) for name in ("cpu", "memory", "ephemeralStorage")]


def _number(text: str) -> int:
    found = re.search(r"Non-terminated Pods: +\((\d+) in total\)", text)
    assert found is not None
    return int(found[1])


def _rows(text: str, heading: str, *, by: int) -> list[list[str]]:
    """Returns the rows of the table below a heading, each without percentages, from the cell `by` on."""
    lines = iter(text.splitlines())
    next(line for line in lines if line.strip().startswith(f"{heading} "))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("  "):
            break
        rows.append([re.sub(r" \(\d+%\)", "", cell) for cell in re.split(r" {2,}", line.strip())][by:])
    return rows


def _described(kubectl: Path, kubeconfig: Path) -> dict[str, str]:
    command = [str(kubectl), f"--kubeconfig={kubeconfig}", "--context=alpha", "describe", "nodes", *NODES]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {part.split(None, 1)[0]: part for part in re.split(r"(?m)^Name: +", text)[1:]}


def _namespace() -> JsonObject:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def _runtime_class() -> JsonObject:
    overhead: JsonObject = {"podFixed": OVERHEAD}
    metadata: JsonObject = {"name": RUNTIME_CLASS}
    kind: JsonObject = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": metadata}
    return kind | {"handler": "heavy", "overhead": overhead}


def _node(name: str) -> JsonObject:
    status: JsonObject = {"capacity": _OFFERED, "allocatable": _OFFERED}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": {}, "status": status}
