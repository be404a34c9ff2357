"""The language of a response."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """The supported languages, with their tags for `Content-Language`."""

    ENGLISH = "en"
    CHINESE = "zh-Hans"


_BY_PRIMARY: Final = {"en": Language.ENGLISH, "zh": Language.CHINESE}
_RANGE: Final = re.compile(
    r"\s*([a-z]{1,8}|\*)(?:-[a-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)
_MAX_HEADER_CHARACTERS: Final = 1000

_CURRENT: Final[ContextVar[Language]] = ContextVar("language", default=Language.ENGLISH)


def negotiated(accept_language: str) -> Language:
    """Returns the supported language that a caller prefers; English if it names none of them.

    Every `zh-...` means the only Chinese variant: readers of another script prefer it to English. Invalid ranges are
    ignored.
    """
    best, quality = Language.ENGLISH, 0.0
    for item in accept_language[:_MAX_HEADER_CHARACTERS].lower().split(","):
        match = _RANGE.fullmatch(item)
        language = _BY_PRIMARY.get(match[1]) if match else None
        if match is not None and language is not None:
            weight = float(match[2] or 1)
            if weight > quality:
                best, quality = language, weight
    return best


def current_language() -> Language:
    """Returns the language of the current request."""
    return _CURRENT.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Sets the language for its body, and for the tasks that it starts."""
    token = _CURRENT.set(language)
    try:
        yield
    finally:
        _CURRENT.reset(token)
