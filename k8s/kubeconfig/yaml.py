"""Read the YAML of strangers: bounded, and only the plain part of the language that kubeconfigs need.

The parser's events are consumed one at a time, and the first that goes too far ends the reading; no object of a type
that the file names is ever built. Plain scalars stay the text that they are, except true, false and null.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

import yaml

from k8s.kubeconfig.errors import KubeconfigInvalid, KubeconfigTooLarge, shown_key

MAX_BYTES: Final = 1024 * 1024
"""The size of a file; a context with certificates embedded has about 6 KB."""
MAX_DEPTH: Final = 32
"""How deep collections may be nested; kubeconfigs need 5, without extensions."""
MAX_NODES: Final = 20_000
"""How many scalars and collections a file may have; a context with its cluster and user has about 27."""

YamlValue: TypeAlias = "str | bool | list[YamlValue] | dict[str, YamlValue] | None"

_WORDS: Final[dict[str, bool | None]] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, which every wheel has, is 20 times faster than the parser that stands in for it."""


def read_yaml(text: bytes, *, source: str) -> YamlValue:
    """Return what the one document of a YAML (or JSON) text holds.

    Raises:
        KubeconfigInvalid: Not UTF-8 or YAML, several documents, or an anchor, alias, tag or key that stands twice.
        KubeconfigTooLarge: Over `MAX_BYTES`, `MAX_DEPTH` or `MAX_NODES`.
    """
    if len(text) > MAX_BYTES:
        raise KubeconfigTooLarge(f"the file has more than {MAX_BYTES} bytes", source=source)
    return _YamlReader(_decoded(text, source), source).document()


def _decoded(text: bytes, source: str) -> str:
    try:
        decoded = text.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        # The decoder's error carries the whole file, so it is left behind.
        raise KubeconfigInvalid("the file is not UTF-8", source=source) from None
    if "\0" in decoded:
        raise KubeconfigInvalid("the file has a NUL character", source=source)
    return decoded


class _YamlReader:
    """Turns the events of one text into values."""

    def __init__(self, text: str, source: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._source = source
        self._nodes = 0

    def document(self) -> YamlValue:
        self._next()
        start = self._next()
        if isinstance(start, yaml.StreamEndEvent):
            raise self._refused("the file is empty", start)
        value = self._value(self._next(), depth=0)
        self._next()
        if not isinstance(end := self._next(), yaml.StreamEndEvent):
            raise self._refused("the file has several documents; keep one", end)
        return value

    def _next(self) -> yaml.Event:
        try:
            return next(self._events)
        except yaml.YAMLError as error:
            raise KubeconfigInvalid(f"the file is not YAML{_position(error)}", source=self._source) from None
        except (ValueError, OverflowError):
            # The fallback parser lets escapes of impossible characters through to `chr`.
            raise KubeconfigInvalid("the file is not YAML", source=self._source) from None

    def _value(self, event: yaml.Event, depth: int) -> YamlValue:
        self._admit(event)
        if isinstance(event, yaml.ScalarEvent):
            return _WORDS.get(event.value, event.value) if event.implicit[0] else event.value
        if depth >= MAX_DEPTH:
            raise KubeconfigTooLarge(f"the file is nested deeper than {MAX_DEPTH}", source=self._source)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth + 1)
        return self._sequence(depth + 1)

    def _sequence(self, depth: int) -> list[YamlValue]:
        values: list[YamlValue] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            values.append(self._value(event, depth))
        return values

    def _mapping(self, depth: int) -> dict[str, YamlValue]:
        values: dict[str, YamlValue] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event)
            if key in values:
                raise self._refused(f"{shown_key(key)} stands twice in one mapping", event)
            values[key] = self._value(self._next(), depth)
        return values

    def _key(self, event: yaml.Event) -> str:
        self._admit(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._refused("a key is not a text", event)
        return event.value

    def _admit(self, event: yaml.Event) -> None:
        """Count a scalar or the start of a collection, and refuse what plain YAML does without."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise KubeconfigTooLarge(f"the file has more than {MAX_NODES} values", source=self._source)
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) or event.anchor is not None:
            raise self._refused("the file has an anchor or alias; write the values out", event)
        if event.tag is not None:
            raise self._refused("the file has a tag (!...); write plain values", event)

    def _refused(self, reason: str, event: yaml.Event) -> KubeconfigInvalid:
        line = f" (line {event.start_mark.line + 1})" if event.start_mark else ""
        return KubeconfigInvalid(f"{reason}{line}", source=self._source)


def _position(error: yaml.YAMLError) -> str:
    """Say where the YAML ends; the parser's own words may quote the file."""
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
