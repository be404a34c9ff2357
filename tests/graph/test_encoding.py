"""Large answers: encoded in slices, to the same bytes."""

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.encoding import encoded
from graph.planning.emitted import emitted_type
from tests.otherturns import turns_during

ROW = emitted_type(("name", "a key", "ünï"))


LEADING = emitted_type(("name", "pods"), ("pods",))


def rows(count: int, held: Any = None) -> list[Any]:
    return [ROW(f"n-{index}", index / 3, held) for index in range(count)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=40) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=60,
)


@settings(max_examples=settings().max_examples // 2)
@given(json_values, st.integers(0, 60))
def test_slices_give_the_bytes_of_the_whole(value: Any, count: int) -> None:
    response = {"data": ROW(value, rows(count, value), {"nodes": [rows(count), [], None]}), "errors": [{"path": [1]}]}

    assert asyncio.run(encoded(response)) == msgspec.json.encode(response)


@given(st.lists(st.integers(0, 300), max_size=30))
def test_objects_with_many_below_them_are_encoded_by_themselves(counts: list[int]) -> None:
    below = [LEADING("inner", LEADING("of one", rows(count))) for count in counts]
    response = {"data": [LEADING(None, None), LEADING("a", below), *(LEADING("b", rows(count)) for count in counts)]}

    assert asyncio.run(encoded(response)) == msgspec.json.encode(response)


@pytest.mark.parametrize(
    "response",
    [{"data": rows(20_000, "x" * 2000)}, {"data": [{"pods": rows(2500, ["x"] * 500)} for _ in range(2)]}],
)
async def test_others_go_on_meanwhile(response: dict[str, Any]) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.create_task(others())
    body = await encoded(response)
    other.cancel()

    assert body == msgspec.json.encode(response)
    assert turns > 0


@pytest.mark.parametrize("response", [{"data": rows(20, "x" * 2**22)}, {"data": "x" * 80 * 2**20}])
async def test_long_texts_are_written_in_pieces(monkeypatch: pytest.MonkeyPatch, response: dict[str, Any]) -> None:
    """Asserts the time: writing 30 MB at once took as long as encoding them, together 90 ms."""
    assert await turns_during(lambda: encoded(response), monkeypatch) >= 80


@pytest.mark.parametrize("depth", [63, 64, 65, 900])
async def test_values_of_any_depth_are_encoded(depth: int) -> None:
    lists: object = [1] * 100
    objects: object = {"x": lists}
    for _ in range(depth):
        lists, objects = [lists], {"x": objects}

    for value in (lists, objects):
        assert await encoded({"data": value}) == msgspec.json.encode({"data": value})
