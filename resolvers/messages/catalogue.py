"""From a message to the same in another language, by entries with named parameters.

A message is matched with RE2, in linear time, as it may hold what a caller sent. Of several entries that it fits, the
one with the most words of its own is meant. A parameter called `message` or `cause` is a message itself.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import re2

from resolvers.messages.language import Language, spoken

_FILES: Final = {Language.ENGLISH: "en.toml", Language.CHINESE: "zh.toml"}
_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")
_NESTED: Final = frozenset({"message", "cause"})
_DEEPEST: Final = 4
_LONGEST: Final = 4000


@dataclass(frozen=True, slots=True)
class _MessagePattern:
    pattern: Any
    parameters: tuple[str, ...]
    key: str


def shown(message: str) -> str:
    """A message in the language of the request that is being answered."""
    language = spoken()
    return message if language is Language.ENGLISH else translated(message, language)


def translated(message: str, language: Language) -> str:
    """A message in a language; as it is, if there is no entry for it."""
    return _translated(message, language, 0)


def _translated(message: str, language: Language, depth: int) -> str:
    if language is Language.ENGLISH or len(message) > _LONGEST or depth > _DEEPEST:
        return message
    for entry in _entries():
        found = entry.pattern.fullmatch(message)
        if found is not None:
            values = dict(zip(entry.parameters, found.groups(), strict=True))
            for name in _NESTED & values.keys():
                values[name] = _translated(values[name], language, depth + 1)
            return _filled(catalogue(language)[entry.key], values)
    return message


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PARAMETER.sub(lambda place: values[place[1]], template)


@lru_cache(maxsize=len(Language))
def catalogue(language: Language) -> Mapping[str, str]:
    """All messages of a language by key."""
    return tomllib.loads((Path(__file__).parent / _FILES[language]).read_text(encoding="utf-8"))


def parameters(template: str) -> tuple[str, ...]:
    """The names in a template, in order."""
    return tuple(_PARAMETER.findall(template))


@lru_cache(maxsize=1)
def _entries() -> tuple[_MessagePattern, ...]:
    """Those of English, with the most words of their own first."""
    english = catalogue(Language.ENGLISH)
    by_words = sorted(english, key=lambda key: len(_PARAMETER.sub("", english[key])), reverse=True)
    return tuple(_MessagePattern(_pattern(english[key]), parameters(english[key]), key) for key in by_words)


def _pattern(template: str) -> Any:
    pieces = _PARAMETER.split(template)
    written = "".join("((?s:.*?))" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
    return re2.compile(written)
