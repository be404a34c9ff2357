"""Numbers of answers: extreme ones are as fast as others, and no other value is accepted."""

from functools import partial
from typing import Any

import pytest

from k8s.kinds.builtin import NODE
from k8s.reading.decoder import Decoder, Undecodable
from k8s.reading.numbers import Number, Quantity
from k8s.reading.rowdecoders import object_decoder
from k8s.reading.selection import selection_of
from tests.processortime import ratio


def _quantities(text: bytes) -> bytes:
    """A node with ten thousand quantities."""
    quantities = b",".join(b'"%d":%b' % (number, text) for number in range(10_000))
    return b'{"metadata":{"name":"n"},"status":{"capacity":{' + quantities + b"}}}"


@pytest.mark.parametrize("extreme", [b"1.79e308", b"1.5e-320"])
def test_extreme_quantities_are_read_as_fast_as_others(extreme: bytes) -> None:
    """Checks ten thousand numbers, which msgspec alone parsed in 90 to 170 ms."""
    decoder = object_decoder("Node", selection_of(["metadata.name", "status.capacity"]), NODE)

    extremes, others = (partial(decoder.decode, _quantities(text)) for text in (extreme, b"1.5"))

    assert ratio(extremes, others) < 8


@pytest.mark.parametrize("text", [b'"100m"', b"1.5", b"2", b"-1e3"])
def test_quantities_are_texts_or_numbers(text: bytes) -> None:
    found: list[Any] = Decoder(list[Quantity | None]).decode(b"[" + text + b",null]")

    assert found == [Decoder(Any).decode(text), None]


@pytest.mark.parametrize("text", [b"[]", b"{}", b"true"])
def test_nothing_else_is_a_quantity(text: bytes) -> None:
    with pytest.raises(Undecodable):
        Decoder(list[Quantity | None]).decode(b"[" + text + b"]")


def test_a_text_is_no_number() -> None:
    numbers: Decoder[Any] = Decoder(list[Number | None])

    assert numbers.decode(b"[1,1.5,null]") == [1, 1.5, None]
    with pytest.raises(Undecodable):
        numbers.decode(b'["1.5"]')
