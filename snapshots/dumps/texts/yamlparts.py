"""The documents of a YAML text without markers between them.

The entries of a list (`items`, as in `kubectl get -o yaml`) become JSON one by one, so that a long list takes no more
memory than its text, and a broken entry does not affect the others. Documents that are appended without a marker are
one mapping whose first key occurs again; each is one value here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
import yaml

from snapshots.dumps.errors import DocumentBroken, Lost
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.repeatedkeys import repeated
from snapshots.dumps.texts.yamlvalues import COLLECTION_TAGS, MERGE, Value, YamlValues, line_of, merge, unparsable

_ITEMS: Final = "items"
_TYPE: Final = ("apiVersion", "kind")
_CONTENT: Final = ("metadata", _ITEMS)


@dataclass(frozen=True, slots=True)
class BuiltValue:
    """A value, its first line in the text, and whether it is the begin of a list whose rest is broken."""

    line: int
    value: Value
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """A value, an entry of a list or the rest of a list that cannot be read, with the line of the cause."""

    line: int | None
    cause: str
    lost: Lost = Lost.DOCUMENT


class YamlBuilder:
    """A builder of the values of one text."""

    def __init__(self, text: bytes, limits: DumpLimits) -> None:
        self._values = YamlValues(text, limits)
        self._entries: list[BrokenEntry] = []
        self._items: list[Value] | None = None
        self._is_over = False

    def parts(self) -> Iterator[BuiltValue | BrokenEntry]:
        """Yields the values of the text.

        Raises:
            DocumentBroken: The rest cannot be read.
        """
        try:
            while not isinstance(event := self._values.event(), yaml.NodeEvent):
                if event is None or isinstance(event, yaml.StreamEndEvent):
                    return
            if isinstance(event, yaml.MappingStartEvent) and event.tag in COLLECTION_TAGS and not event.anchor:
                yield from self._appended(event)
            else:
                value = self._values.value(event, depth=0)
                yield from self._finished(BuiltValue(1, value))
            if self._is_over:
                return
            self._values.event()
            if not isinstance(after := self._values.event(), yaml.StreamEndEvent | None):
                raise DocumentBroken("there is content after its end", line=line_of(after))
        except yaml.YAMLError as error:
            raise unparsable(error) from None
        finally:
            self._values.close()

    def _appended(self, event: yaml.Event) -> Iterator[BuiltValue | BrokenEntry]:
        """Yields the mapping that begins, or the documents of which it consists."""
        self._values.weigh(1, event)
        line = 1
        while True:
            values: dict[str, Value] = {}
            try:
                again = self._root(values, event if isinstance(event, yaml.ScalarEvent) else None)
            except (DocumentBroken, yaml.YAMLError) as error:
                self._is_over = True
                yield from self._salvaged(values, line, error)
                return
            yield from self._finished(BuiltValue(line, values))
            if again is None:
                return
            event, line = again, line_of(again) or line

    def _root(self, values: dict[str, Value], first: yaml.ScalarEvent | None) -> yaml.ScalarEvent | None:
        """Fills the mapping; returns the event of its first key if that occurs again and begins another document."""
        event: yaml.Event | None = first or self._values.event()
        merged: list[Value] = []
        while not isinstance(event, yaml.MappingEndEvent):
            key = self._values.key(event, 1)
            if key in values:
                if _begins_again(values, key):
                    return event if isinstance(event, yaml.ScalarEvent) else None
                self._values.note(repeated(key), event)
            self._items = None
            below = self._below(key)
            if key == MERGE and self._values.is_merge(below, event):
                merged += below if isinstance(below, list) else [below]
            else:
                values[key] = below
            event = self._values.event()
        merge(values, merged)
        return None

    def _finished(self, built: BuiltValue) -> Iterator[BuiltValue | BrokenEntry]:
        """Yields a value, or its first fault, and the broken entries of its list."""
        fault, self._values.fault = self._values.fault, None
        yield BrokenEntry(fault.line, fault.cause) if fault else built
        yield from self._entries
        self._entries = []

    def _salvaged(
        self, values: dict[str, Value], line: int, error: DocumentBroken | yaml.YAMLError
    ) -> Iterator[BuiltValue | BrokenEntry]:
        """Yields the entries of a list before an error, and the error."""
        broken = error if isinstance(error, DocumentBroken) else unparsable(error)
        if self._values.fault:
            yield BrokenEntry(self._values.fault.line, self._values.fault.cause)
        elif self._items:
            yield BuiltValue(line, {**values, _ITEMS: self._items}, is_cut=True)
        elif _ITEMS in values:
            yield BuiltValue(line, values, is_cut=True)
        count = len(self._items or ())
        kept = f"; {count} of the list's entries are before it" if count else ""
        yield from self._entries
        yield BrokenEntry(broken.line, f"{broken.cause}{kept}")

    def _below(self, key: str) -> Value:
        event = self._values.event()
        if key == _ITEMS and isinstance(event, yaml.SequenceStartEvent) and not event.anchor:
            return self._list_items()
        return self._values.value(event, depth=1)

    def _list_items(self) -> list[Value]:
        """Returns the entries of the list as JSON, without broken ones."""
        values: list[Value] = []
        self._items = values
        before, self._values.fault = self._values.fault, None
        place = 0
        while not isinstance(event := self._values.event(), yaml.SequenceEndEvent):
            value = self._values.value(event, depth=2)
            if self._values.fault is None:
                values.append(msgspec.Raw(msgspec.json.encode(value)))
            else:
                self._entries.append(
                    BrokenEntry(self._values.fault.line, f"items[{place}]: {self._values.fault.cause}", Lost.OBJECT)
                )
                self._values.fault = None
            place += 1
        self._values.fault = before
        return values


def _begins_again(values: dict[str, Value], key: str) -> bool:
    """Returns whether a key that occurs again is the first one of a whole object: then another object begins."""
    if key not in _TYPE or key != next(iter(values)):
        return False
    return all(values.get(key) for key in _TYPE) and any(key in values for key in _CONTENT)
