"""JSON as tools write it: one value, values one behind the other, or with logs between them.

`kubectl cluster-info dump` writes lists with four spaces a level, and between them the logs of all pods. So a value
that is alone in no file ends where a line is nothing but its closing brace, or where the line that it began on ends.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from demo.dumps.document import BrokenDocument, Document
from demo.dumps.errors import DocumentBroken
from demo.dumps.text import line_at
from k8s.decoding import with_replacements

_ANYTHING: Final = msgspec.json.Decoder(msgspec.Raw)
_BYTE: Final = re.compile(r" \(byte (\d+)\)")
_NEXT: Final = re.compile(rb"[}\]]\s*\n[{\[]")
_LOGS_BEGIN: Final = b"==== START logs for "
_LOGS_END: Final = b"==== END logs for "


def json_documents(content: bytes) -> Iterator[Document | BrokenDocument]:
    """The values of a text."""
    whole = _checked(content, 1)
    if isinstance(whole, Document) or not _has_several(content):
        yield whole
    else:
        yield from _each(content)


def _has_several(content: bytes) -> bool:
    """Whether a value ends before the text does: another one follows, or logs do."""
    return _LOGS_BEGIN in content or _NEXT.search(content) is not None


def _each(content: bytes) -> Iterator[Document | BrokenDocument]:
    lines: list[bytes] = []
    first = 0
    in_logs = False
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        if in_logs or (not lines and line.startswith(_LOGS_BEGIN)):
            in_logs = not line.startswith(_LOGS_END)
            continue
        if not lines and not line.strip():
            continue
        first = first if lines else number
        lines.append(line)
        if _ends(line.rstrip(), is_first=len(lines) == 1):
            yield _checked(b"".join(lines), first)
            lines = []
    if lines:
        yield _checked(b"".join(lines), first)


def _ends(line: bytes, *, is_first: bool) -> bool:
    return line in {b"}", b"]"} or (is_first and line.endswith((b"}", b"]")))


def _checked(value: bytes, line: int) -> Document | BrokenDocument:
    try:
        _ANYTHING.decode(value)
        return Document(line, value if _is_utf_8(value) else with_replacements(value))
    except RecursionError:
        return BrokenDocument(DocumentBroken("it is nested deeper than can be read", line=line))
    except msgspec.DecodeError as error:
        said = str(error)
        at = _BYTE.search(said)
        place = line + line_at(value, int(at[1])) - 1 if at else line
        return BrokenDocument(DocumentBroken(_BYTE.sub("", said), line=place))


def _is_utf_8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
