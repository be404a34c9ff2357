r"""Replacements for invalid Unicode in JSON, the same as those of Go's `encoding/json`.

API servers return free-form values, such as `ControllerRevision.data` and a resource claim's parameters, in the bytes
in which a client posted them. Bytes that are not UTF-8 and lone surrogates must not cost the whole list.

No function is called for each escape: a body of backslashes has millions. Pairs of backslashes are first replaced by
NUL, which JSON cannot contain. Then each backslash begins an escape, and constant regular expressions find the rest.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from k8s.turns.turns import Pace

_HIGH: Final = rb"\\u[dD][89abAB][0-9a-fA-F]{2}"
_LOW: Final = rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_LONE: Final = re.compile(rb"%b(?!%b)|(?<!%b)%b" % (_HIGH, _LOW, _HIGH, _LOW))
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_BEFORE: Final = re.compile(_HIGH)
_NO_UTF_8: Final = re.compile("[\udc80-\udcff]")
_REPLACEMENT: Final = "\ufffd"
_PAIR, _PAIR_ASIDE = rb"\\", b"\0\0"
_ESCAPE_BYTES: Final = 6
_SLICE_BYTES: Final = 64 * 1024
"""Bytes that are processed in less than 20 ms, whatever they contain."""


def is_suspicious(body: bytes) -> bool:
    """Returns True if a body may have invalid Unicode; fast, with many false positives."""
    return not body.isascii() or _SURROGATE.search(body) is not None


def with_replacements(body: bytes) -> bytes:
    """Returns the JSON with U+FFFD for each byte that is not UTF-8 and each lone surrogate."""
    return body if b"\0" in body else _joined(_slices(body))  # JSON has no NUL


async def replaced_in_turns(body: bytes) -> bytes:
    """Returns the same; yields to other tasks between slices."""
    if b"\0" in body:
        return body
    pace, readable = Pace(), list[bytes]()
    for part in _slices(body):
        readable.append(part)
        await pace.breathe()
    return _joined(readable)


def _joined(readable: Iterable[bytes]) -> bytes:
    return b"".join(readable).replace(_PAIR_ASIDE, _PAIR)


def _slices(body: bytes) -> Iterator[bytes]:
    """Yields the JSON in parts, with NULs still in place of pairs of backslashes."""
    paired = body.replace(_PAIR, _PAIR_ASIDE)
    start = 0
    while start < len(paired):
        end = _boundary(paired, start + _SLICE_BYTES)
        yield _replaced(paired[start:end])
        start = end


def _replaced(paired: bytes) -> bytes:
    text = _LONE.sub(_REPLACEMENT.encode(), paired).decode("utf-8", "surrogateescape")
    return _NO_UTF_8.sub(_REPLACEMENT, text).encode()


def _boundary(paired: bytes, end: int) -> int:
    """Returns a place at or shortly before `end` that splits no character, no escape and no pair of surrogates."""
    if end >= len(paired):
        return len(paired)
    escape = paired.find(b"\\", end - 2 * _ESCAPE_BYTES, end)
    if escape >= 0:
        before = escape - _ESCAPE_BYTES
        return before if before > 0 and _BEFORE.fullmatch(paired, before, escape) else escape
    for place in range(end, end - 4, -1):
        if paired[place] & 0xC0 != 0x80:
            return place
    return end
