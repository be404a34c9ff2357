"""Media ranges of an Accept header, and the media type of a body, parsed in linear time (RFC 9110, 5.6.6 and 12.5.1).

Any client can send such a header, so at most 100 ranges and parameters of one are read. A malformed range is left out;
a quoted string without an end takes everything after it along.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

MOST_ITEMS: Final = 100
"""The most ranges and parameters of one header that are read; browsers send about ten."""
_USUAL_CHARACTERS: Final = 300

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"  # noqa: S105  the grammar's word
_NAME: Final = re.compile(rf"[ \t]*+({_TOKEN}/{_TOKEN})")
_PARAMETER: Final = re.compile(rf'[ \t]*+;[ \t]*+(?:({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*+)"))?+', re.DOTALL)
_UNENDED: Final = re.compile(rf'{_TOKEN}="(?:[^"\\]|\\.)*+\\?\Z', re.DOTALL)
_END: Final = re.compile(r"[ \t]*+(,|\Z)")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class MediaRange(NamedTuple):
    """A media type, or several.

    Attributes:
        name: Type and subtype in lower case.
        parameters: Values by names in lower case; of a name that is repeated, the first.
    """

    name: str
    parameters: Mapping[str, str]


class _ParsedRange(NamedTuple):
    """A range, None if it is malformed; the position after it; its number of ranges and parameters."""

    parsed: MediaRange | None
    end: int
    items: int


def media_ranges(header: str) -> tuple[MediaRange, ...]:
    """Returns the ranges of a list, without malformed ones."""
    return _cached_ranges(header) if len(header) <= _USUAL_CHARACTERS else tuple(_read(header))


@lru_cache(maxsize=256)
def _cached_ranges(header: str) -> tuple[MediaRange, ...]:
    """Returns the ranges of a usual header; the same clients send the same one with each request."""
    return tuple(_read(header))


def _read(header: str) -> Iterator[MediaRange]:
    at, items = 0, 0
    while at < len(header) and items < MOST_ITEMS:
        parsed, at, more = _range(header, at, most_items=MOST_ITEMS - items)
        items += more
        if parsed is not None:
            yield parsed


def media_type(header: str) -> MediaRange | None:
    """Returns the media type of a body; None if it is malformed, or not the only one."""
    parsed, end, _items = _range(header, 0, most_items=MOST_ITEMS)
    return parsed if end > len(header) else None


def _range(header: str, at: int, *, most_items: int) -> _ParsedRange:
    """Parses the range at a position, with the comma after it."""
    name = _NAME.match(header, at)
    if name is None:
        return _ParsedRange(None, _behind_comma(header, at), 1)
    at, items, parameters = name.end(), 1, dict[str, str]()
    while items < most_items and (parameter := _PARAMETER.match(header, at)) is not None:
        at, items = parameter.end(), items + 1
        if parameter[1] is not None:
            parameters.setdefault(parameter[1].lower(), _value(parameter))
    end = _END.match(header, at)
    if end is None:
        return _ParsedRange(None, _behind_malformed(header, at), items)
    return _ParsedRange(MediaRange(name[1].lower(), parameters), end.end() + (not end[1]), items)


def _value(parameter: "re.Match[str]") -> str:
    quoted = parameter[3]
    return parameter[2] if quoted is None else _ESCAPED.sub(r"\1", quoted)


def _behind_malformed(header: str, at: int) -> int:
    return len(header) + 1 if _UNENDED.match(header, at) else _behind_comma(header, at)


def _behind_comma(header: str, at: int) -> int:
    comma = header.find(",", at)
    return len(header) + 1 if comma < 0 else comma + 1
