"""The longest input that a client may send, and a check that reading it takes linear time and little memory."""

from collections.abc import Callable
from functools import partial
from typing import Final

from tests.processortime import in_loops

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

_MOST_LOOPS: Final = 60
"""The slowest correct reader takes ten."""
_FEW_LOOPS: Final = 2
"""A reader in more than linear time takes hundreds, with any input."""


def require_linear_and_short(read: Callable[[str], object], start: str, piece: str) -> None:
    """Fails if reading the piece over and over behind the start takes more than linear time, or long."""
    longest = partial(read, (start + piece * LONGEST)[:LONGEST])
    if in_loops(longest, rounds=1) < _FEW_LOOPS:
        return
    eighth = in_loops(partial(read, (start + piece * LONGEST)[: LONGEST // 8]))
    whole = in_loops(longest)

    assert whole < 24 * eighth + _FEW_LOOPS
    assert whole < _MOST_LOOPS
