"""Translation of messages by entries with named parameters.

A message is matched with RE2, in linear time, because it can contain texts of a caller. Of several entries that match,
the one with the longest text of its own is used. A parameter called `message` or `cause` is a message itself. One whose
name begins with `any_` or `all_` is a list of names (`k8s.listednames`), joined as the language does.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import re2

from resolvers.messages.language import Language, current_language

_FILES: Final = {Language.ENGLISH: "en.toml", Language.CHINESE: "zh.toml"}
_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")
_NESTED: Final = frozenset({"message", "cause"})
_LISTS: Final = frozenset({"any", "all"})
_MAX_DEPTH: Final = 4
_MAX_CHARACTERS: Final = 4000


@dataclass(frozen=True, slots=True)
class _MessagePattern:
    pattern: Any
    parameters: tuple[str, ...]
    key: str


def localize(message: str) -> str:
    """Returns a message in the language of the current request."""
    language = current_language()
    return message if language is Language.ENGLISH else translated(message, language)


def translated(message: str, language: Language) -> str:
    """Returns a message in a language; unchanged if there is no entry for it."""
    return _translated(message, language, 0)


def _translated(message: str, language: Language, depth: int) -> str:
    if language is Language.ENGLISH or len(message) > _MAX_CHARACTERS or depth > _MAX_DEPTH:
        return message
    for entry in _entries():
        match = entry.pattern.fullmatch(message)
        if match is not None:
            values = dict(zip(entry.parameters, match.groups(), strict=True))
            for name, value in values.items():
                if name in _NESTED:
                    values[name] = _translated(value, language, depth + 1)
                elif (joint := name.partition("_")[0]) in _LISTS:
                    values[name] = _joined(value, joint, language)
            return _filled(catalogue(language)[entry.key], values)
    return message


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PARAMETER.sub(lambda place: values[place[1]], template)


def _joined(names: str, joint: str, language: Language) -> str:
    """Returns an English list of names as the language joins it."""
    english, other = joints(Language.ENGLISH), joints(language)
    before, found, last = names.rpartition(english[joint])
    between = other["between"].join(before.split(english["between"]))
    return f"{between}{other[joint]}{last}" if found else names


@lru_cache(maxsize=len(Language))
def catalogue(language: Language) -> Mapping[str, str]:
    """Returns all messages of a language by key."""
    return {key: text for key, text in _file(language).items() if key != "joint"}


def joints(language: Language) -> Mapping[str, str]:
    """Returns the joints of a list of names: `between` the first ones, and before the last of `any` or of `all`."""
    return _file(language)["joint"]  # type: ignore[no-any-return]  # a table of texts


@lru_cache(maxsize=len(Language))
def _file(language: Language) -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / _FILES[language]).read_text(encoding="utf-8"))


def parameters(template: str) -> tuple[str, ...]:
    """Returns the names of a template's parameters, in order."""
    return tuple(_PARAMETER.findall(template))


@lru_cache(maxsize=1)
def _entries() -> tuple[_MessagePattern, ...]:
    """Returns the English entries, those with the longest texts of their own first."""
    english = catalogue(Language.ENGLISH)
    by_length = sorted(english, key=lambda key: len(_PARAMETER.sub("", english[key])), reverse=True)
    return tuple(_MessagePattern(_pattern(english[key]), parameters(english[key]), key) for key in by_length)


def _pattern(template: str) -> Any:
    pieces = _PARAMETER.split(template)
    pattern = "".join("((?s:.*?))" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
    return re2.compile(pattern)
