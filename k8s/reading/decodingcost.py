"""The time that decoding a body takes, estimated before it begins: msgspec cannot be interrupted.

What costs is the number of values, not of bytes: three bytes, `[],`, are a list, and a megabyte of text is one string.
The characters between values are counted in a sample: a small window at a random place in each stride of the body.
Each byte may be in it, and nobody can know which ones are. A body that may be dear is sampled again, closer.
Source of the prices: texts of each kind, decoded into `Any` on the machine of docs/performance.md.
"""

import re
from collections.abc import Sequence
from secrets import token_bytes
from typing import Final

LONGEST_S: Final = 0.036
"""The longest stretch of decoding on the event loop, as it is estimated."""

SMALL_BYTES: Final = 512 * 1024
"""A body that is decoded in less than `LONGEST_S` whatever it holds: the dearest takes 55 ns a byte."""

_STRIDE_BYTES: Final = 32 * 1024
_CLOSE_STRIDE_BYTES: Final = 16 * 1024
_MOST_WINDOWS: Final = 1024
_WINDOW_BYTES: Final = 64
_DEAR_S: Final = LONGEST_S / 2
"""A body that is longer is looked at closer."""

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
"""Each calls `finite`."""
_NOT_ASCII_S: Final = 20e-9
"""For each quotation mark of a short text that is not ASCII."""
_WIDENED_BYTE_S: Final = 2.2e-9
"""One character makes each of its text take up to four bytes."""
_NEW_BYTE_S: Final = 0.8e-9
"""Long texts take as much memory as their bytes, which is new each time: the system hands out and clears each page."""
LONG_BYTES: Final = 8 * 1024 * 1024
"""In less, wide text is hardly dearer than other, nor is new memory; the estimate takes less than a millisecond."""

_BESIDES_TEXT: Final = ((b'"', 25), (b",", 12), (b"\\", 6), (b"{", 56), (b"[", 88))
"""Marks, and the bytes whose new memory costs as much as each: together they cost as much as the dearer of both."""
_BESIDES_SKIPPED: Final = tuple((mark, 4) for mark in (b'"', b",", b"[", b"{", b"\\"))
"""Marks, and the bytes that each makes as dear to skip as values."""

_CLASSES: Final = bytes(
    next((group[0] for group in (b"0123456789+-", b".eE", b" \t\r\n") if byte in group), byte if byte < 0x80 else 0x80)
    for byte in range(256)
)
"""Digits are 0, what makes a number a float is a point, white space is a space, and what is not ASCII is 0x80."""
_NOT_ASCII: Final = b"\x80"
_POINT: Final = b"0.0"
_FLOAT: Final = re.compile(rb'(?:":|[ ,\[])0+\.0')
_WIDE_ESCAPE: Final = re.compile(rb"\\u(?!00)")


def decoding_s(body: bytes) -> float:
    """Returns the seconds that decoding takes, within a factor of about two; 0 for a small body."""
    return _estimated_s(body, _MAP_KEY_S)


def field_decoding_s(body: bytes) -> float:
    """Returns the same for types without maps and free values: keys are no new texts, and are not kept."""
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
        besides = (*_BESIDES_TEXT, (b":", round(key_s / _NEW_BYTE_S)))
        seconds += len(body) * _text_share(sample, besides) * _NEW_BYTE_S
    widened_s = len(body) * _WIDENED_BYTE_S
    if LONGEST_S - widened_s < seconds <= LONGEST_S and _has_wide_text(body):
        return seconds + widened_s
    return seconds


def _close_sample(body: bytes) -> bytes:
    return _sample(body, max(_CLOSE_STRIDE_BYTES, len(body) // _MOST_WINDOWS))


def _sample(body: bytes, stride_bytes: int) -> bytes:
    """Returns what stands in the windows, each byte as its class."""
    windows = len(body) // stride_bytes
    stride_bytes = len(body) // windows
    room_bytes = stride_bytes - _WINDOW_BYTES + 1
    places = enumerate(memoryview(token_bytes(2 * windows)).cast("H"))
    starts = [number * stride_bytes + (place * room_bytes >> 16) for number, place in places]
    return b"".join([body[start : start + _WINDOW_BYTES] for start in starts]).translate(_CLASSES)


def _marks_s(body: bytes, sample: bytes, key_s: float) -> float:
    """Returns the seconds if each digit with a point were a float; in texts it is an address, a version or a hash."""
    seconds = sample.count(b":") * key_s + sum(sample.count(mark) * mark_s for mark, mark_s in _MARK_S)
    seconds += min(sample.count(_NOT_ASCII), sample.count(b'"')) * _NOT_ASCII_S
    return len(body) * (_BYTE_S + (seconds + sample.count(_POINT) * _FLOAT_S) / len(sample))


def _text_share(sample: bytes, besides: Sequence[tuple[bytes, int]]) -> float:
    """Returns the part of the sample, between 0 and 1, that is text: what its marks leave of each window."""
    windows = [sample[start : start + _WINDOW_BYTES] for start in range(0, len(sample), _WINDOW_BYTES)]
    left = [_WINDOW_BYTES - sum([window.count(mark) * size for mark, size in besides]) for window in windows]
    return sum(size for size in left if size > 0) / len(sample)


def _has_wide_text(body: bytes) -> bool:
    return len(body) > LONG_BYTES and (not body.isascii() or _WIDE_ESCAPE.search(body) is not None)


def skipping_s(body: bytes) -> float:
    """Returns the seconds that decoding takes at most where nearly all values are skipped, as `msgspec.Raw` does."""
    if len(body) <= LONG_BYTES:
        return len(body) * _SKIPPED_BYTE_S
    text_share = _text_share(_close_sample(body), _BESIDES_SKIPPED)
    return len(body) * (_SKIPPED_BYTE_S + text_share * (_SKIPPED_TEXT_BYTE_S - _SKIPPED_BYTE_S))


def uncounted_s(_body: bytes) -> float:
    """Returns 0, for a command whose event loop nobody else waits for."""
    return 0.0
