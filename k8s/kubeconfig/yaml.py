"""A YAML reader for files of unknown origin, with limits, for the plain subset that kubeconfigs need.

The parser's events are consumed one at a time, and reading ends at the first over a limit. No object of a type that the
file names is ever created. Plain scalars stay texts, except true, false and null. A value beyond plain YAML becomes a
`Fault`, so that it costs only its reader.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import yaml

from k8s.kubeconfig.errors import KubeconfigInvalid, KubeconfigTooLarge, quoted_key

MAX_DEPTH: Final = 32
"""The limit of nested collections; kubeconfigs need 5, without extensions."""

MAX_TAG_DIRECTIVES: Final = 100
"""The limit of `%TAG`: libyaml compares each directive with all before it. Kubeconfigs need none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The place of a value that cannot be read; `reason` has the cause, the line and no value."""

    reason: str


YamlValue: TypeAlias = "str | bool | list[YamlValue] | dict[str, YamlValue] | Fault | None"


@dataclass(frozen=True, slots=True)
class YamlLimits:
    """The limits of a text, with the words that name their settings.

    Attributes:
        text_bytes: Its size.
        values: The number of scalars and collections.
        bytes_hint: Words behind the error about the size, such as ` (FLEETGRAPH_X)`.
        values_hint: Words behind the error about the number.
    """

    text_bytes: int = 1024 * 1024
    values: int = 20_000
    bytes_hint: str = ""
    values_hint: str = ""


DEFAULT_LIMITS: Final = YamlLimits()

_WORDS: Final[dict[str, bool | None]] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, which every wheel has, is 20 times faster than the fallback parser."""


def read_yaml(text: bytes, *, source: str, limits: YamlLimits = DEFAULT_LIMITS) -> YamlValue:
    """Returns the value of the only document of a YAML (or JSON) text.

    Raises:
        KubeconfigInvalid: The text is empty, not UTF-8 or YAML, has several documents, or an anchor, alias, tag or
            repeated key.
        KubeconfigTooLarge: The text exceeds a limit.
    """
    value, fault = _read(text, source, limits)
    if fault is not None:
        raise KubeconfigInvalid(fault.reason, source=source)
    if value is None:
        raise KubeconfigInvalid("the file is empty", source=source)
    return value


def read_yaml_with_faults(text: bytes, *, source: str, limits: YamlLimits) -> YamlValue:
    """Returns the same, with a `Fault` in the place of each anchor, alias, tag or repeated key; None for an empty text.

    Raises:
        KubeconfigInvalid: The text is not UTF-8 or YAML, or has several documents.
        KubeconfigTooLarge: The text exceeds a limit.
    """
    return _read(text, source, limits)[0]


def _read(text: bytes, source: str, limits: YamlLimits) -> tuple[YamlValue, Fault | None]:
    """Returns the value, and the first fault in it."""
    if len(text) > limits.text_bytes:
        raise KubeconfigTooLarge(f"the file has more than {limits.text_bytes} bytes{limits.bytes_hint}", source=source)
    reader = _YamlReader(_decoded(text, source), source, limits)
    return reader.document(), reader.fault


def _decoded(text: bytes, source: str) -> str:
    """Returns the text of UTF-8, or of UTF-16 with a byte order mark, which PowerShell writes and kubectl reads."""
    encoding = "utf-16" if text.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8"
    try:
        decoded = text.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        # The decoder's error carries the whole file, so it is not chained.
        raise KubeconfigInvalid("the file is not UTF-8", source=source) from None
    if "\0" in decoded:
        raise KubeconfigInvalid("the file has a NUL character", source=source)
    if decoded.count("%TAG") > MAX_TAG_DIRECTIVES:
        raise KubeconfigTooLarge(f"the file has more than {MAX_TAG_DIRECTIVES} %TAG directives", source=source)
    return decoded


class _YamlReader:
    """Turns the events of one text into values."""

    def __init__(self, text: str, source: str, limits: YamlLimits) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._source = source
        self._limits = limits
        self._values = 0
        self.fault: Fault | None = None

    def document(self) -> YamlValue:
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), depth=0)
        self._next()
        if not isinstance(end := self._next(), yaml.StreamEndEvent):
            raise KubeconfigInvalid(f"the file has several documents; keep one{_line(end)}", source=self._source)
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
        self._count()
        fault = self._beyond_plain(event)
        value: YamlValue = None
        if isinstance(event, yaml.ScalarEvent):
            value = _WORDS.get(event.value, event.value) if event.implicit[0] else event.value
        elif isinstance(event, yaml.CollectionStartEvent):
            value = self._collection(event, depth)
        return value if fault is None else fault

    def _collection(self, event: yaml.Event, depth: int) -> YamlValue:
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

    def _mapping(self, depth: int) -> YamlValue:
        values: dict[str, YamlValue] = {}
        fault: Fault | None = None
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._value(event, depth)
            value = self._value(self._next(), depth)
            text = event.value if isinstance(event, yaml.ScalarEvent) else None
            if isinstance(key, Fault):
                fault = key
            elif text is None:
                fault = self._faulty("a key is not a text", event)
            elif text in values:
                values[text] = self._faulty(f"{quoted_key(text)} is repeated in one mapping", event)
            else:
                values[text] = value
        return values if fault is None else fault

    def _count(self) -> None:
        self._values += 1
        if self._values > self._limits.values:
            raise KubeconfigTooLarge(
                f"the file has more than {self._limits.values} values{self._limits.values_hint}", source=self._source
            )

    def _beyond_plain(self, event: yaml.Event) -> Fault | None:
        """Returns the fault of a value that uses features beyond plain YAML."""
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) or event.anchor is not None:
            return self._faulty("the file has an anchor or alias; write the values out", event)
        if event.tag is not None:
            return self._faulty("the file has a tag (!...); write plain values", event)
        return None

    def _faulty(self, reason: str, event: yaml.Event) -> Fault:
        fault = Fault(f"{reason}{_line(event)}")
        self.fault = self.fault or fault
        return fault


def _line(event: yaml.Event) -> str:
    return f" (line {event.start_mark.line + 1})" if event.start_mark else ""


def _position(error: yaml.YAMLError) -> str:
    """Returns the position of a syntax error; the parser's own words may quote the file."""
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
