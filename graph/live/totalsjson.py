"""Totals as JSON with their errors: they are compared and sent together.

The errors are behind a line feed, which no JSON has that msgspec encodes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

Errors = Sequence[Mapping[str, Any]]

_BETWEEN: Final = b"\n"


def with_errors(json: bytes, errors: Errors) -> bytes:
    """Returns JSON with the errors of its fields, if there are any."""
    return json + _BETWEEN + msgspec.json.encode(errors) if errors else json


def without_errors(totals: bytes) -> tuple[bytes, Errors]:
    """Returns the JSON, and its errors."""
    json, _, errors = totals.partition(_BETWEEN)
    return json, msgspec.json.decode(errors) if errors else ()
