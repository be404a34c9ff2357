"""Values of a YAML text, built event by event with libyaml, so that each limit holds before memory is allocated.

Aliases count with their expanded size: a few lines that expand to a billion values reach the limit.
"""

import re
from typing import Final, TypeAlias

import msgspec
import yaml

from snapshots.dumps.errors import DocumentBroken
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.repeatedkeys import repeated
from snapshots.dumps.texts.yamlscalars import FOREIGN_TAG, resolved, tagged

Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | float | bool | msgspec.Raw | None"

_PARSER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG_DIRECTIVE: Final = re.compile(rb"(?:\A|[\n\r]|\xc2\x85|\xe2\x80[\xa8\xa9]|\xef\xbb\xbf)%TAG")
_MOST_TAG_DIRECTIVES: Final = 100
"""libyaml compares each `%TAG` with all before it. Kubernetes objects need none."""
MERGE: Final = "<<"
COLLECTION_TAGS: Final = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


class YamlValues:
    """The events of one text, and the values that they make up."""

    def __init__(self, text: bytes, limits: DumpLimits) -> None:
        if text.count(b"%TAG") > _MOST_TAG_DIRECTIVES < len(_TAG_DIRECTIVE.findall(text)):
            raise DocumentBroken(f"it has more than {_MOST_TAG_DIRECTIVES} %TAG directives")
        try:
            self._parser = _PARSER(text.decode("utf-8", "replace"))
        except yaml.YAMLError as error:
            raise unparsable(error) from None
        self.event = self._parser.get_event
        self.close = self._parser.dispose
        self._limits = limits
        self._weight = 0
        self._anchors: dict[str, tuple[Value, int] | None] = {}
        self.fault: DocumentBroken | None = None

    def value(self, event: yaml.NodeEvent, *, depth: int) -> Value:
        """Returns the value that begins with an event, after all of its events.

        Raises:
            DocumentBroken: It exceeds a limit.
            YAMLError: The text cannot be parsed.
        """
        if isinstance(event, yaml.ScalarEvent):
            return self._anchored(event, self._scalar(event), before=self._weight - len(event.value) - 1)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        if depth >= self._limits.depth:
            raise DocumentBroken(f"it is nested deeper than {self._limits.depth}", line=line_of(event))
        if not isinstance(event, yaml.CollectionStartEvent) or event.tag not in COLLECTION_TAGS:
            self.note(FOREIGN_TAG, event)
        before = self._weight
        self.weigh(1, event)
        if event.anchor:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.MappingStartEvent):
            return self._anchored(event, self._mapping(depth + 1), before=before)
        return self._anchored(event, self._sequence(depth + 1), before=before)

    def _scalar(self, event: yaml.ScalarEvent) -> Value:
        self.weigh(len(event.value) + 1, event)
        if event.tag is not None and event.tag != "!":
            try:
                return tagged(event.value, event.tag)
            except DocumentBroken as error:
                self.note(error.cause, event)
                return None
        return resolved(event.value) if event.implicit[0] else event.value

    def _sequence(self, depth: int) -> list[Value]:
        values: list[Value] = []
        while not isinstance(event := self.event(), yaml.SequenceEndEvent):
            values.append(self.value(event, depth=depth))
        return values

    def _mapping(self, depth: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        merged: list[Value] = []
        while not isinstance(event := self.event(), yaml.MappingEndEvent):
            key = self.key(event, depth)
            if key in values:
                self.note(repeated(key), event)
            below = self.value(self.event(), depth=depth)
            if key == MERGE and self.is_merge(below, event):
                merged += below if isinstance(below, list) else [below]
            else:
                values[key] = below
        if merged:
            merge(values, merged)
        return values

    def is_merge(self, below: Value, event: yaml.Event | None) -> bool:
        """Returns whether a key is a merge key, not text in quotes; notes a value that cannot be merged."""
        if not isinstance(event, yaml.ScalarEvent) or not event.implicit[0]:
            return False
        if not all(isinstance(source, dict) for source in (below if isinstance(below, list) else [below])):
            self.note("the value of a merge key (<<) is not a mapping", event)
        return True

    def key(self, event: yaml.Event | None, depth: int) -> str:
        """Returns the key that an event begins."""
        if isinstance(event, yaml.AliasEvent):
            key = self._aliased(event)
        elif isinstance(event, yaml.ScalarEvent):
            self.weigh(len(event.value) + 1, event)
            key = self._anchored(event, event.value, before=self._weight - len(event.value) - 1)
        else:
            key = None
            if isinstance(event, yaml.NodeEvent):
                self.value(event, depth=depth)
        if isinstance(key, str):
            return key
        self.note("a key is not text", event)
        return ""

    def _aliased(self, event: yaml.AliasEvent) -> Value:
        known = self._anchors.get(event.anchor or "", ...)
        if known is ...:
            self.note("an alias has no anchor", event)
            return None
        if known is None:
            self.note("an alias refers to the value that contains it", event)
            return None
        value, weight = known
        self.weigh(weight, event)
        return value

    def _anchored(self, event: yaml.NodeEvent, value: Value, *, before: int) -> Value:
        if event.anchor:
            self._anchors[event.anchor] = (value, self._weight - before)
        return value

    def note(self, cause: str, event: yaml.Event | None) -> None:
        """Notes the first fault of the current entry or document; reading goes on."""
        self.fault = self.fault or DocumentBroken(cause, line=line_of(event))

    def weigh(self, weight: int, event: yaml.Event) -> None:
        """Counts the size of a value; raises DocumentBroken above the limit."""
        self._weight += weight
        if self._weight > self._limits.file_bytes:
            raise DocumentBroken(
                f"it has more than {self._limits.file_bytes} bytes with expanded aliases", line=line_of(event)
            )


def merge(values: dict[str, Value], merged: list[Value]) -> None:
    """Adds the keys of merged mappings that a mapping does not have itself."""
    for source in merged:
        for key, value in source.items() if isinstance(source, dict) else ():
            values.setdefault(key, value)


def line_of(event: yaml.Event | None) -> int | None:
    """Returns the line of an event, counted from 1."""
    return event.start_mark.line + 1 if event is not None and event.start_mark else None


def unparsable(error: yaml.YAMLError) -> DocumentBroken:
    """Returns an error with the line only: the parser's message may quote the file."""
    mark = getattr(error, "problem_mark", None)
    return DocumentBroken("it is not YAML", line=mark.line + 1 if mark is not None else None)
