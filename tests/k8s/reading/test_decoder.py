"""Decoding of responses: any bytes are values or one error, in one module."""

import ast
import asyncio
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.errors import ProtocolBroken
from k8s.reading.decoder import Decoder, TooMuchToDecode, Undecodable
from k8s.reading.decodingcost import uncounted_s
from tests.processortime import ratio

K8S = Path(__file__).parents[3] / "k8s"


class Example(msgspec.Struct):
    """An object with a value of each type."""

    text: str = ""
    number: int | None = None
    real: float | None = None
    time: datetime | None = None
    inner: "Example | None" = None
    anything: Any = None


DECODER = Decoder(Example)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inside: st.lists(inside) | st.dictionaries(st.sampled_from(("text", "number", "time", "inner")), inside),
)


BROKEN = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "NaN": b"NaN",
    "another type": b'{"text": 1}',
    "a huge float": b'{"real": 1e400}',
    "a huge integer": b'{"number": ' + b"9" * 5000 + b"}",
    "a huge integer anywhere": b'{"anything": ' + b"9" * 5000 + b"}",
    "no UTF-8": b'{"text": "\xff"}',
    "a lone surrogate": b'{"text": "\\ud800"}',
    "deep": b'{"anything": ' + b"[" * 100_000,
    "deep and skipped": b'{"unknown": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep structures": b'{"inner": ' * 100_000,
    "no time": b'{"time": "0000-00-00"}',
    "an impossible time": b'{"time": "2026-02-30T25:61:61+99:99"}',
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_cannot_be_decoded_is_one_error(broken: str) -> None:
    body = BROKEN[broken]
    with pytest.raises(Undecodable):
        DECODER.decode(body)
    with pytest.raises(ProtocolBroken, match="cluster 'alpha': it is none") as raised:
        await DECODER.answer(body, cluster="alpha", cause="it is none.")
    assert raised.value.__cause__ is None


@given(body=st.binary(max_size=40) | json_values.map(lambda value: repr(value).replace("'", '"').encode()))
async def test_no_bytes_are_another_error(body: bytes) -> None:
    for decoder in (DECODER, Decoder(dict[str, datetime]), Decoder(msgspec.Raw)):
        with suppress(Undecodable):
            await decoder.read(body)


@pytest.mark.parametrize(("body", "text"), [(b'{"text":"a\xff"}', "a\ufffd"), (b'{"text":"\\ud800"}', "\ufffd")])
async def test_text_that_is_no_unicode_is_replaced(body: bytes, text: str) -> None:
    assert (await DECODER.read(body)).text == text


async def test_of_a_large_body_nothing_is_replaced() -> None:
    body = b'{"text":"\xff' + b"x" * 3 * 2**20 + b'"}'

    with pytest.raises(TooMuchToDecode):
        await DECODER.read(body)


@pytest.mark.parametrize(("size_bytes", "turns"), [(2**20, 0), (12 * 2**20, 1)])
async def test_the_estimate_of_a_long_body_has_a_stretch_of_its_own(
    monkeypatch: pytest.MonkeyPatch, size_bytes: int, turns: int
) -> None:
    order: list[str] = []

    async def turn() -> None:
        order.append("turn")

    def cost_s(_body: bytes) -> float:
        order.append("estimate")
        return 0.0

    def noted(body: bytes) -> Example:
        order.append("decode")
        return decoded(body)

    monkeypatch.setattr("k8s.reading.decoder.turn", turn)
    decoder = Decoder(Example, cost_s=cost_s)
    decoded = decoder._decoded
    monkeypatch.setattr(decoder, "_decoded", noted)

    await decoder.read(b'{"text":"' + b"x" * size_bytes + b'"}')

    assert order == ["estimate", *["turn"] * turns, "decode"]


async def test_backslashes_are_not_searched_for_what_could_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_body: bytes) -> bytes:
        raise AssertionError

    monkeypatch.setattr("k8s.reading.decoder.replaced_in_turns", never)

    with pytest.raises(Undecodable):
        await DECODER.read(b"\\" * 2**20)


def test_too_many_values_are_not_decoded() -> None:
    body = b'{"anything":[' + b"[]," * 10**6 + b"1]}"

    with pytest.raises(TooMuchToDecode):
        DECODER.decode(body)
    assert Decoder(Example, cost_s=uncounted_s).decode(body)


def test_answers_are_decoded_nowhere_else() -> None:
    """Checks that no module uses `msgspec.json` or `json`, except for texts of our own."""
    own_texts = {"account.py", "credential.py", "expiry.py"}
    for path in sorted(K8S.glob("*.py")):
        tree = ast.parse(path.read_text())
        used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert path.name == "decoder.py" or not used & {"msgspec.json.Decoder", "msgspec.json.decode"}, path.name
        assert path.name in own_texts or not used & {"json.load", "json.loads"}, path.name


def test_extreme_numbers_of_free_json_are_read_fast() -> None:
    """Checks ten thousand numbers, which msgspec alone parsed in 0.1 s or more; others take a millisecond."""
    usual, extreme = (b"[" + b",".join([text] * 10_000) + b"]" for text in (b"1.79e200", b"1.79e308"))
    decoder = Decoder(list[Any])

    assert ratio(lambda: decoder.decode(extreme), lambda: decoder.decode(usual)) < 20
    assert decoder.decode(b"[5e-324,1.79e308]") == [5e-324, 1.79e308]
    with pytest.raises(Undecodable):
        decoder.decode(b"[1e400]")


async def test_a_long_answer_waits_for_its_turn() -> None:
    """Checks that twenty bodies that arrive in one turn of the loop are decoded in twenty turns."""
    body = b'{"text": "%s"}' % (b"x" * 100_000)
    turns, decoded_in = 0, list[int]()

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def answer() -> None:
        await DECODER.answer(body, cluster="alpha", cause="it is none.")
        decoded_in.append(turns)

    other = asyncio.create_task(others())
    await asyncio.gather(*(answer() for _ in range(20)))
    other.cancel()

    assert len(set(decoded_in)) == 20
