"""Comparisons that could match nothing are refused: values that an enum does not have, texts in quantities."""

from collections.abc import Callable

import pytest

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]
PHASE = "containers.state.phase"
PHASES = "its values are WAITING, RUNNING and TERMINATED."
KINDS = "Its values are INIT, SIDECAR, APP and EPHEMERAL."
STATUSES = "Its values are Current, InProgress, Failed, Terminating, NotFound and Unknown."


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
            f"where: {PHASE}: running is no value of ContainerPhase; did you mean RUNNING? I{PHASES[1:]}",
        ),
        (
            "pods",
            f'path: "{PHASE}", op: NE, value: "Runnin"',
            f"where: {PHASE}: Runnin is no value of ContainerPhase; did you mean RUNNING? I{PHASES[1:]}",
        ),
        (
            "pods",
            f'path: "{PHASE}", op: IN, value: ["RUNNING", "x"]',
            f"where: {PHASE}: x is no value of ContainerPhase; {PHASES}",
        ),
        (
            "pods",
            f'path: "{PHASE}", value: true',
            f"where: {PHASE}: the value is no value of ContainerPhase; {PHASES}",
        ),
        (
            "pods",
            'path: "containers", some: [{path: "kind", value: "Init"}]',
            f"where: kind: Init is no value of ContainerKind; did you mean INIT? {KINDS}",
        ),
        (
            "pods",
            'path: "containers[kind=side_car].image", op: EXISTS',
            "path: containers[kind=side_car].image: side_car is no value of ContainerKind; did you mean SIDECAR? "
            f"{KINDS}",
        ),
        (
            "pods",
            'path: "services.totalCount", op: GT, value: 0',
            "path: services.totalCount: totalCount is a field of connections, and paths lead to their objects; leave "
            "it out. To ask whether there are any, use EXISTS, NOT_EXISTS, some or none.",
        ),
        (
            "pods",
            'path: "usage.memory", op: CONTAINS, value: "Mi"',
            "where: usage.memory CONTAINS: quantities compare by their amounts, not as texts; use EQ, LT, LE, GT, GE "
            "or IN.",
        ),
        (
            "nodes",
            'path: "requestedRatio.memory", op: GT, value: "90%"',
            'where: requestedRatio.memory GT: "90%" is not a number: ratios are parts of 1, so 90 % is 0.9.',
        ),
        (
            "nodes",
            'path: "pods.health.status", value: "FAILED"',
            f"where: pods.health.status: FAILED is no value of HealthStatus; did you mean Failed? {STATUSES}",
        ),
        (
            'categories(names: ["all"], WHERE)',
            'path: "health.status", value: "in_progress"',
            f"where: health.status: in_progress is no value of HealthStatus; did you mean InProgress? {STATUSES}",
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
