"""Keys that occur twice in a JSON object: decoders keep the last value, so the others would be lost silently.

The decoded values of an object are compared with its text, without decoding them again.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

_KEY: Final = re.compile(rb'[\s{,]*"((?:[^"\\]|\\.)*)"\s*:\s*', re.DOTALL)
_END: Final = re.compile(rb"\s*(?=[,}])")
_COMPARED_BYTES: Final = 4096
_LONGEST: Final = 60


def repeated(key: str) -> str:
    """Returns the cause for a key that occurs twice, with the key in bounded length."""
    shown = key if len(key) <= _LONGEST else f"{key[:_LONGEST]}..."
    return f"the key {shown!a} occurs twice"


def has_single_keys(body: bytes, values: Mapping[str, msgspec.Raw]) -> bool:
    """Returns whether the values make up a JSON object without white space; False also for keys with escapes."""
    return len(body) == 1 + sum(len(key) + memoryview(value).nbytes + 4 for key, value in values.items())


def repeated_key(body: bytes, values: Mapping[str, msgspec.Raw]) -> tuple[str, int] | None:
    """Returns a key that occurs twice and the offset of one occurrence; None if there is none.

    Args:
        body: A valid JSON object.
        values: Its decoded values; the last one of each key.
    """
    at = 0
    seen: set[str] = set()
    while (match := _KEY.match(body, at)) is not None:
        key = _decoded(match[1])
        value = values.get(key)
        if key in seen or value is None:
            return (key, match.start(1))
        seen.add(key)
        end = match.end() + memoryview(value).nbytes
        is_same = end - match.end() > _COMPARED_BYTES or body.startswith(bytes(value), match.end())
        ending = _END.match(body, end)
        if ending is None or not is_same:  # the value is that of a later occurrence
            return (key, match.start(1))
        at = ending.end()
    return None


def _decoded(key: bytes) -> str:
    return str(msgspec.json.decode(b'"%b"' % key, type=str)) if b"\\" in key else key.decode("utf-8", "replace")
