"""Containers of pods: the join of spec and status, their states and their ends."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import pytest

from graph.engine import Engine
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

STARTED: Final = "2026-01-01T00:00:00Z"
ENDED: Final = "2026-01-01T00:05:00Z"
LATER: Final = "2026-01-01T09:00:00+03:00"  # 06:00 UTC
_KILLED: Final[JsonObject] = {
    "terminated": {"exitCode": 137, "reason": "OOMKilled", "startedAt": STARTED, "finishedAt": ENDED}
}
_STATE: Final = "state { phase reason message exitCode signal since }"
_END: Final = "lastTermination { reason message exitCode signal at startedAt }"


async def _pods(engine: Engine, fields: str, *pods: JsonObject, where: str = "") -> Any:
    def objects(kind: Kind) -> list[JsonObject]:
        return [_named(place, pod) for place, pod in enumerate(pods)] if kind.name == "Pod" else []

    asking = Asking(engine, fleet_of([ObjectsSender("alpha", objects)]))
    answer = await asking(f"{{ pods{where} {{ nodes {{ {fields} }} }} }}")
    ordinary = await asking.ordinary(f"{{ pods{where} {{ nodes {{ {fields} }} }} }}")
    assert not answer.errors
    assert answer.to_builtins() == ordinary.to_builtins()
    return msgspec.json.decode(answer.to_json())["data"]["pods"]["nodes"]


def _named(place: int, pod: JsonObject) -> JsonObject:
    return {"metadata": {"name": f"p-{place}", "namespace": "shop"}, **pod}


def _pod(spec: Mapping[str, JsonValue], status: Mapping[str, JsonValue] | None = None) -> JsonObject:
    return {"spec": {**spec}, "status": {**(status or {})}}


def _with_state(state: JsonObject, **more: JsonValue) -> JsonObject:
    return _pod({"containers": [{"name": "app"}]}, {"containerStatuses": [{"name": "app", "state": state, **more}]})


async def test_specs_and_statuses_are_joined_by_name(engine: Engine) -> None:
    spec: JsonObject = {
        "initContainers": [{"name": "first", "image": "i"}, {"name": "mesh", "image": "m", "restartPolicy": "Always"}],
        "containers": [{"name": "app", "image": "a"}, {"name": "new", "image": "n"}],
        "ephemeralContainers": [{"name": "debug", "image": "d"}],
    }
    status: JsonObject = {
        "initContainerStatuses": [{"name": "mesh", "restartCount": 2, "ready": True, "started": True}],
        "containerStatuses": [
            {"name": "unknown", "restartCount": 9},
            {"name": "app", "restartCount": 1, "imageID": "sha256:a"},
        ],
        "ephemeralContainerStatuses": [{"name": "app", "restartCount": 7}, {"name": "debug", "restartCount": 3}],
    }

    (pod,) = await _pods(
        engine, "containers { name kind image imageID ready started restarts state { phase } }", _pod(spec, status)
    )

    keys = ("name", "kind", "image", "imageID", "ready", "started", "restarts", "state")
    assert [tuple(one[key] for key in keys) for one in pod["containers"]] == [
        ("first", "INIT", "i", None, False, False, 0, None),
        ("mesh", "SIDECAR", "m", None, True, True, 2, {"phase": "WAITING"}),
        ("app", "APP", "a", "sha256:a", False, False, 1, {"phase": "WAITING"}),
        ("new", "APP", "n", None, False, False, 0, None),
        ("debug", "EPHEMERAL", "d", None, False, False, 3, {"phase": "WAITING"}),
    ]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, ("WAITING", None, None, None, None, None)),
        ({"waiting": {}}, ("WAITING", None, None, None, None, None)),
        (
            {"waiting": {"reason": "ErrImagePull", "message": "not found"}},
            ("WAITING", "ErrImagePull", "not found", None, None, None),
        ),
        ({"running": {"startedAt": STARTED}}, ("RUNNING", None, None, None, None, STARTED)),
        ({"running": {}}, ("RUNNING", None, None, None, None, None)),
        (_KILLED, ("TERMINATED", "OOMKilled", None, 137, None, ENDED)),
        (
            {"terminated": {"exitCode": 0, "signal": 9, "message": "bye"}},
            ("TERMINATED", None, "bye", 0, 9, None),
        ),
        ({"running": {"startedAt": STARTED}, **_KILLED}, ("RUNNING", None, None, None, None, STARTED)),
        ({"waiting": {"reason": "A"}, **_KILLED}, ("WAITING", "A", None, None, None, None)),
    ],
    ids=["none", "waiting", "reason", "running", "unknown", "killed", "signal", "two", "waiting-first"],
)
async def test_states(engine: Engine, state: JsonObject, expected: tuple[object, ...]) -> None:
    (pod,) = await _pods(engine, f"containers {{ {_STATE} }}", _with_state(state))

    assert tuple(pod["containers"][0]["state"].values()) == expected


async def test_the_last_end(engine: Engine) -> None:
    pods = await _pods(
        engine,
        f"containers {{ {_END} }}",
        _with_state({"waiting": {}}, lastState=_KILLED),
        _with_state(_KILLED),
        _with_state({"running": {}}, lastState={"running": {}}),
    )

    end = {"reason": "OOMKilled", "message": None, "exitCode": 137, "signal": None, "at": ENDED, "startedAt": STARTED}
    assert [pod["containers"][0]["lastTermination"] for pod in pods] == [end, None, None]


async def test_resources_and_ports(engine: Engine) -> None:
    asked: JsonObject = {
        "requests": {"cpu": "100m", "memory": "0.5Gi", "nvidia.com/gpu": "1"},
        "limits": {"memory": "1Gi", "cpu": "no quantity"},
    }
    ports: list[JsonValue] = [
        {"containerPort": 80},
        {"name": "dns", "containerPort": 53, "protocol": "UDP", "hostPort": 5},
    ]
    container: JsonObject = {"name": "app", "resources": asked, "ports": ports}

    (pod,) = await _pods(
        engine,
        "containers { requests { cpu memory all } limits { cpu memory } ports { name port protocol hostPort } }",
        _pod({"containers": [container]}),
    )

    assert pod["containers"] == [
        {
            "requests": {
                "cpu": "100m",
                "memory": "512Mi",
                "all": {"cpu": "100m", "memory": "512Mi", "nvidia.com/gpu": "1"},
            },
            "limits": {"cpu": None, "memory": "1Gi"},
            "ports": [
                {"name": None, "port": 80, "protocol": "TCP", "hostPort": None},
                {"name": "dns", "port": 53, "protocol": "UDP", "hostPort": 5},
            ],
        }
    ]


async def test_conditions_on_containers(engine: Engine) -> None:
    pods = [_with_state({"waiting": {"reason": "CrashLoopBackOff"}}, restartCount=5), _with_state({"running": {}})]

    where = '(where: [{path: "containers.state.reason", op: EQ, value: "CrashLoopBackOff"}])'
    found = await _pods(engine, "name", *pods, where=where)
    many = await _pods(engine, "name", *pods, where='(where: [{path: "containers.restarts", op: GT, value: 4}])')

    assert found == many == [{"name": "p-0"}]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, None),
        ({"containerStatuses": [{"name": "app", "state": {"running": {}}}]}, None),
        ({"containerStatuses": [{"name": "app", "lastState": _KILLED}]}, ("app", "OOMKilled", 137, ENDED)),
        ({"containerStatuses": [{"name": "app", "state": _KILLED}]}, ("app", "OOMKilled", 137, ENDED)),
        ({"initContainerStatuses": [{"name": "a", "state": {"terminated": {"exitCode": 0}}}]}, None),
        ({"initContainerStatuses": [{"name": "a", "state": {"terminated": {"exitCode": 1}}}]}, ("a", None, 1, None)),
        (
            {
                "initContainerStatuses": [{"name": "a", "lastState": _KILLED}],
                "containerStatuses": [
                    {"name": "b", "state": {"terminated": {"exitCode": 2, "finishedAt": LATER}}},
                    {"name": "c", "lastState": {"terminated": {"exitCode": 3, "finishedAt": "2026-01-01T05:59:59Z"}}},
                    {"name": "d", "lastState": {"terminated": {"exitCode": 4, "finishedAt": "zebra"}}},
                ],
            },
            ("b", None, 2, LATER),
        ),
        ({"ephemeralContainerStatuses": [{"name": "debug", "state": _KILLED}]}, None),
    ],
    ids=["none", "running", "earlier", "ended", "completed", "init", "latest", "ephemeral"],
)
async def test_the_last_end_of_a_pod(engine: Engine, status: JsonObject, expected: tuple[object, ...] | None) -> None:
    (pod,) = await _pods(engine, "lastTermination { container reason exitCode at }", _pod({}, status))

    end = pod["lastTermination"]
    assert (tuple(end.values()) if end else None) == expected


async def test_other_fields_of_a_pod(engine: Engine) -> None:
    spec: JsonObject = {
        "containers": [{"name": "a", "image": "app:1"}, {"name": "b", "image": "mesh:2"}],
        "initContainers": [{"name": "c", "image": "mesh:2"}, {"name": "d", "image": "init:1"}],
        "ephemeralContainers": [{"name": "e", "image": "debug:1"}],
        "priority": 1000,
    }

    pods = await _pods(engine, "images priority qos", _pod(spec, {"qosClass": "Burstable"}), _pod({}), {})

    assert pods == [
        {"images": ["mesh:2", "init:1", "app:1", "debug:1"], "priority": 1000, "qos": "Burstable"},
        {"images": [], "priority": 0, "qos": None},
        {"images": [], "priority": 0, "qos": None},
    ]


async def test_hostile_pods_have_all_fields(engine: Engine) -> None:
    """Lists with a null list, without names, with equal names, or with more containers than are read."""
    unnamed: JsonObject = {"containers": [{}, {"name": None, "image": None, "ports": None, "resources": None}]}
    twice: JsonObject = {"containers": [{"name": "a"}, {"name": "a"}], "initContainers": None}
    long: JsonObject = {"containers": [{"name": f"c-{place}"} for place in range(10_001)]}
    statuses: JsonObject = {
        "containerStatuses": [{}, {"name": "a", "restartCount": 1}, {"name": "a", "restartCount": 2}]
    }
    fields = f"""readyContainers totalContainers readinessGates {{ ready total }} images qos priority
        lastTermination {{ container }} containers {{ name kind image imageID ready started restarts {_STATE} {_END}
        requests {{ all }} limits {{ all }} ports {{ port }} }}"""

    pods = await _pods(engine, fields, {}, _pod(unnamed, statuses), _pod(twice, statuses), _pod(long))

    assert [len(pod["containers"]) for pod in pods] == [0, 2, 2, 10_000]
    assert [one["restarts"] for one in pods[2]["containers"]] == [2, 2]
