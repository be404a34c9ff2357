"""`condition(type:)` of the objects of lists."""

from __future__ import annotations

from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds.builtin import BUILT_IN
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.graph.fleets import Asking, fleet_of

SINCE = "2026-11-30T08:00:00Z"
READY: dict[str, Any] = {
    "type": "Ready",
    "status": "False",
    "reason": "Waiting",
    "message": "It waits.",
    "lastTransitionTime": SINCE,
}


def asking(engine: Engine, **nodes: Any) -> Asking:
    """Returns a fleet with nodes, which have this as their `status.conditions`."""
    objects = [
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"conditions": conditions}}
        for name, conditions in nodes.items()
    ]
    kinds = [kind for kind in BUILT_IN if kind.name == "Node"]
    return Asking(engine, fleet_of([SnapshotSender("snap", SnapshotApi(StaticContent(objects, kinds=kinds)))]))


async def test_it_is_the_condition_of_the_type(engine: Engine) -> None:
    ask = asking(engine, one=[{"type": "Other", "status": "True"}, READY], two=[{"type": "Other", "status": "True"}])

    answer = await ask(
        """query ($other: String!) { nodes { nodes {
          ready: condition(type: "Ready") { status reason message since }
          other: condition(type: $other) { status since }
        } } }""",
        {"other": "Other"},
    )

    assert not answer.errors
    other = {"status": "True", "since": None}
    assert answer.to_builtins()["data"]["nodes"]["nodes"] == [
        {"ready": {"status": "False", "reason": "Waiting", "message": "It waits.", "since": SINCE}, "other": other},
        {"ready": None, "other": other},
    ]


async def test_a_type_may_be_in_another_case(engine: Engine) -> None:
    ask = asking(engine, one=[{"type": "ready", "status": "Unknown"}, READY, {"type": "Other", "status": "True"}])
    fields = " ".join(f'{name}: condition(type: "{name}") {{ status }}' for name in ("Ready", "READY", "oTHER", "x"))

    answer = await ask(f"{{ nodes {{ nodes {{ {fields} }} }} }}")

    (node,) = answer.to_builtins()["data"]["nodes"]["nodes"]
    statuses = {name: condition and condition["status"] for name, condition in node.items()}
    assert statuses == {"Ready": "False", "READY": "Unknown", "oTHER": "True", "x": None}


async def test_each_request_has_its_own_type(engine: Engine) -> None:
    ask = asking(engine, one=[READY, {"type": "Other", "status": "Unknown"}])
    query = "query ($type: String!) { nodes { nodes { condition(type: $type) { status } } } }"

    for condition_type, status in [("Ready", "False"), ("Other", "Unknown"), ("Ready", "False")]:
        answer = await ask(query, {"type": condition_type})
        assert answer.to_builtins()["data"]["nodes"]["nodes"] == [{"condition": {"status": status}}]


@pytest.mark.parametrize(
    "conditions",
    [None, [], [None, "Ready", 5, {"type": 5}, {"status": "True"}], [{"type": "Readyish", "status": "True"}]],
)
async def test_a_list_without_the_type_has_none(engine: Engine, conditions: Any) -> None:
    answer = await asking(engine, one=conditions)('{ nodes { nodes { condition(type: "Ready") { status } } } }')

    assert (answer.to_builtins()["data"]["nodes"]["nodes"], answer.errors) == ([{"condition": None}], [])


async def test_values_of_other_types_are_null(engine: Engine) -> None:
    broken = {"type": "Ready", "status": True, "reason": 5, "message": ["no"], "lastTransitionTime": {}}

    answer = await asking(engine, one=[broken])(
        '{ nodes { nodes { condition(type: "Ready") { status reason message since } } } }'
    )

    assert not answer.errors
    assert answer.to_builtins()["data"]["nodes"]["nodes"] == [
        {"condition": {"status": None, "reason": None, "message": None, "since": None}}
    ]


async def test_a_path_has_no_arguments_so_it_names_the_list(engine: Engine) -> None:
    answer = await asking(engine, one=[READY])(
        '{ nodes(where: [{path: "condition.status", value: "x"}]) { totalCount } }'
    )

    assert [error["message"] for error in answer.errors] == [
        "path: condition takes arguments, and a path has none; select it instead."
    ]
