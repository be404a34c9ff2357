"""The language of an answer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """The languages that there are, as `Content-Language` says them."""

    ENGLISH = "en"
    CHINESE = "zh-Hans"


_BY_PRIMARY: Final = {"en": Language.ENGLISH, "zh": Language.CHINESE}
_RANGE: Final = re.compile(
    r"\s*([a-z]{1,8}|\*)(?:-[a-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)
_LONGEST_HEADER: Final = 1000

_SPOKEN: Final[ContextVar[Language]] = ContextVar("language", default=Language.ENGLISH)


def negotiated(accept_language: str) -> Language:
    """The language that a caller wants most of those that there are; English if it says none of them.

    Every `zh-...` means the one Chinese that there is: a reader of another script reads it rather than English. Ranges
    that are none are ignored.
    """
    best, quality = Language.ENGLISH, 0.0
    for each in accept_language[:_LONGEST_HEADER].lower().split(","):
        found = _RANGE.fullmatch(each)
        language = _BY_PRIMARY.get(found[1]) if found else None
        if found is not None and language is not None:
            wanted = float(found[2] or 1)
            if wanted > quality:
                best, quality = language, wanted
    return best


def spoken() -> Language:
    """The language of the request that is being answered."""
    return _SPOKEN.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Answers what is inside, and the tasks that it starts, in a language."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)
