"""The body of a remote write to a Prometheus: a few series in protobuf, in a Snappy block without compression.

Source: https://prometheus.io/docs/specs/prw/remote_write_spec/ and the format of Snappy blocks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}

_LITERAL_BYTES = 65_536
_LITERAL_TAG = 61 << 2
"""A literal whose length less one follows in two bytes."""


@dataclass(frozen=True)
class Series:
    """A series: its labels, the name of the metric among them as `__name__`, and its values by time in seconds."""

    labels: Mapping[str, str]
    values: Mapping[int, float]


def body_of(series: Iterable[Series]) -> bytes:
    """Returns the body of a request that writes series."""
    return _block(b"".join(_bytes(1, _series(one)) for one in series))


def _series(series: Series) -> bytes:
    labels = (_bytes(1, name.encode()) + _bytes(2, value.encode()) for name, value in sorted(series.labels.items()))
    samples = (
        b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(time * 1000)
        for time, value in sorted(series.values.items())
    )
    return b"".join([*(_bytes(1, label) for label in labels), *(_bytes(2, sample) for sample in samples)])


def _bytes(field: int, content: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _block(content: bytes) -> bytes:
    parts = [content[start : start + _LITERAL_BYTES] for start in range(0, len(content), _LITERAL_BYTES)]
    literals = (bytes([_LITERAL_TAG]) + struct.pack("<H", len(part) - 1) + part for part in parts)
    return _varint(len(content)) + b"".join(literals)
