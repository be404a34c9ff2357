"""`health` as a key of groups, and as a path of `where` and `orderBy`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.graph.fleets import Asking, fleet_of

CASES = Path(__file__).parents[1] / "health" / "kstatus.jsonl"


@pytest.fixture
def cases() -> Sequence[Any]:
    """Returns the cases of built-in kinds; each object has a name of its own."""
    known = {(kind.api_version, kind.name): kind for kind in BUILT_IN}
    found = []
    for place, line in enumerate(CASES.read_text().splitlines()):
        case = msgspec.json.decode(line)
        if case["message"] is None:  # a value of a wrong type
            continue
        case["kind"] = known.get((case["object"]["apiVersion"], case["object"]["kind"]))
        if case["kind"] is not None:
            case["object"]["metadata"]["name"] = f"case-{place}"
            if case["kind"].namespaced:
                case["object"]["metadata"]["namespace"] = "cases"
            found.append(case)
    return found


@pytest.fixture
def asking(engine: Engine, cases: Sequence[Any]) -> Asking:
    """Returns a fleet with one cluster that has the objects of the cases."""
    objects = [case["object"] for case in cases]
    content = StaticContent(objects, kinds=[*{case["kind"] for case in cases}])
    return Asking(engine, fleet_of([SnapshotSender("snap", SnapshotApi(content))]))


async def test_health_is_a_key_of_groups_and_a_path_of_where_and_order(asking: Asking, cases: Sequence[Any]) -> None:
    pods = [case for case in cases if case["kind"].name == "Pod"]

    answer = await asking(
        """{
          pods { groups(by: ["kind", "health.status"]) { key count } }
          failed: pods(where: [{path: "health.status", value: "Failed"}]) { totalCount }
          ordered: pods(orderBy: [{path: "health.status", direction: DESC}], first: 1) { nodes { health { status } } }
        }"""
    )

    assert not answer.errors
    counts = Counter(case["status"] for case in pods)
    groups = {tuple(group["key"]): group["count"] for group in answer.to_builtins()["data"]["pods"]["groups"]}
    assert groups == {("Pod", status): count for status, count in counts.items()}
    assert answer.to_builtins()["data"]["failed"]["totalCount"] == counts["Failed"] > 0
    assert answer.to_builtins()["data"]["ordered"]["nodes"] == [{"health": {"status": max(counts)}}]
