"""The longest input that a stranger may send, and a check that it is read in linear time, and in little."""

from collections.abc import Callable
from time import thread_time
from typing import Final

LONGEST: Final = 64_000
PIECES: Final = (
    *(
        ";",
        ",",
        '"',
        "\\",
        "%",
        "=",
        " ",
        "\t",
        "0",
        "9",
        "a",
        "/",
        ".",
        ":",
        "-",
        "*",
        "&",
        "+",
        "[",
        "{",
        "%41",
        "%e4",
    ),
    *("a/b,", 'a/b;c="\\",', ';q="', "a/b;q=1,", "gzip;q=0,", ' W/"', "zh-", "q =", '\\"', "a=", "&a=%", "bearer "),
)
"""Each is repeated up to the length."""

_LOOPS: Final = 40
"""Loops over the longest input in which it must be read; what is slowest and right takes ten."""


def require_linear_and_short(read: Callable[[str], object], start: str, piece: str) -> None:
    """Fails if reading the piece over and over behind the start takes more than linear time, or long."""
    short_s, long_s = (_fastest_s(read, (start + piece * length)[:length]) for length in (LONGEST // 4, LONGEST))

    assert long_s < 8 * short_s + 0.004
    assert long_s < _LOOPS * _fastest_s(_loop, (start + piece * LONGEST)[:LONGEST])


def _loop(text: str) -> None:
    """Looks at each character, to know how fast the machine is."""
    found = 0
    for character in text:
        found += character == ";"


def _fastest_s(read: Callable[[str], object], text: str) -> float:
    """Processor time of the fastest of some readings."""
    taken = []
    for _ in range(3):
        started_s = thread_time()
        read(text)
        taken.append(thread_time() - started_s)
    return min(taken)
