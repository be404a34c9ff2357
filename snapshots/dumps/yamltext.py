"""YAML documents as JSON, read event by event with libyaml, so that each limit holds before memory is allocated.

Aliases count with their expanded size: a few lines that expand to a billion values reach the limit. The entries of a
list (`items`, as in `kubectl get -o yaml`) become JSON one by one, so that a long list takes no more memory than its
text.
"""

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

import msgspec
import yaml

from snapshots.dumps.document import BrokenDocument, Document
from snapshots.dumps.errors import DocumentBroken
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.text import line_at
from snapshots.dumps.yamlscalars import FOREIGN_TAG, resolved, tagged

Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | float | bool | msgspec.Raw | None"

_MARK: Final = re.compile(rb"^---(?=[ \t\n]|$)", re.MULTILINE)
_CONTENT: Final = re.compile(rb"^[ \t]*(?!(?:---|\.\.\.)$)[^ \t\n#%]", re.MULTILINE)
"""A line that is not empty, a comment, a directive or a document marker."""
_PARSER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE: Final = "<<"
_ITEMS: Final = "items"
_COLLECTION_TAGS: Final = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


def yaml_documents(content: bytes, limits: DumpLimits) -> Iterator[Document | BrokenDocument]:
    """Yields the documents of a text without empty ones; a broken one does not affect the others."""
    line = 1
    for start, end in _spans(content):
        text = content[start:end]
        if _CONTENT.search(text):
            yield _document(text, line, limits)
        line += text.count(b"\n")


def _spans(content: bytes) -> Iterator[tuple[int, int]]:
    """Yields the begin and end of each document, one at a time: there may be as many as lines."""
    start = 0
    for mark in _MARK.finditer(content):
        if mark.start():
            yield start, mark.start()
            start = mark.start()
    yield start, len(content)


def _document(text: bytes, line: int, limits: DumpLimits) -> Document | BrokenDocument:
    try:
        return Document(line, msgspec.json.encode(_Builder(text, limits).value()))
    except DocumentBroken as error:
        return BrokenDocument(DocumentBroken(error.cause, line=line + (error.line or 1) - 1))
    except (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError):
        return BrokenDocument(DocumentBroken("it has a value that JSON cannot represent", line=line))


class _Builder:
    """A builder of one value from a parser's events."""

    def __init__(self, text: bytes, limits: DumpLimits) -> None:
        try:
            self._parser = _PARSER(text.decode())
        except UnicodeDecodeError as error:
            raise DocumentBroken("it is not text in UTF-8", line=line_at(text, error.start)) from None
        except yaml.YAMLError as error:
            raise _unparsable(error) from None
        self._limits = limits
        self._weight = 0
        self._anchors: dict[str, tuple[Value, int] | None] = {}

    def value(self) -> Value:
        """Returns the value of the first document."""
        try:
            while not isinstance(event := self._parser.get_event(), yaml.NodeEvent):
                if event is None or isinstance(event, yaml.StreamEndEvent):
                    return None
            value = self._value(event, depth=0)
            self._parser.get_event()
            if not isinstance(after := self._parser.get_event(), yaml.StreamEndEvent | None):
                raise DocumentBroken("there is content after its end", line=_line(after))
            return value
        except yaml.YAMLError as error:
            raise _unparsable(error) from None
        finally:
            self._parser.dispose()

    def _value(self, event: yaml.NodeEvent, *, depth: int, is_items: bool = False) -> Value:
        if isinstance(event, yaml.ScalarEvent):
            return self._anchored(event, self._scalar(event), before=self._weight - len(event.value) - 1)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        if depth >= self._limits.depth:
            raise DocumentBroken(f"it is nested deeper than {self._limits.depth}", line=_line(event))
        if not isinstance(event, yaml.CollectionStartEvent) or event.tag not in _COLLECTION_TAGS:
            raise DocumentBroken(FOREIGN_TAG, line=_line(event))
        before = self._weight
        self._weigh(1, event)
        if event.anchor:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.MappingStartEvent):
            return self._anchored(event, self._mapping(depth + 1), before=before)
        return self._anchored(event, self._sequence(depth + 1, is_items=is_items), before=before)

    def _scalar(self, event: yaml.ScalarEvent) -> Value:
        self._weigh(len(event.value) + 1, event)
        if event.tag is not None and event.tag != "!":
            try:
                return tagged(event.value, event.tag)
            except DocumentBroken as error:
                raise DocumentBroken(error.cause, line=_line(event)) from None
        return resolved(event.value) if event.implicit[0] else event.value

    def _sequence(self, depth: int, *, is_items: bool) -> list[Value]:
        values: list[Value] = []
        while not isinstance(event := self._parser.get_event(), yaml.SequenceEndEvent):
            value = self._value(event, depth=depth)
            values.append(msgspec.Raw(msgspec.json.encode(value)) if is_items else value)
        return values

    def _mapping(self, depth: int) -> dict[str, Value]:
        values: dict[str, Value] = {}
        merged: list[Value] = []
        while not isinstance(event := self._parser.get_event(), yaml.MappingEndEvent):
            key = self._key(event)
            below = self._value(self._parser.get_event(), depth=depth, is_items=depth == 1 and key == _ITEMS)
            if key == _MERGE and event.implicit[0]:
                merged += below if isinstance(below, list) else [below]
            else:
                values[key] = below
        for source in merged:
            if not isinstance(source, dict):
                raise DocumentBroken("the value of a merge key (<<) is not a mapping")
            for key, value in source.items():
                values.setdefault(key, value)
        return values

    def _key(self, event: yaml.Event) -> str:
        if isinstance(event, yaml.AliasEvent):
            key = self._aliased(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._weigh(len(event.value) + 1, event)
            key = self._anchored(event, event.value, before=self._weight - len(event.value) - 1)
        else:
            key = None
        if not isinstance(key, str):
            raise DocumentBroken("a key is not text", line=_line(event))
        return key

    def _aliased(self, event: yaml.AliasEvent) -> Value:
        known = self._anchors.get(event.anchor or "", ...)
        if known is ...:
            raise DocumentBroken("an alias has no anchor", line=_line(event))
        if known is None:
            raise DocumentBroken("an alias refers to the value that contains it", line=_line(event))
        value, weight = known
        self._weigh(weight, event)
        return value

    def _anchored(self, event: yaml.NodeEvent, value: Value, *, before: int) -> Value:
        if event.anchor:
            self._anchors[event.anchor] = (value, self._weight - before)
        return value

    def _weigh(self, weight: int, event: yaml.Event) -> None:
        self._weight += weight
        if self._weight > self._limits.file_bytes:
            raise DocumentBroken(
                f"it has more than {self._limits.file_bytes} bytes with expanded aliases", line=_line(event)
            )


def _line(event: yaml.Event | None) -> int | None:
    return event.start_mark.line + 1 if event is not None and event.start_mark else None


def _unparsable(error: yaml.YAMLError) -> DocumentBroken:
    """Returns an error with the line only: the parser's message may quote the file."""
    mark = getattr(error, "problem_mark", None)
    return DocumentBroken("it is not YAML", line=mark.line + 1 if mark is not None else None)
