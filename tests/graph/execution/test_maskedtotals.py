"""Totals where the operator masks the paths that they are made of: null with a reason, never 0."""

from typing import Any

import pytest

from graph.engine import Engine
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from tests.graph.execution.test_totals import _sender as sender_with
from tests.graph.fleets import Asking, fleet_of

OF_PODS = "requested { cpu } limits { memory } podCount"
OF_BOTH = "free { cpu } requestedRatio { cpu }"
OF_NODES = "capacity { cpu } allocatable { cpu }"
PODS = ["pods:spec.containers.resources", "pods:spec.containers.resources.requests.cpu", "pods:spec.overhead"]
NODES = ["nodes:status.allocatable", "nodes:status"]
NULLS = {"requested": None, "limits": None, "podCount": None}


async def _masked(engine: Engine, path: str, query: str) -> Any:
    sender, masking = sender_with(), Masking(masked_paths(path))
    answer = await Asking(engine, fleet_of([sender], masking=masking), masking=masking)(query)
    assert not path.startswith("pods") or not [call for call in sender.calls if call.path.endswith("/pods")]
    return answer.to_builtins()


def _envelope(plural: str) -> list[Any]:
    message = f"the operator masks fields of {plural} that values are made of."
    return [{"notes": [{"code": "MASKED", "message": message}]}]


@pytest.mark.parametrize("path", [*PODS, "pods:spec.nodeName", "pods:status.phase"])
@pytest.mark.parametrize(("root", "more"), [("nodes", {"free": None, "requestedRatio": None}), ("namespaces", {})])
async def test_totals_of_masked_requests_are_null(engine: Engine, path: str, root: str, more: dict[str, None]) -> None:
    fields = f"{OF_PODS} {OF_BOTH if more else ''}"
    query = f"{{ {root}(first: 1) {{ clusters {{ notes {{ code message }} }} nodes {{ {fields} }} }} }}"

    answer = await _masked(engine, path, query)

    assert answer == {"data": {root: {"clusters": _envelope("pods"), "nodes": [NULLS | more]}}}


@pytest.mark.parametrize("path", NODES)
async def test_what_needs_masked_resources_of_nodes_is_null(engine: Engine, path: str) -> None:
    query = f"{{ nodes(first: 1) {{ clusters {{ notes {{ code message }} }} nodes {{ {OF_BOTH} podCount }} }} }}"

    answer = await _masked(engine, path, query)

    nodes = [{"free": None, "requestedRatio": None, "podCount": 2}]
    assert answer == {"data": {"nodes": {"clusters": _envelope("nodes"), "nodes": nodes}}}


@pytest.mark.parametrize(
    ("path", "fields", "nulls"),
    [
        (PODS[0], f"{OF_PODS} {OF_BOTH}", [*NULLS, "free", "requestedRatio"]),
        (NODES[0], f"{OF_NODES} {OF_BOTH}", ["capacity", "allocatable", "free", "requestedRatio"]),
    ],
)
async def test_totals_of_clusters_are_null_with_a_warning(
    engine: Engine, path: str, fields: str, nulls: list[str]
) -> None:
    answer = await _masked(engine, path, f"{{ clusters {{ {fields} }} }}")

    assert answer["data"] == {"clusters": [dict.fromkeys(nulls)]}
    assert {one["code"] for one in answer["extensions"]["warnings"]} == {"NO_VALUE"}
    assert "errors" not in answer
