"""Texts without case, as Unicode folds them: character by character, so a text may be folded piece by piece.

Folding makes no text shorter, but up to three times as long, and takes up to 0.1 us for a character.
"""

from typing import Final

MOST_CHARACTERS: Final = 100_000
"""Of a text that is folded at once."""


def folded(text: str) -> str:
    """A text of at most 100,000 characters, folded as a whole."""
    return text.casefold()


def folded_order(text: str) -> tuple[str, str]:
    """What a text of any length is ordered by without case: its beginning, folded; of a longer one, then the text."""
    return text[:MOST_CHARACTERS].casefold(), text if len(text) > MOST_CHARACTERS else ""


def folded_beginning(text: str, length: int) -> str:
    """As much of a text as decides how it compares with a folded text of `length` characters, folded.

    It is longer than that one wherever the whole text is.
    """
    return text[: length + 1].casefold()
