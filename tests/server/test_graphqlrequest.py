"""Bodies of hostile JSON are decoded, or refused, in little time: decoding is one stretch of the event loop."""

from contextlib import suppress
from time import thread_time

import pytest

from server.graphqlrequest import decode_body, decode_query_string
from server.replies import Refusal

LONGEST = 2_000_000
MOST_VALUES = 120_000
_SHORT_S = 0.4
"""Without the bounds the slowest of these take seconds."""


def _variables(value: bytes, count: int) -> bytes:
    return b'{"query":"{ok}","variables":{"a":[' + b",".join([value] * count) + b"]}}"


@pytest.mark.parametrize(
    "value",
    [
        b"1",
        b"[]",
        b"{}",
        b'""',
        b"1.5",
        b"1.7976931348623157e308",
        b"5e-324",
        b"9" * 30,
        b"0." + b"9" * 60,
        b"[" * 90 + b"]" * 90,
    ],
)
@pytest.mark.parametrize("length", [LONGEST, MOST_VALUES * 7])
def test_many_values_take_little_time(value: bytes, length: int) -> None:
    body = _variables(value, length // (len(value) + 1))
    started_s = thread_time()

    with suppress(Refusal):
        decode_body(body, most_values=MOST_VALUES)

    assert thread_time() - started_s < _SHORT_S


@pytest.mark.parametrize(
    "value", [b"9" * 1_900_000, b"9" * 1_900_000 + b".0", b"1e" + b"9" * 1_900_000, b"1e309", b"-1e309"]
)
def test_a_number_out_of_range_is_refused_at_once(value: bytes) -> None:
    started_s = thread_time()

    with pytest.raises(Refusal):
        decode_body(_variables(value, 1), most_values=MOST_VALUES)

    assert thread_time() - started_s < _SHORT_S


def test_more_values_than_the_limit_are_refused_with_the_figure_and_the_setting() -> None:
    with pytest.raises(
        Refusal, match=r"about 10\d\d values; the limit is 1000 \(FLEETGRAPH_MAX_BODY_VALUES\)"
    ) as refused:
        decode_body(_variables(b"1", 1001), most_values=1000)

    assert refused.value.status == 413


def test_fractions_and_exponents_are_read_as_they_are() -> None:
    body = _variables(b"[1.5,-2e3,5e-324,1.7976931348623157e308]", 1)

    variables = decode_body(body, most_values=MOST_VALUES).variables

    assert variables == {"a": [[1.5, -2000.0, 5e-324, 1.7976931348623157e308]]}


def test_variables_of_a_query_string_are_read_in_the_same_way() -> None:
    text = b"query={ok}&variables={%22a%22:[" + b",".join([b"5e-324"] * 8000) + b"]}"
    started_s = thread_time()

    variables = decode_query_string(text).variables

    assert variables == {"a": [5e-324] * 8000}
    assert thread_time() - started_s < _SHORT_S
