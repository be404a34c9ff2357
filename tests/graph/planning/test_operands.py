"""Operands of `IN`: read after the planning of all lists of a query, before any request to a cluster."""

from collections.abc import Callable

import pytest

from tests.graph.fleets import Asking
from tests.graph.senders import ObjectsSender
from tests.otherturns import turns_during

Ask = Callable[..., Asking]
WRONG = '[{path: "status.podIP", op: IN, value: ["10.0.0.1", "here"]}]'
BELOW = f"pods(where: {WRONG}) {{ totalCount }}"


@pytest.fixture
def sender() -> ObjectsSender:
    return ObjectsSender("one", lambda _kind: [])


@pytest.mark.parametrize(
    "query",
    [
        f"{{ {BELOW} }}",
        f"{{ nodes {{ nodes {{ {BELOW} }} }} }}",
        f"{{ pods {{ nodes {{ node {{ {BELOW} }} }} }} }}",
        f'{{ node(cluster: "one", name: "n") {{ {BELOW} }} }}',
        f"{{ clusters {{ {BELOW} }} }}",
        f'{{ cluster(name: "one") {{ {BELOW} }} }}',
        f"{{ pods(where: {{not: [{{and: {WRONG}}}]}}) {{ totalCount }} }}",
    ],
)
async def test_a_wrong_one_is_refused_and_nothing_is_sent(ask: Ask, sender: ObjectsSender, query: str) -> None:
    for is_ordinary in (False, True):
        (error,) = (await ask(sender)(query, is_ordinary=is_ordinary)).to_builtins()["errors"]

        path = query.split()[1].partition("(")[0]
        assert error["message"] == 'where: status.podIP IN: "here" is not an IP address.'
        assert (error["path"][0], error["extensions"]["code"]) == (path, "BAD_USER_INPUT")
    assert sender.calls == []


async def test_each_field_is_told_of_its_own(ask: Ask, sender: ObjectsSender) -> None:
    right = '[{path: "status.podIP", op: IN, value: ["10.0.0.1"]}]'
    query = f"{{ a: pods(where: {right}) {{ totalCount }} b: pods(where: {WRONG}) {{ totalCount }} }}"

    answer = (await ask(sender)(query)).to_builtins()

    assert [error["path"] for error in answer["errors"]] == [["b"]]
    assert answer["data"] == {"a": {"totalCount": 0}, "b": None}


async def test_what_a_refused_field_was_given_is_nobody_elses(ask: Ask, sender: ObjectsSender) -> None:
    wrong = f'{WRONG[:-1]}, {{path: "nowhere", op: EXISTS}}]'
    query = f"{{ a: pods(where: {wrong}) {{ totalCount }} b: pods {{ totalCount }} }}"

    answer = (await ask(sender)(query)).to_builtins()

    assert [error["path"] for error in answer["errors"]] == [["a"]]
    assert answer["data"] == {"a": None, "b": {"totalCount": 0}}


async def test_others_have_a_turn_after_each(ask: Ask, sender: ObjectsSender, monkeypatch: pytest.MonkeyPatch) -> None:
    where = " ".join('{path: "status.podIP", op: IN, value: $of}' for _ in range(10))
    query = f"query($of: JSON) {{ pods(where: [{where}]) {{ totalCount }} }}"
    of = [f"fd00::{number:x}" for number in range(300)]

    assert await turns_during(lambda: ask(sender)(query, {"of": of}), monkeypatch) >= 3000
