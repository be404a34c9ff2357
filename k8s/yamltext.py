"""JSON values as the YAML text that kubectl writes, in steps. The styles of texts are those of `k8s.yamlscalars`.

Source: sigs.k8s.io/yaml, which encodes with go-yaml v2, a port of libyaml's emitter: keys in natural order, and lists
at the indentation of their key.
"""

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key
from heapq import merge
from typing import Any, Final, TypeAlias, TypeVar

from k8s.yamlscalars import Steps, is_simple_key, key_text, scalar, short_scalar

MAX_CHARACTERS: Final = 16 * 2**20
"""Characters of a text, about: the indentation of deep objects is many times as large as they are."""

T = TypeVar("T")

_Work: TypeAlias = Generator[None, None, None]

_INDENT: Final = 2
_SORTED_AT_ONCE: Final = 128
_JOINED_AT_ONCE: Final = 1024
_LONGEST_SPLIT_KEY: Final = 256
"""Characters of the longest key that is split into characters."""
_DIGITS: Final = re.compile("[0-9]+")
_NUMBERED: Final = re.compile("[^0-9]*[0-9]{0,18}")


class YamlTooLong(ValueError):
    """A value whose text has more than `MAX_CHARACTERS`."""


def yaml_text(value: Any) -> str:
    """Returns the YAML of a JSON value, with a line break at the end."""
    return finished(yaml_steps(value))


