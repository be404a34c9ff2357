"""The expiry of a token, in seconds since the epoch."""

import base64
import binascii
from typing import Final

import msgspec

_SEGMENTS: Final = 3


class _Claims(msgspec.Struct):
    exp: float | None = None


_CLAIMS: Final = msgspec.json.Decoder(_Claims)


def expires_at_s(token: str) -> float | None:
    """Returns the expiry of a JWT that was verified; None for other tokens, which the store knows.

    Verification allows for clocks that differ (`clockSkewSeconds`), which what runs for long does not need.
    """
    segments = token.split(".")
    if len(segments) != _SEGMENTS:
        return None
    try:
        text = base64.urlsafe_b64decode(segments[1] + "=" * (-len(segments[1]) % 4))
        return _CLAIMS.decode(text).exp
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        return None
