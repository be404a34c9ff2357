"""Composites inside composites: structures, lists of them, enums and nulls that derived and remote fields return."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, StrEnum
from typing import Annotated, Final

import pytest
from msgspec import Meta, Struct

from graph.schema.enums import MEANINGS
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Quantity
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender


class Phase(StrEnum):
    """The phase of a part."""

    Running = "Running"
    Waiting = "Waiting"


class PartState(Struct, frozen=True):
    """The state of a part."""

    phase: Annotated[Phase, Meta(description="The phase.")]
    reason: Annotated[str | None, Meta(description="The reason.")]


class PartUse(Struct, frozen=True):
    """The use of a part."""

    memory: Annotated[Quantity | None, Meta(description="Bytes.")]


class Part(Struct, frozen=True):
    """A part of a pod."""

    name: Annotated[str, Meta(description="The name.")]
    state: Annotated[PartState | None, Meta(description="The state.")]
    uses: Annotated[list[PartUse], Meta(description="The uses.")]


class PodUse(Struct, frozen=True):
    """The use of a pod."""

    memory: Annotated[Quantity | None, Meta(description="Bytes.")]
    parts: Annotated[list[Part] | None, Meta(description="The parts.")]


PARTS: Final = Family(kinds.POD)
STATUSES: Final = ("spec.containers.name", "spec.containers.image")


@PARTS.derived(*STATUSES, description="The parts.")
def parts(pod: Row) -> list[Part]:
    """Returns a part for each container; the image is `<phase>/<reason>/<memory>`, and `none` has no state."""
    return [_part(one.name, one.image) for one in items_of(pod.spec.containers if pod.spec else None)]


def _part(name: str, image: str) -> Part:
    phase, _, rest = image.partition("/")
    reason, _, memory = rest.partition("/")
    state = PartState(Phase(phase), reason or None) if phase != "none" else None
    return Part(name, state, [PartUse(Quantity(memory))] if memory else [])


@PARTS.remote(description="The use.", returns=PodUse | None)
async def use(pods: Rows, _operation: Operation) -> Sequence[PodUse | None]:
    """Returns the use of each pod except `c`."""
    return [
        None if pod.metadata.name == "c" else PodUse(Quantity("1Gi"), [_part("x", "Running//1Gi")]) for pod in pods.rows
    ]


def _pods(kind: Kind) -> Sequence[JsonObject]:
    if kind != kinds.POD:
        return []
    images = {
        "a": ["Running//900Mi", "Waiting/CrashLoopBackOff/10Mi"],
        "b": ["Waiting/ImagePullBackOff", "none"],
        "c": [],
        "d": ["Running//2Gi"],
    }
    return [
        {
            "metadata": {"namespace": "x", "name": pod},
            "spec": {"containers": [{"name": f"c{place}", "image": image} for place, image in enumerate(of_pod)]},
        }
        for pod, of_pod in images.items()
    ]


@pytest.fixture(scope="module")
def asking(ask_with: Callable[..., Callable[..., Asking]]) -> Asking:
    meanings: Mapping[type[Enum], Mapping[str, str]] = {Phase: {phase.name: "A phase." for phase in Phase}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graph.schema.enums.MEANINGS", {**MEANINGS, **meanings})
        return ask_with(PARTS, is_compared=True)(ObjectsSender("one", _pods))


async def _nodes(asking: Asking, selection: str, arguments: str = "") -> list[JsonObject]:
    query = f"{{ pods{arguments} {{ nodes {{ {selection} }} }} }}"
    answer, ordinary = await asking(query), await asking.ordinary(query)
    assert answer.errors == []
    assert answer.to_builtins() == ordinary.to_builtins()
    nodes: list[JsonObject] = answer.to_builtins()["data"]["pods"]["nodes"]
    return nodes


@pytest.mark.parametrize(
    "selection",
    [
        "parts { name state { phase reason } uses { memory } }",
        "parts { uses { memory } name again: name state { reason kind: phase __typename } }",
        "parts { state { phase } more: state { reason } }",
        "use { memory parts { name state { phase } uses { memory } } }",
        "use { parts { state { reason phase } } }",
    ],
)
async def test_a_selection_of_composites_equals_that_of_the_ordinary_execution(asking: Asking, selection: str) -> None:
    await _nodes(asking, f"name {selection}")


async def test_composites_inside_composites_are_shaped_by_the_selection(asking: Asking) -> None:
    nodes = await _nodes(asking, "name parts { state { reason is: phase } uses { memory } }", "(first: 2)")

    assert nodes == [
        {
            "name": "a",
            "parts": [
                {"state": {"reason": None, "is": "Running"}, "uses": [{"memory": "900Mi"}]},
                {"state": {"reason": "CrashLoopBackOff", "is": "Waiting"}, "uses": [{"memory": "10Mi"}]},
            ],
        },
        {
            "name": "b",
            "parts": [
                {"state": {"reason": "ImagePullBackOff", "is": "Waiting"}, "uses": []},
                {"state": None, "uses": []},
            ],
        },
    ]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ('(where: [{path: "parts.state.reason", op: EQ, value: "CrashLoopBackOff"}])', ["a"]),
        ('(where: [{path: "parts.state.phase", op: EQ, value: "Running"}])', ["a", "d"]),
        ('(where: [{path: "parts[name=c1].state.reason", op: EXISTS}])', ["a"]),
        ('(where: [{path: "parts.uses.memory", op: GT, value: "1Gi"}])', ["d"]),
        (
            '(where: [{path: "parts", some: [{path: "state.phase", op: EQ, value: "Waiting"}, '
            '{path: "uses", none: [{path: "memory", op: EXISTS}]}]}])',
            ["b"],
        ),
        ('(where: [{path: "parts", every: [{path: "state.phase", op: EQ, value: "Running"}]}])', ["c", "d"]),
        ('(where: [{path: "use.parts[name=x].state.phase", op: EXISTS}], orderBy: [{path: "name", direction: DESC}])',
         ["d", "b", "a"]),
        ('(orderBy: [{path: "parts[name=c0].state.phase", direction: DESC}])', ["b", "a", "d", "c"]),
        ('(orderBy: [{path: "use.memory"}, {path: "name", direction: DESC}])', ["d", "b", "a", "c"]),
    ],
)  # fmt: skip
async def test_paths_lead_into_composites(asking: Asking, arguments: str, names: list[str]) -> None:
    assert [node["name"] for node in await _nodes(asking, "name", arguments)] == names


async def test_groups_of_values_inside_composites(asking: Asking) -> None:
    query = (
        '{ pods { groups(by: ["parts.state.phase"]) { key count sum(path: "use.memory") '
        'max(path: "parts.uses.memory") } } }'
    )
    answer = await asking(query)

    assert answer.to_builtins() == {
        "data": {
            "pods": {
                "groups": [
                    {"key": ["Running"], "count": 2, "sum": "2Gi", "max": "2Gi"},
                    {"key": ["Waiting"], "count": 2, "sum": "2Gi", "max": "10Mi"},
                    {"key": [None], "count": 1, "sum": None, "max": None},
                ]
            }
        }
    }


async def test_a_path_into_a_composite_names_its_type_if_it_is_unknown(asking: Asking) -> None:
    answer = await asking('{ pods(where: [{path: "parts.state.phse", op: EQ, value: "x"}]) { nodes { name } } }')

    assert "PartState has no field phse; did you mean parts.state.phase?" in str(answer.errors[0]["message"])
