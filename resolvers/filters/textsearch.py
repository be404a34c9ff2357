"""Texts within texts: what is short is searched at once, what is long piece by piece, and others go on in between."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from k8s.turns.turns import Pace
from resolvers.filters.folding import folded_beginning

_AT_ONCE_CHARACTERS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Substring:
    """Whether texts contain a text.

    Attributes:
        wanted: is looked for; folded, if case is ignored.
        ignores_case: whether texts are folded before.
    """

    wanted: str
    ignores_case: bool

    def holds(self, value: object) -> bool | None:
        """Whether a value contains it; None if looking for that takes too long at once."""
        if not isinstance(value, str):
            return False
        if len(value) > _AT_ONCE_CHARACTERS:
            return None
        return self.wanted in self._folded(value)

    async def at_length(self, value: str) -> bool:
        """Whether a long text contains it."""
        pace, kept, overlap = Pace(), "", len(self.wanted) - 1
        for start in range(0, len(value), _AT_ONCE_CHARACTERS):
            text = kept + self._folded(value[start : start + _AT_ONCE_CHARACTERS])
            if self.wanted in text:
                return True
            kept = text[-overlap:] if overlap > 0 else ""
            await pace.breathe()
        return False

    def _folded(self, text: str) -> str:
        return text.casefold() if self.ignores_case else text


def begins_with(wanted: str, *, ignores_case: bool) -> Callable[[object], bool]:
    """A function that says whether a value begins with a text, which is folded if case is ignored."""
    if not ignores_case:
        return lambda value: isinstance(value, str) and value.startswith(wanted)
    length = len(wanted)
    return lambda value: isinstance(value, str) and folded_beginning(value, length).startswith(wanted)
