"""X.509 certificates with real names and times, and a signature of nobody: readable by all tools, valid for none.

Source: RFC 5280, "Certificate Fields"; the encoding is DER (ITU-T X.690).
"""

import time
from base64 import encodebytes
from collections.abc import Sequence
from typing import Final

_ISSUER: Final = "Demo Certificate Authority"
_SEQUENCE, _SET, _INTEGER, _BITS, _OCTETS = 0x30, 0x31, 0x02, 0x03, 0x04
_UTC_TIME, _GENERALIZED_TIME, _UTF8 = 0x17, 0x18, 0x0C
_COMMON_NAME: Final = bytes.fromhex("0603550403")
_ALTERNATIVE_NAMES: Final = bytes.fromhex("0603551d11")
_ECDSA_WITH_SHA256: Final = bytes.fromhex("300a06082a8648ce3d040302")
_P256_KEY: Final = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
_POINT: Final = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""The generator of the curve, which is everybody's public key."""


def certificate(names: Sequence[str], *, serial: int, begins_s: float, ends_s: float) -> str:
    """Returns a certificate for host names in PEM, with a line in front that says what it is."""
    own = _tagged(_SEQUENCE, _ALTERNATIVE_NAMES, _tagged(_OCTETS, _tagged(_SEQUENCE, *map(_host, names))))
    content = _tagged(
        _SEQUENCE,
        _tagged(0xA0, _tagged(_INTEGER, b"\x02")),
        _tagged(_INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1)),
        _ECDSA_WITH_SHA256,
        _name(_ISSUER),
        _tagged(_SEQUENCE, _time(begins_s), _time(ends_s)),
        _name(names[0]),
        _tagged(_SEQUENCE, _P256_KEY, _tagged(_BITS, b"\x00", _POINT)),
        _tagged(0xA3, _tagged(_SEQUENCE, own)),
    )
    one = _tagged(_INTEGER, b"\x01")
    signed = _tagged(_SEQUENCE, content, _ECDSA_WITH_SHA256, _tagged(_BITS, b"\x00", _tagged(_SEQUENCE, one, one)))
    begin, end = (f"-----{word} CERTIFICATE-----\n" for word in ("BEGIN", "END"))
    return f"demo: signed by nobody\n{begin}{encodebytes(signed).decode()}{end}"


def _tagged(tag: int, *parts: bytes) -> bytes:
    """Returns a value of DER: tag, length, content."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _name(common: str) -> bytes:
    return _tagged(_SEQUENCE, _tagged(_SET, _tagged(_SEQUENCE, _COMMON_NAME, _tagged(_UTF8, common.encode()))))


def _host(name: str) -> bytes:
    return _tagged(0x82, name.encode())


def _time(moment_s: float) -> bytes:
    text = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(moment_s))
    return _tagged(_UTC_TIME, text[2:].encode()) if text < "2050" else _tagged(_GENERALIZED_TIME, text.encode())
