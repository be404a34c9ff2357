"""Paths into a type, as text: `spec.containers.image`, `metadata.labels["app.kubernetes.io/name"]`, `node.ready`."""

import re
from dataclasses import dataclass
from typing import Final

import msgspec

from resolvers.errors import BadUserInput

_MAX_CHARACTERS: Final = 500
_MAX_STEPS: Final = 20
_STEP: Final = re.compile(r'(?:^|\.)([_A-Za-z][_0-9A-Za-z]*)|\[("(?:[^"\\\x00-\x1f]|\\.)*")\]')


@dataclass(frozen=True, slots=True)
class Name:
    """A field."""

    text: str


@dataclass(frozen=True, slots=True)
class MapKey:
    """A key of a map, without quotes."""

    text: str


Step = Name | MapKey


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
        if match is None or (match[2] is not None and not steps):
            raise _malformed(text, place)
        steps.append(Name(match[1]) if match[1] is not None else MapKey(_unquoted(match[2], text, place)))
        place = match.end()
    if len(steps) > _MAX_STEPS:
        raise BadUserInput(f"path: {len(steps)} steps; a path has at most {_MAX_STEPS}.")
    return tuple(steps)


def _unquoted(quoted: str, text: str, place: int) -> str:
    try:
        return msgspec.json.decode(quoted, type=str)
    except msgspec.DecodeError as error:
        raise _malformed(text, place) from error


def _malformed(text: str, place: int) -> BadUserInput:
    return BadUserInput(
        f"path: {text!r} is no path from character {place + 1} on; write names with dots between them, "
        'and keys of maps as metadata.labels["app"].'
    )
