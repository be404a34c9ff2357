"""The time that decoding a body takes, estimated before it begins: msgspec cannot be interrupted.

What costs is the number of values, not of bytes: three bytes, `[],`, are a list, and a megabyte of text is one string.
The characters between values are counted in a sample, one window at a random place in each stride of the body, so that
nobody can write a body whose dense parts are missed. Source of the figures: the dearest texts of each kind, decoded
into `Any` on the machine of docs/performance.md.
"""

import re
from random import randbytes
from typing import Final

LONGEST_S: Final = 0.036
"""The longest stretch of decoding on the event loop, as it is estimated."""

SMALL_BYTES: Final = 512 * 1024
"""A body that is decoded in less than `LONGEST_S` whatever it holds: the dearest takes 55 ns a byte."""

_SKIPPED_BYTE_S: Final = 4e-9
_STRIDE_BYTES: Final = 64 * 1024
_WINDOW_BYTES: Final = 128
_BYTE_S: Final = 1.1e-9
_DIGIT_S: Final = 35e-9
"""Of integers with thousands of digits, which are converted in quadratic time."""
_MARK_S: Final = ((b"{", 100e-9), (b"[", 100e-9), (b",", 60e-9), (b"\\", 5e-9))
_MAP_KEY_S: Final = 120e-9
_FIELD_S: Final = 30e-9
_EXTREME_NUMBER_S: Final = 20e-6
_EXTREME_EXPONENT: Final = re.compile(rb"[eE][+-]?[0-9]{3}")


def decoding_s(body: bytes) -> float:
    """Returns the seconds that decoding takes at most, roughly; 0 for a small body, which is not looked at."""
    return _estimated_s(body, _MAP_KEY_S)


def field_decoding_s(body: bytes) -> float:
    """Returns the same for types without maps and free values: keys are no new texts, and are not kept."""
    return _estimated_s(body, _FIELD_S)


def _estimated_s(body: bytes, key_s: float) -> float:
    if len(body) <= SMALL_BYTES:
        return 0.0
    strides = len(body) // _STRIDE_BYTES
    step = (_STRIDE_BYTES - _WINDOW_BYTES) // 255
    places = enumerate(randbytes(strides))  # noqa: S311  nobody must guess them, but none is a secret
    starts = (stride * _STRIDE_BYTES + at * step for stride, at in places)
    windows = [body[start : start + _WINDOW_BYTES] for start in starts]
    sample = b"".join(windows)
    marks_s = sample.count(b":") * key_s + sum(sample.count(mark) * mark_s for mark, mark_s in _MARK_S)
    digits_s = sum(map(bytes.isdigit, windows)) * _STRIDE_BYTES * _DIGIT_S
    return len(body) * _BYTE_S + marks_s * len(body) / len(sample) + digits_s


def number_decoding_s(body: bytes) -> float:
    """Returns the same as `decoding_s` for types with floating-point numbers, of which extreme ones are very slow."""
    return decoding_s(body) + len(_EXTREME_EXPONENT.findall(body)) * _EXTREME_NUMBER_S


def skipping_s(body: bytes) -> float:
    """Returns the seconds that decoding takes at most where nearly all values are skipped, as `msgspec.Raw` does."""
    return len(body) * _SKIPPED_BYTE_S


def uncounted_s(_body: bytes) -> float:
    """Returns 0, for a command whose event loop nobody else waits for."""
    return 0.0
