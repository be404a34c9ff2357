"""Estimates of the time to decode a body, made in advance because msgspec cannot be interrupted.

The time depends on the number of values, not of bytes: three bytes, `[],`, are a list, and a megabyte of text is one
string. The characters between values are counted in a sample: a small window at a random place in each stride of the
body. Any byte may be in the sample, and no sender can predict it. A body that may be expensive is sampled closer.
Source of the prices: texts of each type, decoded to `Any` on the machine of docs/performance.md.
"""

import re
from collections.abc import Sequence
from secrets import token_bytes
from typing import Final

LONGEST_S: Final = 0.036
"""The longest estimated time for which decoding may block the event loop."""

SMALL_BYTES: Final = 512 * 1024
"""The size up to which any body is decoded within `LONGEST_S`: the most expensive takes 55 ns a byte."""

_STRIDE_BYTES: Final = 32 * 1024
_CLOSE_STRIDE_BYTES: Final = 16 * 1024
_MOST_WINDOWS: Final = 1024
_WINDOW_BYTES: Final = 64
_DEAR_S: Final = LONGEST_S / 2
"""The estimate above which a body is sampled again, closer."""

_SKIPPED_BYTE_S: Final = 4e-9
_SKIPPED_TEXT_BYTE_S: Final = 1e-9
_BYTE_S: Final = 0.8e-9
_MARK_S: Final = (
    (b"[", 70e-9),
    (b"{", 45e-9),
    (b",", 10e-9),
    (b'"', 20e-9),
    (b'""', -35e-9),
    (b"\\", 5e-9),
    (b" ", 0.5e-9),
    (b"0" * 20, 20 * 5e-9),
    (b"0" * _WINDOW_BYTES, _WINDOW_BYTES * 10e-9),
)
"""Integers of many digits are converted in quadratic time."""
_MAP_KEY_S: Final = 80e-9
_FIELD_S: Final = 10e-9
_FLOAT_S: Final = 300e-9
"""The price of a float, which includes a call of `finite`."""
_NOT_ASCII_S: Final = 20e-9
"""The price of each quotation mark of a short text that is not ASCII."""
_WIDENED_BYTE_S: Final = 2.2e-9
"""The price of a byte in a text with a wide character, in which each character takes up to four bytes."""
_NEW_BYTE_S: Final = 0.8e-9
"""The price of a byte of long text: it needs new memory each time, and the system allocates and clears each page."""
LONG_BYTES: Final = 8 * 1024 * 1024
"""The size up to which wide text and new memory hardly matter; the estimate takes less than a millisecond."""

_TEXT_MARKS: Final = ((b'"', 25), (b",", 12), (b"\\", 6), (b"{", 56), (b"[", 88))
"""Marks, and the bytes whose new memory costs as much as one of them; together they cost the larger of both prices."""
_SKIPPED_MARKS: Final = tuple((mark, 4) for mark in (b'"', b",", b"[", b"{", b"\\"))
"""Marks, and the bytes around one of them that are as expensive to skip as values."""

_CLASSES: Final = bytes(
    next((group[0] for group in (b"0123456789+-", b".eE", b" \t\r\n") if byte in group), byte if byte < 0x80 else 0x80)
    for byte in range(256)
)
"""The class of each byte: 0 for digits, a point for marks of floats, a space for white space, 0x80 for non-ASCII."""
_NOT_ASCII: Final = b"\x80"
_POINT: Final = b"0.0"
_FLOAT: Final = re.compile(rb'(?:":|[ ,\[])0+\.0')
_WIDE_ESCAPE: Final = re.compile(rb"\\u(?!00)")


def decoding_s(body: bytes) -> float:
    """Returns the seconds that decoding takes, within a factor of about two; 0 for a small body."""
    return _estimated_s(body, _MAP_KEY_S)


def field_decoding_s(body: bytes) -> float:
    """Returns the same for types without maps and free values, in which keys create no texts."""
    return _estimated_s(body, _FIELD_S)


def _estimated_s(body: bytes, key_s: float) -> float:
    if len(body) <= SMALL_BYTES:
        return 0.0
    roughly_s = _marks_s(body, _sample(body, _STRIDE_BYTES), key_s)
    return roughly_s if roughly_s < _DEAR_S and len(body) <= LONG_BYTES else _closely_s(body, key_s)


def _closely_s(body: bytes, key_s: float) -> float:
    sample = _close_sample(body)
    seconds = _marks_s(body, sample, key_s)
    if seconds > LONGEST_S:
        seconds -= len(body) / len(sample) * (sample.count(_POINT) - len(_FLOAT.findall(sample))) * _FLOAT_S
    if len(body) > LONG_BYTES:
        marks = (*_TEXT_MARKS, (b":", round(key_s / _NEW_BYTE_S)))
        seconds += len(body) * _text_share(sample, marks) * _NEW_BYTE_S
    widened_s = len(body) * _WIDENED_BYTE_S
    if LONGEST_S - widened_s < seconds <= LONGEST_S and _has_wide_text(body):
        return seconds + widened_s
    return seconds


def _close_sample(body: bytes) -> bytes:
    return _sample(body, max(_CLOSE_STRIDE_BYTES, len(body) // _MOST_WINDOWS))


def _sample(body: bytes, stride_bytes: int) -> bytes:
    """Returns the bytes of all windows, translated to their classes."""
    windows = len(body) // stride_bytes
    stride_bytes = len(body) // windows
    room_bytes = stride_bytes - _WINDOW_BYTES + 1
    places = enumerate(memoryview(token_bytes(2 * windows)).cast("H"))
    starts = [number * stride_bytes + (place * room_bytes >> 16) for number, place in places]
    return b"".join([body[start : start + _WINDOW_BYTES] for start in starts]).translate(_CLASSES)


def _marks_s(body: bytes, sample: bytes, key_s: float) -> float:
    """Returns the seconds if every digit with a point is a float; in texts it may be an address or a version."""
    seconds = sample.count(b":") * key_s + sum(sample.count(mark) * mark_s for mark, mark_s in _MARK_S)
    seconds += min(sample.count(_NOT_ASCII), sample.count(b'"')) * _NOT_ASCII_S
    return len(body) * (_BYTE_S + (seconds + sample.count(_POINT) * _FLOAT_S) / len(sample))


def _text_share(sample: bytes, marks: Sequence[tuple[bytes, int]]) -> float:
    """Returns the part of the sample, between 0 and 1, that is text: the rest of each window beside its marks."""
    windows = [sample[start : start + _WINDOW_BYTES] for start in range(0, len(sample), _WINDOW_BYTES)]
    left = [_WINDOW_BYTES - sum([window.count(mark) * size for mark, size in marks]) for window in windows]
    return sum(size for size in left if size > 0) / len(sample)


def _has_wide_text(body: bytes) -> bool:
    return len(body) > LONG_BYTES and (not body.isascii() or _WIDE_ESCAPE.search(body) is not None)


def skipping_s(body: bytes) -> float:
    """Returns the maximum of seconds to decode a body of which nearly all values are skipped, as in `msgspec.Raw`."""
    if len(body) <= LONG_BYTES:
        return len(body) * _SKIPPED_BYTE_S
    text_share = _text_share(_close_sample(body), _SKIPPED_MARKS)
    return len(body) * (_SKIPPED_BYTE_S + text_share * (_SKIPPED_TEXT_BYTE_S - _SKIPPED_BYTE_S))


def uncounted_s(_body: bytes) -> float:
    """Returns 0, for a command whose event loop has no other work."""
    return 0.0
