"""Paths into a type, as text: `status.conditions[type=Ready].status`, `metadata.labels["app"]`, `node.ready`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from resolvers.errors import BadUserInput

_MAX_CHARACTERS: Final = 500
_MAX_STEPS: Final = 20
_NAME: Final = "[_A-Za-z][_0-9A-Za-z]*"
_QUOTED: Final = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_BARE: Final = r"""[^\[\]"'=\s\x00-\x1f]+"""
_STEP: Final = re.compile(
    rf"(?:^|\.)(?P<name>{_NAME})"
    rf"|\[(?P<map_key>{_QUOTED})\]"
    rf"|\[(?P<field>{_NAME})=(?:(?P<quoted>{_QUOTED})|(?P<bare>{_BARE}))\]"
)
_BARE_TEXT: Final = re.compile(_BARE)


@dataclass(frozen=True, slots=True)
class Name:
    """A field."""

    text: str


@dataclass(frozen=True, slots=True)
class MapKey:
    """A key of a map, without quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Pick:
    """The first element of a list whose field has a value, written as `[type=Ready]`; without quotes."""

    field: str
    value: str


Step = Name | MapKey | Pick


def parse_path(text: str) -> tuple[Step, ...]:
    """Returns the steps of a path.

    Raises:
        BadUserInput: it is no path, or too long.
    """
    if len(text) > _MAX_CHARACTERS:
        raise BadUserInput(f"path: {len(text)} characters; a path has at most {_MAX_CHARACTERS}.")
    steps: list[Step] = []
    place = 0
    while place < len(text) or not steps:
        match = _STEP.match(text, place)
        if match is None or (match["name"] is None and not steps):
            raise _malformed(text, place)
        steps.append(_step(match, text))
        place = match.end()
    if len(steps) > _MAX_STEPS:
        raise BadUserInput(f"path: {len(steps)} steps; a path has at most {_MAX_STEPS}.")
    return tuple(steps)


def written(steps: Sequence[Step]) -> str:
    """Returns the text of steps; `parse_path` returns the same steps for it."""
    return "".join(map(_written, steps)).removeprefix(".")


def _written(step: Step) -> str:
    match step:
        case Name(text):
            return f".{text}"
        case MapKey(text):
            return f"[{_json(text)}]"
        case Pick(field, value):
            return f"[{field}={value if _BARE_TEXT.fullmatch(value) else _json(value)}]"


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _step(match: re.Match[str], text: str) -> Step:
    if match["name"] is not None:
        return Name(match["name"])
    if match["map_key"] is not None:
        return MapKey(_unquoted(match["map_key"], text, match.start()))
    bare = match["bare"]
    return Pick(match["field"], _unquoted(match["quoted"], text, match.start()) if bare is None else bare)


def _unquoted(quoted: str, text: str, place: int) -> str:
    try:
        return msgspec.json.decode(quoted, type=str)
    except msgspec.DecodeError as error:
        raise _malformed(text, place) from error


def _malformed(text: str, place: int) -> BadUserInput:
    return BadUserInput(
        f"path: {text!r} is no path from character {place + 1} on; write names with dots between them, "
        'keys of maps as metadata.labels["app"], and elements of lists as status.conditions[type=Ready].'
    )
