"""Sealing what must not be read from a copy of the database.

A sealed value is: key version (4 bytes, big endian), nonce (12 bytes), ciphertext with its tag (AES-256-GCM, NIST SP
800-38D). It is authenticated together with the cluster's id, the column and the key version, so a value that was moved
to another row or column does not open there.
"""

import json
import secrets
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.errors import CredentialUnreadable, KeyRingError
from store.keyring import KeyRing

_VERSION: Final = struct.Struct(">I")
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_SHORTEST: Final = _VERSION.size + _NONCE_BYTES + _TAG_BYTES


class Cipher:
    """Seals and opens values with the keys of one ring."""

    __slots__ = ("_keys",)

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    @property
    def key_version(self) -> int:
        """The version that `seal` uses now."""
        return self._keys.current_version

    def seal(self, plaintext: bytes, *, cluster_id: str, column: str) -> bytes:
        """Encrypts for one column of one cluster. The nonce is random, so equal plaintexts give different values."""
        version = self._keys.current_version
        nonce = secrets.token_bytes(_NONCE_BYTES)
        ciphertext = AESGCM(self._keys.key(version)).encrypt(nonce, plaintext, _bound_to(cluster_id, column, version))
        return _VERSION.pack(version) + nonce + ciphertext

    def open(self, sealed: bytes, *, cluster_id: str, column: str) -> bytes:
        """Decrypts what `seal` made for the same column of the same cluster.

        Raises:
            CredentialUnreadable: It was changed, cut or moved, or its key is missing or another.
        """
        if len(sealed) < _SHORTEST:
            raise CredentialUnreadable(f"The stored {column} of cluster {cluster_id} is cut short. Import it again.")
        (version,) = _VERSION.unpack_from(sealed)
        nonce, ciphertext = sealed[_VERSION.size :][:_NONCE_BYTES], sealed[_VERSION.size + _NONCE_BYTES :]
        try:
            return AESGCM(self._keys.key(version)).decrypt(nonce, ciphertext, _bound_to(cluster_id, column, version))
        except KeyRingError as error:
            raise CredentialUnreadable(f"The stored {column} of cluster {cluster_id} is unreadable. {error}") from error
        except InvalidTag as error:
            raise CredentialUnreadable(
                f"The stored {column} of cluster {cluster_id} was changed, or sealed with another key v{version}. "
                "Restore that key, or import the cluster again."
            ) from error


def _bound_to(cluster_id: str, column: str, version: int) -> bytes:
    """The associated data: JSON, as no two different triples have the same text."""
    return json.dumps([cluster_id, column, version]).encode()
