"""JSON in the formats of common tools: one value, several values in a row, or values with logs between them.

`kubectl cluster-info dump` writes lists indented by four spaces, and between them the logs of all pods. So among
several values, one ends at a line with nothing but its closing brace, or at the end of its first line.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final

import msgspec

from k8s.reading.replacements import with_replacements
from snapshots.dumps.document import BrokenDocument, Document
from snapshots.dumps.errors import DocumentBroken
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.text import line_at

_ANYTHING: Final = msgspec.json.Decoder(msgspec.Raw)
_LIMITS: Final = DumpLimits()
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b'{}[]"')
_BYTE: Final = re.compile(r" \(byte (\d+)\)")
_NEXT: Final = re.compile(rb"[}\]]\s*\n[{\[]")
_LOGS_BEGIN: Final = b"==== START logs for "
_LOGS_END: Final = b"==== END logs for "


def json_documents(content: bytes, limits: DumpLimits = _LIMITS) -> Iterator[Document | BrokenDocument]:
    """Yields the values of a text."""
    whole = _checked(content, 1, limits.depth)
    if isinstance(whole, Document) or not _has_several(content):
        yield whole
    else:
        for line, value in _values(content):
            yield _checked(value, line, limits.depth)


def _has_several(content: bytes) -> bool:
    """Returns whether another value or logs follow the first value."""
    return _LOGS_BEGIN in content or _NEXT.search(content) is not None


def _values(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the texts of the values, each with its first line."""
    begin: tuple[int, int] | None = None
    in_logs = False
    for number, start, line in _lines(content):
        if in_logs or (begin is None and line.startswith(_LOGS_BEGIN)):
            in_logs = not line.startswith(_LOGS_END)
            continue
        if begin is None and not line.strip():
            continue
        is_first = begin is None
        begin = begin or (number, start)
        if _ends(line.rstrip(), is_first=is_first):
            yield begin[0], content[begin[1] : start + len(line)]
            begin = None
    if begin is not None:
        yield begin[0], content[begin[1] :]


def _lines(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yields each line with its number and offset, one at a time: a text may consist of line breaks only."""
    start = 0
    for number, line in enumerate(BytesIO(content), start=1):
        yield number, start, line
        start += len(line)


def _ends(line: bytes, *, is_first: bool) -> bool:
    return line in {b"}", b"]"} or (is_first and line.endswith((b"}", b"]")))


def _checked(value: bytes, line: int, depth: int) -> Document | BrokenDocument:
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
    return Document(line, value if _is_utf_8(value) else with_replacements(value))


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
