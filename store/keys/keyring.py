"""The encryption keys by version, so that a key can be replaced while old data can still be decrypted."""

import base64
import binascii
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.errors import KeyRingError

KEY_BYTES: Final = 32
MAX_KEY_VERSION: Final = 2**31 - 1  # the limit of the column on both databases

_ENTRY: Final = re.compile(r"v([1-9][0-9]{0,9}):([A-Za-z0-9+/_-]+={0,2})", re.ASCII)


class KeySource(Protocol):
    """The source of the current keys: a ring, or a file that may change while the process runs."""

    def sealing(self) -> "KeyRing":
        """Returns the ring whose current key encrypts; raises KeyRingError if it cannot be read."""
        ...

    def opening(self, versions: Iterable[int]) -> "KeyRing":
        """Returns a ring with these versions, if they are available."""
        ...


class KeyRing:
    """Keys for AES-256-GCM: the highest version encrypts, every version decrypts.

    Immutable. Neither `repr` nor any message shows a key.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        """Takes keys of exactly 32 bytes by version, from 1; raises `KeyRingError` otherwise."""
        if not keys:
            raise KeyRingError("There is no encryption key. Give at least one as v1:<base64 of 32 random bytes>.")
        for version, key in keys.items():
            _require_usable(version, key)
        self._keys = dict(keys)

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Reads `v1:<base64>,v2:<base64>`; spaces and line ends around entries are ignored.

        Standard and URL-safe base64 are both accepted, padded or not.

        Raises:
            KeyRingError: The text is empty or malformed, a key does not have 32 bytes, or a version occurs twice. The
                message names an entry by its position or version and never repeats it.
        """
        keys: dict[int, bytes] = {}
        entries = [entry.strip() for entry in text.split(",")] if text.strip() else []
        for position, entry in enumerate(entries, start=1):
            version, key = _parse_entry(entry, position)
            if version in keys:
                raise KeyRingError(f"Key version v{version} occurs twice. Give each version once.")
            keys[version] = key
        return cls(keys)

    @property
    def current_version(self) -> int:
        """Returns the version that encrypts."""
        return max(self._keys)

    @property
    def versions(self) -> tuple[int, ...]:
        """Returns all versions, lowest first."""
        return tuple(sorted(self._keys))

    def key(self, version: int) -> bytes:
        """Returns the 32 bytes of one version; `KeyRingError` names the version if it is missing."""
        try:
            return self._keys[version]
        except KeyError:
            raise KeyRingError(
                f"Encryption key v{version} is missing (there is {self._described()}). Add the original key."
            ) from None

    def require(self, versions: Iterable[int]) -> None:
        """Raises a `KeyRingError` with all missing ones of these versions."""
        missing = sorted(set(versions) - self._keys.keys())
        if missing:
            names = ", ".join(f"v{version}" for version in missing)
            raise KeyRingError(
                f"Stored credentials need encryption key {names}; there is {self._described()}. Add the missing key."
            )

    def sealing(self) -> "KeyRing":
        """Returns itself; see `KeySource`."""
        return self

    def opening(self, _versions: Iterable[int]) -> "KeyRing":
        """Returns itself; see `KeySource`."""
        return self

    def with_new_key(self) -> "KeyRing":
        """Returns the same keys and a new random one, which encrypts from then on."""
        return KeyRing({**self._keys, self.current_version + 1: secrets.token_bytes(KEY_BYTES)})

    def without(self, versions: Iterable[int]) -> "KeyRing":
        """Returns the other keys; raises KeyRingError if there are none."""
        dropped = set(versions)
        return KeyRing({version: key for version, key in self._keys.items() if version not in dropped})

    def with_keys_of(self, other: "KeyRing", versions: Iterable[int]) -> "KeyRing":
        """Returns these keys and some of another ring."""
        return KeyRing({**{version: other.key(version) for version in versions}, **self._keys})

    def dump(self) -> str:
        """Returns the keys in the format of `parse`, one a line, for a key file only."""
        entries = (f"v{version}:{base64.b64encode(key).decode()}" for version, key in sorted(self._keys.items()))
        return ",\n".join(entries) + "\n"

    def derive(self, purpose: str) -> bytes:
        """Returns a key of 32 bytes for one purpose, such as the authentication of cursors.

        Each purpose has its own key (HKDF-SHA256, RFC 5869), so that no other use weakens the encryption. It is the
        same in every process with the same current key.
        """
        derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"fleetgraph/{purpose}".encode())
        return derivation.derive(self._keys[self.current_version])

    def __repr__(self) -> str:
        return f"KeyRing({self._described()})"

    def _described(self) -> str:
        return ", ".join(f"v{version}" for version in self.versions)


def _parse_entry(entry: str, position: int) -> tuple[int, bytes]:
    matched = _ENTRY.fullmatch(entry)
    if matched is None:
        raise KeyRingError(f"Encryption key number {position} is not of the form v1:<base64 of 32 random bytes>.")
    version = int(matched.group(1))
    return version, _decoded(matched.group(2), version)


def _decoded(text: str, version: int) -> bytes:
    standard = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        raise KeyRingError(f"Encryption key v{version} is not valid base64.") from None


def _require_usable(version: int, key: bytes) -> None:
    if not 1 <= version <= MAX_KEY_VERSION:
        raise KeyRingError(f"Key version {version} is out of range: use v1 to v{MAX_KEY_VERSION}.")
    if len(key) != KEY_BYTES:
        raise KeyRingError(
            f"Encryption key v{version} has {len(key)} bytes, not {KEY_BYTES}. Make one with: openssl rand -base64 32"
        )
