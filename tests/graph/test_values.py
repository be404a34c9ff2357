"""Derived fields of rows that may each be long."""

from collections.abc import Callable

import pytest

from k8s.kind import Kind
from k8s.kinds import POD
from resolvers.longlists import MOST_ITEMS
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender
from tests.otherturns import turns_during

Ask = Callable[..., Asking]
PODS = 500


def _pods(kind: Kind, statuses: int = 1) -> list[JsonObject]:
    """Pods, of which the first has so many container statuses."""
    first: list[JsonValue] = [{"name": "app", "restartCount": 1}] * statuses
    return [_pod(number, [{"name": "app", "restartCount": 1}] if number else first) for number in range(PODS)] * (
        kind == POD
    )


def _pod(number: int, statuses: list[JsonValue]) -> JsonObject:
    status: JsonObject = {"phase": "Running", "containerStatuses": statuses}
    return {"metadata": {"name": f"p-{number:03}", "namespace": "shop"}, "status": status}


@pytest.mark.parametrize("fields", ["restarts", "id"])
async def test_others_have_a_turn_after_each_row(ask: Ask, fields: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = ask(ObjectsSender("one", _pods))

    async def turns(selected: str) -> int:
        return await turns_during(lambda: asking(f"{{ pods {{ nodes {{ {selected} }} }} }}"), monkeypatch)

    assert await turns(f"metadata {{ name }} {fields}") - await turns("metadata { name }") >= PODS


async def test_a_pod_of_more_containers_than_any_real_one_fails_alone(ask: Ask) -> None:
    asking = ask(ObjectsSender("one", lambda kind: _pods(kind, MOST_ITEMS + 1)))

    answer = (await asking("{ pods { nodes { name restarts } } }")).to_builtins()

    assert [(error["path"], error["message"]) for error in answer["errors"]] == [
        (
            ["pods", "nodes", 0, "restarts"],
            "status.containerStatuses: the object has 10001 of them; at most 10000 are looked at.",
        )
    ]
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
