"""totalCount: never below what was read, and marked where API servers estimate the rest."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.graph.fleets import Asking
from tests.k8s.listsender import ListSender, page

Ask = Callable[..., Asking]
ENVELOPE = "clusters { countIsEstimate }"


async def _list(asking: Asking, arguments: str = "", fields: str = "nodes { name } pageInfo { endCursor }") -> Any:
    answer = await asking(f"{{ pods{arguments} {{ totalCount {fields} {ENVELOPE} }} }}")
    assert not answer.errors
    return answer.to_builtins()["data"]["pods"]


def _sender(remaining: int | None) -> ListSender:
    """Returns a cluster of five pods that reports a number on each page."""
    return ListSender(
        {
            "": [page(["a", "b"], "t1", remaining=remaining)],
            "t1": [page(["c", "d"], "t2", remaining=remaining)],
            "t2": [page(["e"], remaining=remaining)],
        }
    )


@pytest.mark.parametrize("remaining", [-5, 0, 10**18, None])
@pytest.mark.parametrize("arguments", ["", "(first: 2)"])
async def test_an_impossible_number_is_ignored(ask: Ask, remaining: int | None, arguments: str) -> None:
    found = await _list(ask(_sender(remaining)), arguments)

    assert (found["totalCount"], found["clusters"]) == (5, [{"countIsEstimate": False}])


@pytest.mark.parametrize("fields", ["", "nodes { name }"])
async def test_an_estimate_is_marked(ask: Ask, fields: str) -> None:
    arguments = "(first: 2)" if fields else ""

    found = await _list(ask(_sender(40)), arguments, fields)

    assert (found["totalCount"], found["clusters"]) == (42, [{"countIsEstimate": True}])


async def test_what_was_read_is_no_estimate(ask: Ask) -> None:
    found = await _list(ask(_sender(40)))

    assert (found["totalCount"], found["clusters"]) == (5, [{"countIsEstimate": False}])


async def test_a_page_has_no_more_objects_than_the_list(ask: Ask) -> None:
    """Checks the page behind a cursor, whose list is counted by a request of its own."""
    sender = ListSender({"": [page(["a"], "t1", remaining=1)], "t1": [page(["b", "c", "d"])]})
    first = await _list(ask(sender), "(first: 1)")

    found = await _list(ask(sender), f'(first: 5, after: "{first["pageInfo"]["endCursor"]}")')

    assert (len(found["nodes"]), found["totalCount"]) == (3, 3)
    assert found["clusters"] == [{"countIsEstimate": True}]
