"""Comparisons of enums: a value that an enum does not have could match nothing, so it is refused."""

from collections.abc import Callable

import pytest

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]
PHASE = "containers.state.phase"
PHASES = "the values are WAITING, RUNNING and TERMINATED."


@pytest.fixture
def sender() -> ObjectsSender:
    status: JsonObject = {"containerStatuses": [{"name": "app", "state": {"running": {}}}]}
    pod: JsonObject = {
        "metadata": {"namespace": "shop", "name": "p"},
        "spec": {"containers": [{"name": "app"}]},
        "status": status,
    }
    return ObjectsSender("one", lambda kind: [pod] if kind == kinds.POD else [])


@pytest.mark.parametrize(
    ("root", "condition", "message"),
    [
        (
            "pods",
            f'path: "{PHASE}", value: "running"',
            f"where: {PHASE}: running is no value of it; did you mean RUNNING?",
        ),
        (
            "pods",
            f'path: "{PHASE}", op: NE, value: "Runnin"',
            f"where: {PHASE}: Runnin is no value of it; did you mean RUNNING?",
        ),
        ("pods", f'path: "{PHASE}", op: IN, value: ["RUNNING", "x"]', f"where: {PHASE}: x is no value of it; {PHASES}"),
        ("pods", f'path: "{PHASE}", value: true', f"where: {PHASE}: the value is no value of it; {PHASES}"),
        (
            "pods",
            'path: "containers", some: [{path: "kind", value: "Init"}]',
            "where: kind: Init is no value of it; did you mean INIT?",
        ),
        (
            "pods",
            'path: "containers[kind=side_car].image", op: EXISTS',
            "path: containers[kind=side_car].image: side_car is no value of it; did you mean SIDECAR?",
        ),
        (
            "nodes",
            'path: "pods.health.status", value: "FAILED"',
            "where: pods.health.status: FAILED is no value of it; did you mean Failed?",
        ),
        (
            'categories(names: ["all"], WHERE)',
            'path: "health.status", value: "in_progress"',
            "where: health.status: in_progress is no value of it; did you mean InProgress?",
        ),
    ],
)
async def test_an_unknown_value_is_refused(
    ask: Ask, sender: ObjectsSender, root: str, condition: str, message: str
) -> None:
    where = f"where: [{{{condition}}}]"
    field = root.replace("WHERE", where) if "WHERE" in root else f"{root}({where})"

    (error,) = (await ask(sender)(f"{{ {field} {{ totalCount }} }}")).to_builtins()["errors"]

    assert (error["message"], error["extensions"]["code"]) == (message, "BAD_USER_INPUT")
    assert [call.path for call in sender.calls if "pods" in call.path] == []


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        (f'path: "{PHASE}", value: "RUNNING"', 1),
        (f'path: "{PHASE}", value: "Running", ignoreCase: true', 1),
        (f'path: "{PHASE}", op: NOT_IN, value: ["WAITING"]', 1),
        (f'path: "{PHASE}", op: CONTAINS, value: "WAIT"', 0),
        ('path: "containers[kind=APP].name", value: "app"', 1),
        ('path: "status.phase", value: "anything"', 0),
    ],
)
async def test_a_known_value_is_compared(ask: Ask, sender: ObjectsSender, condition: str, count: int) -> None:
    answer = (await ask(sender)(f"{{ pods(where: [{{{condition}}}]) {{ totalCount }} }}")).to_builtins()

    assert answer == {"data": {"pods": {"totalCount": count}}}


async def test_another_type_of_a_list_may_have_the_value(ask: Ask, sender: ObjectsSender) -> None:
    """`state` is an enum of jobs, and a text of other kinds."""
    field = 'categories(names: ["all"], where: [{path: "state", value: "anything"}])'

    answer = (await ask(sender)(f"{{ {field} {{ totalCount }} }}")).to_builtins()

    assert answer == {"data": {"categories": {"totalCount": 0}}}
