"""Reproducible random values: each depends on the given names only.

So a new application in the catalogue does not change the others.
"""

from hashlib import blake2b
from typing import Final
from zlib import crc32

_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
"""The alphabet of generated names (k8s.io/apimachinery/pkg/util/rand): without vowels, so without words."""


def draw(*names: object) -> float:
    """Returns a number from 0 up to 1."""
    return crc32(_key(names)) / 2**32


def number(below: int, *names: object) -> int:
    """Returns an integer from 0 up to `below`."""
    return crc32(_key(names)) % below


def suffix(length: int, *names: object) -> str:
    """Returns the random suffix of a generated name."""
    rest = int.from_bytes(blake2b(_key(names), digest_size=8).digest())
    letters = []
    for _ in range(length):
        rest, index = divmod(rest, len(_LETTERS))
        letters.append(_LETTERS[index])
    return "".join(letters)


def hexadecimal(length: int, *names: object) -> str:
    """Returns hexadecimal digits, as of a digest; at most 64."""
    return blake2b(_key(names), digest_size=32).hexdigest()[:length]


def uid(*names: object) -> str:
    """Returns a UUID in the format of version 4."""
    digits = hexadecimal(32, *names)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _key(names: tuple[object, ...]) -> bytes:
    return "/".join(map(str, names)).encode()
