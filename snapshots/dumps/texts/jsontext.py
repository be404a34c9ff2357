"""JSON as documents: one value, several values in a row, or values with text and logs between them."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from k8s.reading.replacements import with_replacements
from snapshots.dumps.errors import DocumentBroken
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.texts.document import BrokenDocument, Document, FilePart
from snapshots.dumps.texts.jsonvalues import Form, JsonText
from snapshots.dumps.texts.surroundings import surrounding
from snapshots.dumps.texts.text import line_at

_ANYTHING: Final = msgspec.json.Decoder(msgspec.Raw)
_LIMITS: Final = DumpLimits()
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b'{}[]"')
_BYTE: Final = re.compile(r" \(byte (\d+)\)")


def json_value(content: bytes, line: int, limits: DumpLimits) -> Document | None:
    """Returns a text that is one valid value as a document; None for any other text."""
    found = _checked(content, line, limits.depth)
    return found if isinstance(found, Document) else None


def json_documents(content: bytes, limits: DumpLimits = _LIMITS, line: int = 1) -> Iterator[FilePart]:
    """Yields the values of a text, and the text around them; `line` is the line of its begin in the file."""
    whole = _checked(content, line, limits.depth)
    if isinstance(whole, Document):
        yield whole
        return
    text = JsonText(content)
    counted = 0
    for place in text.places():
        line += content.count(b"\n", counted, place.start)
        counted = place.start
        match place.form:
            case Form.TEXT:
                yield surrounding(content, place.start, place.end, line)
            case Form.TOO_DEEP:
                yield _too_deep(line, limits.depth)
            case Form.VALUE:
                yield _checked(content[place.start : place.end], line, limits.depth)
            case Form.BROKEN:
                yield _checked(content[place.start : place.end], line, limits.depth)
                if entries := text.entries(place):
                    yield _checked(entries, line, limits.depth, is_cut=True)


def _checked(value: bytes, line: int, depth: int, *, is_cut: bool = False) -> Document | BrokenDocument:
    try:
        _ANYTHING.decode(value)
    except RecursionError:
        return _too_deep(line, depth)
    except msgspec.DecodeError as error:
        cause = str(error)
        at = _BYTE.search(cause)
        place = line + line_at(value, int(at[1])) - 1 if at else line
        return BrokenDocument(DocumentBroken(_BYTE.sub("", cause), line=place))
    if is_deeper(value, depth):
        return _too_deep(line, depth)
    return Document(line, value if _is_utf_8(value) else with_replacements(value), is_cut)


def is_deeper(value: bytes, depth: int) -> bool:
    """Returns whether lists and maps in valid JSON are nested deeper than `depth`.

    A decoder accepts as much as its stack allows, so another decoder may refuse the same text.
    """
    unescaped = value.replace(rb"\\", b"").replace(rb"\"", b"") if b"\\" in value else value
    brackets = b"".join(unescaped.translate(None, _NO_BRACKETS).split(b'"')[::2])
    for _ in range(depth):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return bool(brackets)


def _too_deep(line: int, depth: int) -> BrokenDocument:
    return BrokenDocument(DocumentBroken(f"it is nested deeper than {depth}", line=line))


def _is_utf_8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
