"""Warnings about comparisons of one list beside each other."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from graph.planning.elementwarnings import element_warnings
from graph.planning.fieldpaths import FieldPaths
from graph.schema.catalogue import catalogue
from resolvers.arguments.where import conditions
from resolvers.messages.language import Language, speaking
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender

Ask = Callable[..., Asking]
TYPE = {"path": "status.conditions.type", "value": "Ready"}
STATUS = {"path": "status.conditions.status", "value": "True"}
PORTS = "spec.containers.ports"
QUERY = f'pods(where: [{{path: "{PORTS}.containerPort", value: 1}}, {{path: "{PORTS}.hostPort", value: 2}}])'
REWRITTEN = '{path: "spec.containers.ports", some: [{path: "containerPort", value: 1}, {path: "hostPort", value: 2}]}'


def warnings(*where: object) -> list[str]:
    """Returns the messages about a `where` of pods."""
    finder = FieldPaths(catalogue())
    return list(element_warnings(finder, finder.start("Pod"), conditions(list(where))))


def rewritten(*where: object) -> list[str]:
    """Returns the conditions that the messages recommend."""
    return [message.partition(" write ")[2].removesuffix(".") for message in warnings(*where)]


def test_a_message_names_the_list_and_the_rewritten_condition() -> None:
    assert warnings(TYPE, STATUS) == [
        "where: status.conditions.type and status.conditions.status: each of these comparisons may hold of another "
        "element of status.conditions. If they are about the same element, write "
        '{path: "status.conditions", some: [{path: "type", value: "Ready"}, {path: "status", value: "True"}]}.'
    ]


@pytest.mark.parametrize(
    "where",
    [
        [TYPE, {"and": [STATUS]}],
        [{"or": [{"and": [TYPE, STATUS]}]}],
        [{"not": [{"and": [TYPE, STATUS]}]}],
        [{"path": "name", "value": "x"}, TYPE, {"path": "spec.nodeName", "value": "y"}, STATUS],
    ],
)
def test_comparisons_that_hold_together_are_found_at_any_depth(where: Sequence[object]) -> None:
    assert len(warnings(*where)) == 1


@pytest.mark.parametrize(
    "where",
    [
        [TYPE],
        [TYPE, {"path": "spec.containers.name", "value": "x"}],
        [TYPE, {"path": "status.phase", "value": "x"}],
        [{"or": [TYPE, STATUS]}],
        [{"not": [TYPE, STATUS]}],
        [TYPE | {"quantifier": "ALL"}, STATUS],
        [TYPE | {"quantifier": "NONE"}, STATUS | {"quantifier": "NONE"}],
        [TYPE, {"path": "status.conditions.reason", "op": "NOT_EXISTS"}],
        [TYPE, TYPE | {"value": "PodScheduled"}],
        [{"path": "metadata.finalizers", "value": "a"}, {"path": "metadata.finalizers", "value": "b"}],
        [TYPE, {"path": "status.conditions", "op": "EXISTS"}],
        [{"path": "metadata.finalizers", "op": "EXISTS"}, {"path": "metadata.finalizers", "op": "NE", "value": "a"}],
        [{"path": "node.pods", "op": "EXISTS"}, {"path": "node.pods.name", "value": "a"}],
        [{"path": "status.conditions", "some": [{"path": "type", "value": "a"}, {"path": "status", "value": "b"}]}],
        [{"path": "status.conditions[type=Ready].status", "value": "a"}, STATUS],
        [{"path": "status.conditions[type=Ready].status", "value": "a"}, {"path": "status.phase", "value": "b"}],
    ],
)
def test_what_is_not_ambiguous_gets_no_warning(where: Sequence[object]) -> None:
    assert warnings(*where) == []


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (
            [{"path": f"node.pods.{name}", "op": "GT", "value": 1} for name in ("restarts", "spec.priority")],
            '{path: "node.pods", some: [{path: "restarts", op: GT, value: 1}, '
            '{path: "spec.priority", op: GT, value: 1}]}',
        ),
        (
            [
                {"path": "spec.containers.args", "op": "CONTAINS", "value": value, "ignoreCase": True}
                for value in ("a", "b" * 100)
            ],
            '{path: "spec.containers.args", some: [{op: CONTAINS, value: "a", ignoreCase: true}, '
            "{op: CONTAINS, value: ..., ignoreCase: true}]}",
        ),
        (
            [{"path": f"spec.containers[name=app].ports.{name}", "value": 1} for name in ("containerPort", "hostPort")],
            '{path: "spec.containers[name=app].ports", some: [{path: "containerPort", value: 1}, '
            '{path: "hostPort", value: 1}]}',
        ),
        (
            [
                {
                    "path": "spec.containers",
                    "some": [{"path": "ports.hostPort", "value": 1}, {"path": "ports.protocol", "value": "x"}],
                }
            ],
            '{path: "ports", some: [{path: "hostPort", value: 1}, {path: "protocol", value: "x"}]}',
        ),
        (
            [{"path": "spec.containers.ports", "op": "EXISTS"}, {"path": "spec.containers.name", "value": "x"}],
            '{path: "spec.containers", some: [{path: "ports", op: EXISTS}, {path: "name", value: "x"}]}',
        ),
        (
            [{"path": f"node.pods.spec.containers.{name}", "value": "x"} for name in ("name", "image")],
            '{path: "node.pods.spec.containers", some: [{path: "name", value: "x"}, {path: "image", value: "x"}]}',
        ),
    ],
)
def test_the_condition_is_rewritten(where: Sequence[object], expected: str) -> None:
    assert rewritten(*where) == [expected]


def test_a_warning_shows_few_comparisons() -> None:
    (message,) = warnings(*[{"path": "spec.containers.image", "op": "CONTAINS", "value": "x" * 1000}] * 90)

    assert len(message) < 1000
    assert message.endswith(", ...]}.")


async def test_a_response_has_each_warning_once_in_the_language_of_the_request(ask: Ask) -> None:
    asking = ask(ObjectsSender("one", lambda _kind: []))

    with speaking(Language.CHINESE):
        answer = (await asking(f"{{ a: {QUERY} {{ totalCount }} b: {QUERY} {{ totalCount }} }}")).to_builtins()

    (warning,) = answer["extensions"]["warnings"]
    assert warning["code"] == "DIFFERENT_ELEMENTS"
    assert REWRITTEN in warning["message"]
    assert "如果它们针对同一元素" in warning["message"]


async def test_a_link_to_many_is_warned_about_as_well(ask: Ask) -> None:
    asking = ask(ObjectsSender("one", lambda _kind: []))

    answer = (await asking(f"{{ nodes {{ nodes {{ {QUERY} {{ totalCount }} }} }} }}")).to_builtins()

    assert [warning["code"] for warning in answer["extensions"]["warnings"]] == ["DIFFERENT_ELEMENTS"]


async def test_the_last_payload_has_the_warnings(ask: Ask) -> None:
    asking = ask(ObjectsSender("one", lambda _kind: []))
    query = f"{{ clusters {{ name }} ... @defer {{ {QUERY} {{ totalCount }} }} }}"

    payloads: list[Any] = [payload async for payload in asking.deliver(query)]

    assert [payload.extensions for payload in payloads[:-1]] == [None] * (len(payloads) - 1)
    assert REWRITTEN in json.dumps(payloads[-1].extensions["warnings"]).replace('\\"', '"')


async def test_a_query_without_warnings_has_no_extensions(ask: Ask) -> None:
    answer = await ask(ObjectsSender("one", lambda _kind: []))("{ pods { totalCount } }")

    assert "extensions" not in answer.to_builtins()
