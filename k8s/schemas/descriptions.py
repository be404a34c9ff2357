"""Descriptions for API users, from texts of strangers: short, in one line, without control characters."""

import re
from typing import Final

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CUT: Final = "..."


def shortened(text: str, most: int) -> str:
    """Returns a text with single spaces, cut to a number of characters."""
    if len(text) > 2 * most:
        text = text[: 2 * most]
    text = " ".join(_CONTROLS.sub(" ", text).split())
    return text if len(text) <= most else text[: most - len(_CUT)].rstrip() + _CUT