def finished(steps: Generator[None, None, T]) -> T:
    """Returns the result of steps, done without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def yaml_steps(value: Any) -> Steps:
    """Returns the YAML of a JSON value, with a line break at the end; yields after each of its short steps.

    Raises:
        YamlTooLong: the text has too many characters.
    """
    writer = _Writer()
    yield from writer.write(value)
    return writer.text()


@dataclass(slots=True)
class _Level:
    """A map or a list that is being written.

    Attributes:
        value: the map or the list.
        entries: the keys, or the elements, that follow.
        indent: the column of its entries.
        is_inline: True if the next entry continues the line of a `-` or of a `:`.
    """

    value: Mapping[str, Any] | Sequence[Any]
    entries: Iterator[Any]
    indent: int
    is_inline: bool


@dataclass(slots=True)
class _Writer:
    """The writer of one value. It has levels in place of calls, because a value may be inside of a thousand others.

    Methods that return work have not finished before that is done.
    """

    _pieces: list[str] = field(default_factory=list)
    _joined: list[str] = field(default_factory=list)
    _levels: list[_Level] = field(default_factory=list)
    _keys: dict[str, str | None] = field(default_factory=dict)
    _characters: int = 0

    def text(self) -> str:
        """Returns the written text."""
        return "".join([*self._joined, *self._pieces])

    def write(self, value: Any) -> _Work:
        """Writes a value; yields after each entry."""
        if (work := self._value("", value, 0, column=0)) is not None:
            yield from work
        while self._levels:
            level = self._levels[-1]
            for entry in level.entries:
                if (work := self._entry(level, entry)) is not None:
                    yield from work
                if level is not self._levels[-1]:
                    break
                yield
                if len(self._pieces) > _JOINED_AT_ONCE:
                    self._join()
            else:
                self._levels.pop()

    def _join(self) -> None:
        self._joined.append("".join(self._pieces))
        self._pieces.clear()
        self._characters += len(self._joined[-1])
        if self._characters > MAX_CHARACTERS:
            raise YamlTooLong

    def _entry(self, level: _Level, entry: Any) -> _Work | None:
        indent = level.indent
        margin, level.is_inline = "" if level.is_inline else " " * indent, False
        if not isinstance(level.value, dict):
            return self._value(f"{margin}- ", entry, indent + _INDENT, column=indent + _INDENT)
        value = level.value[entry]
        key = self._key(entry)
        if key is None:
            return self._long_key(margin, entry, value, indent)
        if not value or not isinstance(value, list | dict):
            return self._value(f"{margin}{key}: ", value, indent + _INDENT, column=indent + len(key) + 2)
        self._pieces.append(f"{margin}{key}:\n")
        return self._begin(value, indent if isinstance(value, list) else indent + _INDENT, is_inline=False)

    def _value(self, head: str, value: Any, indent: int, *, column: int) -> _Work | None:
        """Writes a value behind a head; `indent` is that of its lines that follow."""
        if value and isinstance(value, list | dict):
            self._pieces.append(head)
            return self._begin(value, indent, is_inline=True)
        short = short_scalar(value, column=column)
        if short is None:
            return self._long_scalar(head, value, indent, column)
        self._pieces.append(f"{head}{short}\n")
        return None

    def _long_scalar(self, head: str, value: str, indent: int, column: int) -> _Work:
        self._pieces += (head, (yield from scalar(value, column=column, indent=indent)), "\n")

    def _long_key(self, margin: str, key: str, value: Any, indent: int) -> _Work:
        text = yield from scalar(key, column=indent + _INDENT, indent=indent + _INDENT)
        head = f"{margin}? {text}\n{' ' * indent}: "
        if (work := self._value(head, value, indent + _INDENT, column=indent + _INDENT)) is not None:
            yield from work

    def _key(self, key: str) -> str | None:
        """Returns the text of a simple key; None for others."""
        if key not in self._keys:
            self._keys[key] = key_text(key) if is_simple_key(key) else None
        return self._keys[key]

    def _begin(self, value: Any, indent: int, *, is_inline: bool) -> _Work | None:
        if isinstance(value, dict) and len(value) > _SORTED_AT_ONCE:
            return self._begin_long(value, indent, is_inline)
        entries = iter(value if isinstance(value, list) else sorted(value, key=_order_of(value)))
        self._levels.append(_Level(value, entries, indent, is_inline))
        return None

    def _begin_long(self, value: Mapping[str, Any], indent: int, is_inline: bool) -> _Work:
        """Begins a map with many keys: short runs of them are sorted at once, and merged as they are written."""
        keys, runs = list(value), list[list[str]]()
        order = _order_of(keys)
        for start in range(0, len(keys), _SORTED_AT_ONCE):
            runs.append(sorted(keys[start : start + _SORTED_AT_ONCE], key=order))
            yield
        self._levels.append(_Level(value, merge(*runs, key=order), indent, is_inline))


def _order_of(keys: Iterable[str]) -> Any:
    """Returns the sort key of these keys; None if their own order is the natural one."""
    if all(map(str.isalpha, keys)):
        return None
    is_short = max(map(len, keys), default=0) <= _LONGEST_SPLIT_KEY
    return _numbered if is_short and all(map(_NUMBERED.fullmatch, keys)) else _NATURAL


def _numbered(key: str) -> list[tuple[int, str] | tuple[int, int, int]]:
    """Returns the order, as `_order` has it, of a key whose digits are all at its end; many comparisons are fast."""
    digits = key[len(key.rstrip("0123456789")) :]
    parts: list[Any] = [(3 if character.isalpha() else 1, character) for character in key.removesuffix(digits)]
    return [*parts, (2, int(digits), len(digits))] if digits else parts


def _order(one: str, other: str) -> int:
    """Compares two keys as `keyList` of go-yaml v2 does: letters come after all else, digits compare as numbers."""
    place = _alike(one, other)
    if place == min(len(one), len(other)):
        return len(one) - len(other)
    ours, theirs = one[place], other[place]
    if ours.isalpha() or theirs.isalpha():
        return _sign(ours, theirs) if ours.isalpha() and theirs.isalpha() else (1 if ours.isalpha() else -1)
    before = one[:place]
    zeros = before[len(before.rstrip("0123456789")) :].strip("0") if "0" in (ours, theirs) else ""
    numbers = [_number(key, place, is_inside=bool(zeros)) for key in (one, other)]
    return _sign(*numbers) if numbers[0] != numbers[1] else _sign(ours, theirs)


def _alike(one: str, other: str) -> int:
    """Returns the length of the beginning that two texts have in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


def _number(key: str, place: int, *, is_inside: bool) -> tuple[int, int]:
    """Returns the number at a place of a key, and its length; if it is inside of a longer one, zeros count."""
    digits = _DIGITS.match(key, place)
    text = digits[0][:18] if digits is not None else ""
    return int(f"1{text}" if is_inside else text or "0"), len(text)


def _sign(one: Any, other: Any) -> int:
    return -1 if one < other else 1


_NATURAL: Final = cmp_to_key(_order)
