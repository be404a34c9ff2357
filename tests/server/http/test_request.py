"""Bodies of hostile JSON are decoded, or refused, in little time: decoding is one stretch of the event loop."""

from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from server.http.request import decode_body, decode_query_string
from server.http.responses import Refusal
from tests.processortime import in_loops

LONGEST = 2_000_000
LOOPS_OF_THE_MOST = 10
MOST_VALUES = 120_000
MOST_LOOPS = 120
"""The slowest of these takes 25; without the bounds 750."""


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

    def decode() -> None:
        with suppress(Refusal):
            decode_body(body, most_values=MOST_VALUES)

    assert in_loops(decode) < MOST_LOOPS


def _entries(entry: bytes, count: int) -> bytes:
    return b'{"query":"{ok}","variables":{' + b",".join(entry % number for number in range(count)) + b"}}"


SLOW: dict[str, Callable[[int], bytes]] = {
    "keys with fractions": partial(_entries, b'"\xc3\xa9%d":1.5'),
    "fractions": partial(_variables, b"1.79769313486e8"),
    "numbers near the end of the range": partial(_variables, b"8.9255" + b"3" * 20 + b"e-310"),
    "numbers of 4,000 digits": partial(_variables, b"9" * 4000),
}


@pytest.mark.parametrize("make_body", SLOW.values(), ids=SLOW)
def test_the_most_slow_values_that_are_accepted_take_little_time(make_body: Callable[[int], bytes]) -> None:
    """Takes 1 to 6 loops; if all values counted the same, 13 to 35."""
    body = make_body(_most_accepted(make_body))

    assert in_loops(partial(decode_body, body, most_values=MOST_VALUES)) < LOOPS_OF_THE_MOST


def _most_accepted(make_body: Callable[[int], bytes]) -> int:
    """Returns, by bisection, the highest count whose body is decoded."""

    def is_refused(count: int) -> bool:
        body = make_body(count)
        try:
            decode_body(body, most_values=MOST_VALUES)
        except Refusal:
            return True
        return len(body) > LONGEST

    return bisect_left(range(MOST_VALUES), True, key=is_refused) - 1


@pytest.mark.parametrize(
    "value", [b"9" * 1_900_000, b"9" * 1_900_000 + b".0", b"1e" + b"9" * 1_900_000, b"1e309", b"-1e309"]
)
def test_a_number_out_of_range_is_refused_at_once(value: bytes) -> None:
    body = _variables(value, 1)

    def decode() -> None:
        with pytest.raises(Refusal):
            decode_body(body, most_values=MOST_VALUES)

    assert in_loops(decode) < MOST_LOOPS


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

    assert decode_query_string(text).variables == {"a": [5e-324] * 8000}
    assert in_loops(partial(decode_query_string, text)) < 12  # msgspec alone takes thirty
