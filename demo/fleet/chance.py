"""Chance that is the same each time: every draw depends on the names it is drawn for, and on nothing else.

So an application that is added to the catalogue changes nothing about the others.
"""

from hashlib import blake2b
from typing import Final
from zlib import crc32

_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
"""The alphabet of generated names (k8s.io/apimachinery/pkg/util/rand): no vowels, so no words."""


def draw(*names: object) -> float:
    """A number from 0 up to 1."""
    return crc32(_key(names)) / 2**32


def number(below: int, *names: object) -> int:
    """A whole number from 0 up to `below`."""
    return crc32(_key(names)) % below


def suffix(length: int, *names: object) -> str:
    """The random end of a generated name."""
    rest = int.from_bytes(blake2b(_key(names), digest_size=8).digest())
    found = []
    for _ in range(length):
        rest, index = divmod(rest, len(_LETTERS))
        found.append(_LETTERS[index])
    return "".join(found)


def hexadecimal(length: int, *names: object) -> str:
    """Hexadecimal digits, as of a digest; at most 64."""
    return blake2b(_key(names), digest_size=32).hexdigest()[:length]


def uid(*names: object) -> str:
    """A UUID of version 4 in its looks."""
    digits = hexadecimal(32, *names)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _key(names: tuple[object, ...]) -> bytes:
    return "/".join(map(str, names)).encode()
