"""The members of every object on a real cluster with its controllers, for built-in and custom kinds."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.engine import Engine
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.resolvers.kinds.anykind.grown import NAMESPACE, REPLICAS, Grown, Json, grow

pytestmark = pytest.mark.controlplane

_TIMEOUT_S = 30
_AGE = re.compile(r"(\d+[smhdy])+( ago)?|<invalid>")


@pytest.fixture(scope="module")
async def grown(living: Cluster) -> Grown:
    """Returns the objects of the living cluster."""
    return await grow(living)


@pytest.fixture
async def asking(engine: Engine, living: Cluster) -> AsyncIterator[Asking]:
    """Returns the living cluster as a fleet."""
    connection = connection_to(living)
    yield Asking(engine, fleet_of([connection]))
    await connection.close()


async def answered(asking: Asking, query: str) -> Json:
    """Returns the data of an answer without errors."""
    answer = await asking(query)
    assert not answer.errors
    return answer.to_builtins()["data"]


async def test_owners_lead_from_a_pod_to_the_custom_object_and_back(asking: Asking, grown: Grown) -> None:
    data = await answered(
        asking,
        f"""{{ pods(namespaces: ["{NAMESPACE}"], labelSelector: "app=grown") {{ nodes {{
          name owner {{ kind name owner {{ kind name owner {{
            __typename apiVersion kind name metadata {{ uid }}
            owned(kinds: ["deploy"]) {{ kind name owned {{ kind name owned {{ kind name }} }} }}
          }} owners {{ kind name }} }} }}
        }} }} }}""",
    )

    pods = [{"kind": "Pod", "name": pod["metadata"]["name"]} for pod in grown.pods]
    (replica_set,) = (one["metadata"]["name"] for one in grown.sets)
    owned_by_set = [{"kind": "ReplicaSet", "name": replica_set, "owned": pods}]
    # the Gadget is no controller of the Deployment, so only `owners` leads to it
    deployment = {"kind": "Deployment", "name": "grown", "owner": None, "owners": [{"kind": "Gadget", "name": "one"}]}
    assert [node["owner"] for node in data["pods"]["nodes"]] == [
        {"kind": "ReplicaSet", "name": replica_set, "owner": deployment}
    ] * REPLICAS

    data = await answered(
        asking,
        f"""{{ deployments(namespaces: ["{NAMESPACE}"]) {{ nodes {{ owners {{
          apiVersion kind name metadata {{ uid }}
          owned(kinds: ["deploy"]) {{ kind name owned {{ kind name owned {{ kind name }} }} }}
        }} }} }} }}""",
    )
    assert data["deployments"]["nodes"] == [
        {
            "owners": [
                {
                    "apiVersion": grown.gadget["apiVersion"],
                    "kind": "Gadget",
                    "name": "one",
                    "metadata": {"uid": grown.gadget["metadata"]["uid"]},
                    "owned": [{"kind": "Deployment", "name": "grown", "owned": owned_by_set}],
                }
            ]
        }
    ]


async def test_a_custom_object_has_health_conditions_events_and_columns(asking: Asking, grown: Grown) -> None:
    data = await answered(
        asking,
        f"""{{ deployments(namespaces: ["{NAMESPACE}"]) {{ nodes {{
          health {{ status message }}
          owners {{
            health {{ status message }} condition(type: "Ready") {{ status reason message since }} deletion {{ since }}
            events {{ nodes {{ reason message }} }} columns {{ name type priority value }} managedBy {{ tool }}
          }}
        }} }} }}""",
    )

    (deployment,) = data["deployments"]["nodes"]
    assert deployment["health"] == {
        "status": "Current",
        "message": f"Deployment is available. Replicas: {REPLICAS}",
    }
    (owner,) = deployment["owners"]
    condition = grown.gadget["status"]["conditions"][0]
    assert owner == {
        "health": {"status": "InProgress", "message": "It waits."},
        "condition": {"since": condition["lastTransitionTime"]}
        | {key: condition[key] for key in ("status", "reason", "message")},
        "deletion": None,
        "events": {"nodes": [{"reason": "Grown", "message": "It has grown."}]},
        "columns": [
            {"name": "Name", "type": "string", "priority": 0, "value": "one"},
            {"name": "Size", "type": "integer", "priority": 0, "value": 3},
            {"name": "Ready", "type": "string", "priority": 0, "value": "False"},
            {"name": "Comment", "type": "string", "priority": 1, "value": "two words"},
            {"name": "Absent", "type": "string", "priority": 0, "value": None},
        ],
        "managedBy": None,
    }


@pytest.mark.parametrize(
    ("kinds", "field"),
    [
        ("pods", "pods"),
        ("deployments", "deployments"),
        ("replicasets", "replicaSets"),
        ("services", "services"),
        ("nodes", "nodes"),
        ("namespaces", "namespaces"),
        ("clusterroles", "clusterRoles"),
        ("customresourcedefinitions", "customResourceDefinitions"),
        ("configmaps", "configMaps"),
        ("events", "events"),
        ("priorityclasses", "priorityClasses"),
        ("flowschemas", "flowSchemas"),
    ],
)
async def test_columns_are_what_kubectl_prints(
    asking: Asking, grown: Grown, control_planes: ControlPlanes, living: Cluster, tmp_path: Path, kinds: str, field: str
) -> None:
    assert grown.pods
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", [living])
    program = [str(control_planes.kubectl), f"--kubeconfig={kubeconfig}", "get", kinds, "-o", "wide", "-A"]

    printed, after = None, await _printed(program, tmp_path)
    for _ in range(20):
        before = after
        data = await answered(asking, f"{{ {field} {{ nodes {{ namespace columns {{ name value }} }} }} }}")
        after = await _printed(program, tmp_path)
        if before == after:  # controllers changed nothing meanwhile
            printed = before
            break

    assert printed is not None
    heads = [column["name"].upper() for column in data[field]["nodes"][0]["columns"]]
    assert [head for head in printed[0] if head != "NAMESPACE"] == heads
    ours = [
        ([node["namespace"]] if node["namespace"] else []) + [column["value"] for column in node["columns"]]
        for node in data[field]["nodes"]
    ]
    assert sorted(map(_row, ours)) == sorted(tuple(row) for row in printed[1:])


def _row(values: list[Json]) -> tuple[str, ...]:
    """Returns values as kubectl prints them: booleans in lower case, nothing for null."""
    texts = [str(value).lower() if isinstance(value, bool) else str("" if value is None else value) for value in values]
    return tuple(_AGE.sub("AGE", text.strip()) for text in texts)


async def _printed(program: list[str], home: Path) -> list[tuple[str, ...]]:
    """Returns the head and the rows that kubectl prints, split at the columns of the head; ages are `AGE`."""
    process = await asyncio.create_subprocess_exec(
        *program,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
    )
    async with asyncio.timeout(_TIMEOUT_S):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors
    head, *lines = output.decode().splitlines()
    starts = [match.start() for match in re.finditer(r"\S+(?: \S+)*", head)]
    ends = [*starts[1:], None]
    split = [[line[start:end].strip() for start, end in zip(starts, ends, strict=True)] for line in [head, *lines]]
    return [tuple(split[0]), *(tuple(_AGE.sub("AGE", cell) for cell in row) for row in split[1:])]
