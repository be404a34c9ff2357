"""Versions, and compact keys that order them.

Source: semver.org, section 11. A version has up to six numbers, with or without `v`; build metadata order last, so that
the order is total.
"""

import re
from typing import Final

from resolvers.filters.shorttexts import remembered

VersionKey = tuple[int, str]
"""0 and a text that sorts like the version; or 1 and a text that is no version, which comes after all versions."""

MAX_CHARACTERS: Final = 128
"""Limit of a version, which is that of an image tag (OCI distribution specification); longer texts are no versions."""

_VERSION: Final = re.compile(r"v?([0-9]{1,18}(?:\.[0-9]{1,18}){0,5})(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.~-]+))?")
_NUMBERS: Final = 6
_MAX_DIGITS: Final = 18
_RELEASE: Final = "r"
_PRERELEASE: Final = "p"
_END: Final = "\x01"
_IDENTIFIER: Final = "\x02"
"""Comes before each identifier. It is less than any character of one, so `rc` orders before `rc1`; more than `_END`."""


def version_key(text: str) -> VersionKey:
    """Returns the key of a text as a version; its length is at most about three times that of the text."""
    return _key(text) if len(text) <= MAX_CHARACTERS else (1, text)


@remembered(4096)
def _key(text: str) -> VersionKey:
    match = _VERSION.fullmatch(text)
    if match is None:
        return (1, text)
    numbers = match[1].split(".")
    padded = "".join(map(_number, [*numbers, *["0"] * (_NUMBERS - len(numbers))]))
    before = "".join(map(_identifier, match[2].split("."))) if match[2] else ""
    return (0, f"{padded}{_PRERELEASE if before else _RELEASE}{before}{_END}{match[3] or ''}")


def _number(digits: str) -> str:
    """Returns digits with a prefix for their number, so that they sort by their amount."""
    stripped = digits.lstrip("0")
    return f"{chr(ord('a') + len(stripped))}{stripped}"


def _identifier(text: str) -> str:
    """Returns the key of an identifier; numbers order before all others."""
    is_number = text.isdigit() and len(text) <= _MAX_DIGITS
    return f"{_IDENTIFIER}0{_number(text)}" if is_number else f"{_IDENTIFIER}1{text}"
