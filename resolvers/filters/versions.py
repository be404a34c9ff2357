"""Versions, and the compact keys by which they order.

Source: semver.org, section 11; with or without `v`, with up to six numbers, and with build metadata last, so that the
order is total.
"""

import re
from typing import Final

from resolvers.filters.shorttexts import remembered

VersionKey = tuple[int, str]
"""0 and a text that sorts as the version does; or 1 and a text that is no version: it comes behind all versions."""

LONGEST_CHARACTERS: Final = 128
"""Of a version, as of a tag of an image (OCI distribution specification); what is longer is a plain text."""

_VERSION: Final = re.compile(r"v?([0-9]{1,18}(?:\.[0-9]{1,18}){0,5})(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.~-]+))?")
_NUMBERS: Final = 6
_LONGEST_NUMBER: Final = 18
_RELEASE: Final = "r"
_PRERELEASE: Final = "p"
_END: Final = "\x01"
_IDENTIFIER: Final = "\x02"
"""Before each identifier: less than anything in one, so that `rc` comes before `rc1`; more than the end of all."""


def version_key(text: str) -> VersionKey:
    """What a text is compared by as a version, at most about three times as long as the text."""
    return _key(text) if len(text) <= LONGEST_CHARACTERS else (1, text)


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
    """Digits that sort by their amount: longer numbers are greater."""
    stripped = digits.lstrip("0")
    return f"{chr(ord('a') + len(stripped))}{stripped}"


def _identifier(part: str) -> str:
    """Numbers come before all other identifiers."""
    is_number = part.isdigit() and len(part) <= _LONGEST_NUMBER
    return f"{_IDENTIFIER}0{_number(part)}" if is_number else f"{_IDENTIFIER}1{part}"
