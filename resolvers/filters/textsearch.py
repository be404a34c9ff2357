"""Search for a text within texts: short ones at once, long ones piece by piece with other requests in between."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from k8s.turns.turns import Pace
from resolvers.filters.folding import folded_beginning

_AT_ONCE_CHARACTERS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Substring:
    """A search for a text within others.

    Attributes:
        text: the text to search for; folded, if case is ignored.
        ignores_case: true if texts are folded before the search.
    """

    text: str
    ignores_case: bool

    def holds(self, value: object) -> bool | None:
        """Returns whether a value contains the text; None if the search takes too long at once."""
        if not isinstance(value, str):
            return False
        if len(value) > _AT_ONCE_CHARACTERS:
            return None
        return self.text in self._folded(value)

    async def at_length(self, value: str) -> bool:
        """Returns whether a long value contains the text; searches in slices."""
        pace, tail, overlap = Pace(), "", len(self.text) - 1
        for start in range(0, len(value), _AT_ONCE_CHARACTERS):
            piece = tail + self._folded(value[start : start + _AT_ONCE_CHARACTERS])
            if self.text in piece:
                return True
            tail = piece[-overlap:] if overlap > 0 else ""
            await pace.breathe()
        return False

    def _folded(self, text: str) -> str:
        return text.casefold() if self.ignores_case else text


def begins_with(prefix: str, *, ignores_case: bool) -> Callable[[object], bool]:
    """Returns a function that checks the prefix of a value; the prefix is folded if case is ignored."""
    if not ignores_case:
        return lambda value: isinstance(value, str) and value.startswith(prefix)
    length = len(prefix)
    return lambda value: isinstance(value, str) and folded_beginning(value, length).startswith(prefix)
