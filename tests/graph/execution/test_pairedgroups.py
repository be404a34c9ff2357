"""`groups` by several paths through one list: values of one element belong together."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from operator import itemgetter
from typing import Any, Final

import pytest

from graph.engine import Engine
from graph.execution.pathvalues import led_to
from graph.execution.typedvalues import TypedValues
from graph.planning.emitted import NULLED
from graph.planning.levels import Tagged
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from resolvers.filters.comparing import ValueType
from resolvers.filters.expansion import Expansion, Walk
from resolvers.grouping.figures import Values
from resolvers.grouping.groups import grouped
from resolvers.grouping.pairing import Branch, Pairing
from resolvers.limits import OperationLimits
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

Path = tuple[str, ...]
NAME, IMAGE = "spec.containers.name", "spec.containers.image"
PORT, PERIOD = "spec.containers.ports.containerPort", "spec.containers.livenessProbe.periodSeconds"
LISTS: Final = [("spec", "containers"), ("spec", "containers", "ports"), ("spec", "volumes")]
KEYS: Final = [
    [NAME],
    [NAME, IMAGE],
    [IMAGE, "metadata.name", NAME],
    [PORT],
    [PORT, NAME],
    [PORT, "spec.containers.ports.protocol"],
    ["spec.volumes.name", NAME],
    ["spec.volumes.name", PORT, IMAGE],
    ["spec.nodeName", "spec.volumes.name"],
    ["spec.nodeName"],
]
FIGURES: Final = [PERIOD, "spec.containers.ports.hostPort", "spec.priority", "spec.volumes.configMap.defaultMode"]


def a_pod(random: random.Random, index: int) -> JsonObject:
    """Returns a pod of few different values, so that elements and objects share them."""

    def port() -> JsonObject:
        return {
            "containerPort": random.randint(1, 3),
            "hostPort": random.randint(1, 99),
            "protocol": random.choice("TU"),
        }

    def container() -> JsonObject:
        period: JsonObject = (
            {"livenessProbe": {"periodSeconds": random.randint(1, 99)}} if random.random() < 0.8 else {}
        )
        return {
            "name": random.choice("abc"),
            "image": random.choice("xy"),
            "ports": [port() for _ in range(random.randint(0, 3))],
            **period,
        }

    return {
        "metadata": {"namespace": "shop", "name": f"p-{index}"},
        "spec": {
            "nodeName": random.choice("mn"),
            "priority": random.randint(1, 9),
            "containers": [container() for _ in range(random.randint(0, 4))],
            "volumes": [
                {"name": random.choice("vw"), "configMap": {"defaultMode": random.randint(1, 99)}}
                for _ in range(random.randint(0, 3))
            ],
        },
    }


def choices(pod: Mapping[str, Any]) -> Iterator[dict[Path, Any]]:
    """Yields every choice of one element of each list; None for an empty one."""
    spec = pod["spec"]
    for container, volume in product(spec["containers"] or [None], spec["volumes"] or [None]):
        for port in (container["ports"] if container is not None else []) or [None]:
            yield dict(zip(LISTS, (container, port, volume), strict=True)) | {(): pod}


def at(choice: Mapping[Path, Any], path: str) -> tuple[int, Any]:
    """Returns the identity of the element that a path leads to in a choice, and the value there."""
    steps = tuple(path.split("."))
    within = max((prefix for prefix in (*LISTS, ()) if steps[: len(prefix)] == prefix), key=len)
    value = choice[within]
    identity = id(value)
    for step in steps[len(within) :]:
        value = (value or {}).get(step)
    return identity, value


def naive(pods: Sequence[Mapping[str, Any]], by: Sequence[str], figure: str) -> dict[tuple[Any, ...], tuple[int, Any]]:
    """Returns the count and the sum of each group, from all choices of all objects."""
    counts, sums = defaultdict[Any, int](int), defaultdict[Any, list[int]](list)
    for pod in pods:
        values = defaultdict[Any, dict[int, Any]](dict)
        every = list(choices(pod))
        for below in (("spec", "containers"), ("spec", "volumes")):
            own = [path for path in by if tuple(path.split("."))[:2] == below]
            some = [one for one in every if any(at(one, path)[1] is not None for path in own)]
            every = some or every
        for choice in every:
            identity, value = at(choice, figure)
            values[tuple(at(choice, path)[1] for path in by)][identity] = value
        for key, by_identity in values.items():
            counts[key] += 1
            sums[key] += [value for value in by_identity.values() if value is not None]
    return {key: (count, sum(sums[key]) if sums[key] else None) for key, count in counts.items()}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("source", ["pods", 'categories(names: ["all"])'])
async def test_groups_equal_those_of_every_choice_of_elements(engine: Engine, source: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  no secret
    pods = [a_pod(chance, index) for index in range(12)]
    sender = ObjectsSender("one", lambda kind: pods if kind == POD else [])
    asking = Asking(engine, fleet_of([sender]))
    figures = " ".join(f"f{place}: sum(path: {json.dumps(figure)})" for place, figure in enumerate(FIGURES))
    for by in KEYS:
        answer = await asking(f"{{ list: {source} {{ groups(by: {json.dumps(by)}) {{ key count {figures} }} }} }}")

        assert answer.errors == []
        groups = json.loads(answer.to_json())["data"]["list"]["groups"]
        for place, figure in enumerate(FIGURES):
            found = {tuple(one["key"]): (one["count"], one[f"f{place}"]) for one in groups}
            assert found == naive(pods, by, figure), (by, figure)


async def test_values_of_the_containers_of_a_name(engine: Engine) -> None:
    containers = [("app", "2Gi"), ("proxy", "64Mi"), ("app", "1Gi")]
    pod: JsonObject = {
        "metadata": {"namespace": "shop", "name": "p"},
        "spec": {
            "containers": [
                {"name": name, "image": f"{name}:{memory}", "resources": {"requests": {"memory": memory}}}
                for name, memory in containers
            ]
        },
    }
    asking = Asking(engine, fleet_of([ObjectsSender("one", lambda kind: [pod] if kind == POD else [])]))

    answer = await asking(
        """{
          pods {
            of: groups(by: ["containers.name"], orderBy: [{figure: SUM, path: "containers.requests.memory"}]) {
              key count sum(path: "containers.requests.memory") max(path: "containers.image")
            }
            images: groups(by: ["containers.image", "containers.name"], orderBy: [{figure: KEY}]) { key }
          }
          namespaces: pods { groups(by: ["namespace"]) { key sum(path: "containers.requests.memory") } }
        }"""
    )

    assert answer.errors == []
    assert json.loads(answer.to_json())["data"] == {
        "pods": {
            "of": [
                {"key": ["proxy"], "count": 1, "sum": "64Mi", "max": "proxy:64Mi"},
                {"key": ["app"], "count": 1, "sum": "3Gi", "max": "app:2Gi"},
            ],
            "images": [{"key": ["app:1Gi", "app"]}, {"key": ["app:2Gi", "app"]}, {"key": ["proxy:64Mi", "proxy"]}],
        },
        "namespaces": {"groups": [{"key": ["shop"], "sum": "3136Mi"}]},
    }


async def test_values_of_linked_objects(engine: Engine) -> None:
    def pod(name: str, phase: str, priority: int) -> JsonObject:
        return {
            "metadata": {"namespace": "shop", "name": name},
            "spec": {"nodeName": "n", "priority": priority, "containers": []},
            "status": {"phase": phase},
        }

    pods = [pod("a", "Running", 1), pod("b", "Failed", 2), pod("c", "Running", 4)]
    objects: dict[str, list[JsonObject]] = {"Pod": pods, "Node": [{"metadata": {"name": "n"}}]}
    sender = ObjectsSender("one", lambda kind: objects.get(kind.name, []))

    answer = await Asking(engine, fleet_of([sender]))(
        '{ nodes { groups(by: ["pods.status.phase"], orderBy: [{figure: KEY}])'
        ' { key sum(path: "pods.spec.priority") } } }'
    )

    assert answer.errors == []
    assert json.loads(answer.to_json())["data"]["nodes"]["groups"] == [
        {"key": ["Failed"], "sum": 2},
        {"key": ["Running"], "sum": 5},
    ]


WIDGET: Final = Kind("example.com", "v1", "Widget", "widgets", True)


async def test_values_of_elements_in_json(engine: Engine) -> None:
    def widget(name: str, *parts: tuple[str, int]) -> JsonObject:
        return {
            "metadata": {"namespace": "shop", "name": name},
            "spec": {"parts": [{"colour": colour, "size": size} for colour, size in parts]},
        }

    widgets = [widget("one", ("red", 1), ("blue", 2), ("red", 4)), widget("two", ("blue", 8)), widget("none")]
    sender = ObjectsSender("one", lambda kind: widgets if kind.name == "Widget" else [], custom=[WIDGET])

    answer = await Asking(engine, fleet_of([sender]))(
        """{
          objects(resource: "widgets.example.com") {
            colours: groups(by: ["spec.parts.colour"], orderBy: [{figure: KEY}]) {
              key count sum(path: "spec.parts.size")
            }
            both: groups(by: ["spec.parts.colour", "spec.parts.size"], orderBy: [{figure: KEY}]) { key }
          }
        }"""
    )

    assert answer.errors == []
    assert json.loads(answer.to_json())["data"]["objects"] == {
        "colours": [
            {"key": ["blue"], "count": 2, "sum": 10},
            {"key": ["red"], "count": 1, "sum": 5},
            {"key": [None], "count": 1, "sum": None},
        ],
        "both": [{"key": key} for key in (["blue", 2], ["blue", 8], ["red", 1], ["red", 4], [None, None])],
    }


async def test_independent_lists_within_an_element_are_bounded(engine: Engine) -> None:
    container: JsonObject = {
        "name": "app",
        "ports": [{"containerPort": port} for port in range(1, 40)],
        "env": [{"name": f"E{index}"} for index in range(40)],
    }
    pod: JsonObject = {"metadata": {"namespace": "shop", "name": "p"}, "spec": {"containers": [container]}}
    by = json.dumps([PORT, "spec.containers.env.name"])

    answer = await Asking(engine, fleet_of([ObjectsSender("one", lambda _kind: [pod])]))(
        f"{{ pods {{ groups(by: {by}) {{ count }} }} }}", limits=OperationLimits(objects=1000)
    )

    error: Any
    (error,) = answer.errors
    assert error["message"].startswith("groups: the objects belong to more than 1000 groups altogether")


async def test_a_row_of_several_types_that_became_null_is_in_the_group_of_null() -> None:
    branch = Branch(partial(led_to, (lambda row: row["name"],)), (0,), ())
    values = TypedValues({"Pod": Pairing(branch, (ValueType.TEXT,), 0, has_links=False, most=10)})
    expansion = Expansion(10)

    column = await values.column([Tagged("Pod", {"name": "a"}), NULLED], Walk(expansion))
    groups = await grouped(
        [(one,) for one in column],
        [Values(ValueType.TEXT, itemgetter(0))],
        [],
        most=10,
        expansion=expansion,
        are_paired=True,
    )

    assert [(group.key, group.indexes) for group in groups] == [(["a"], [0]), ([None], [1])]
