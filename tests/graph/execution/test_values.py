"""Derived fields of rows: other work continues between them."""

from collections.abc import Callable

import pytest

from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender
from tests.otherturns import turns_during

Ask = Callable[..., Asking]
PODS = 500


def _pods(kind: Kind) -> list[JsonObject]:
    return [_pod(number) for number in range(PODS)] * (kind == POD)


def _pod(number: int) -> JsonObject:
    statuses: list[JsonValue] = [{"name": "app", "restartCount": 1}]
    status: JsonObject = {"phase": "Running", "containerStatuses": statuses}
    return {"metadata": {"name": f"p-{number:03}", "namespace": "shop"}, "status": status}


@pytest.mark.parametrize("fields", ["restarts", "id"])
async def test_others_have_a_turn_after_each_row(ask: Ask, fields: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = ask(ObjectsSender("one", _pods))

    async def turns(selected: str) -> int:
        return await turns_during(lambda: asking(f"{{ pods {{ nodes {{ {selected} }} }} }}"), monkeypatch)

    assert await turns(f"metadata {{ name }} {fields}") - await turns("metadata { name }") >= PODS
