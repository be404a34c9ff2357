"""A YAML reader for files of unknown origin, with limits, for the plain subset that kubeconfigs need.

The parser's events are consumed one at a time, and reading ends at the first over a limit. No object of a type that the
file names is ever created. Plain scalars stay texts, except true, false and null.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

import yaml

from k8s.kubeconfig.errors import KubeconfigInvalid, KubeconfigTooLarge, quoted_key

MAX_BYTES: Final = 1024 * 1024
"""The limit of a file; a context with embedded certificates has about 6 KB."""
MAX_DEPTH: Final = 32
"""The limit of nested collections; kubeconfigs need 5, without extensions."""
MAX_NODES: Final = 20_000
"""The limit of scalars and collections in a file; a context with its cluster and user has about 27."""

YamlValue: TypeAlias = "str | bool | list[YamlValue] | dict[str, YamlValue] | None"

_WORDS: Final[dict[str, bool | None]] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, which every wheel has, is 20 times faster than the fallback parser."""


def read_yaml(text: bytes, *, source: str) -> YamlValue:
    """Returns the value of the only document of a YAML (or JSON) text.

    Raises:
        KubeconfigInvalid: The text is not UTF-8 or YAML, has several documents, or an anchor, alias, tag or repeated
            key.
        KubeconfigTooLarge: The text exceeds `MAX_BYTES`, `MAX_DEPTH` or `MAX_NODES`.
    """
    if len(text) > MAX_BYTES:
        raise KubeconfigTooLarge(f"the file has more than {MAX_BYTES} bytes", source=source)
    return _YamlReader(_decoded(text, source), source).document()


def _decoded(text: bytes, source: str) -> str:
    try:
        decoded = text.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        # The decoder's error carries the whole file, so it is not chained.
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
                raise self._refused(f"{quoted_key(key)} is repeated in one mapping", event)
            values[key] = self._value(self._next(), depth)
        return values

    def _key(self, event: yaml.Event) -> str:
        self._admit(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._refused("a key is not a text", event)
        return event.value

    def _admit(self, event: yaml.Event) -> None:
        """Counts a scalar or the start of a collection, and refuses features beyond plain YAML."""
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
    """Returns the position of a syntax error; the parser's own words may quote the file."""
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
