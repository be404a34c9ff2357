"""Texts without case, as Unicode folds them: character by character, so a text may be folded piece by piece.

Folding makes no text shorter, but up to three times as long, and takes up to 0.1 us for a character.
"""

from typing import Final

from resolvers.errors import LimitExceeded

MOST_CHARACTERS: Final = 100_000
"""Of a text that is folded at once."""


def folded(text: str) -> str:
    """The whole text, folded.

    Raises:
        LimitExceeded: it is too long.
    """
    if len(text) > MOST_CHARACTERS:
        raise LimitExceeded(
            f"ignoreCase: a text has {len(text)} characters; at most {MOST_CHARACTERS} are compared without case. "
            "Leave ignoreCase out, or narrow the list."
        )
    return text.casefold()


def folded_beginning(text: str, length: int) -> str:
    """As much of a text as decides how it compares with a folded text of `length` characters, folded.

    It is longer than that one wherever the whole text is.
    """
    return text[: length + 1].casefold()
