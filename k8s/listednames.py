"""Lists of names in messages, the only place that joins them.

Callers read messages in their own language, so the names are joined once more for another: the catalogue of messages
(resolvers/messages) has the joints of each language, and parameters `{any_...}` and `{all_...}` for lists.
"""

from collections.abc import Iterable
from typing import Final

BETWEEN: Final = ", "
OR: Final = " or "
AND: Final = " and "


def any_of(names: Iterable[str]) -> str:
    """Returns names of which one applies: "a", "a or b", "a, b or c"; of none, an empty text."""
    return _joined(names, OR)


def all_of(names: Iterable[str]) -> str:
    """Returns names that apply together: "a", "a and b", "a, b and c"."""
    return _joined(names, AND)


def _joined(names: Iterable[str], last_joint: str) -> str:
    *others, last = list(names) or [""]
    return f"{BETWEEN.join(others)}{last_joint}{last}" if others else last
