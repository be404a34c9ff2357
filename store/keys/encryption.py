"""Encryption of values that must not be readable in a copy of the database.

A sealed value is: key version (4 bytes, big endian), nonce (12 bytes), ciphertext with its tag (AES-256-GCM, NIST SP
800-38D). The cluster's id, the column and the key version are authenticated with it, so a value that was moved to
another row or column cannot be decrypted; for a credential also the connection at its import.
"""

import json
import secrets
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.errors import CredentialUnreadable, KeyRingError
from store.keys.keyring import KeySource

_VERSION: Final = struct.Struct(">I")
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_SHORTEST: Final = _VERSION.size + _NONCE_BYTES + _TAG_BYTES


class Cipher:
    """A cipher with the current keys."""

    __slots__ = ("_keys",)

    def __init__(self, keys: KeySource) -> None:
        self._keys = keys

    @property
    def key_version(self) -> int:
        """Returns the version that `seal` uses now."""
        return self._keys.sealing().current_version

    def seal(self, plaintext: bytes, *, cluster_id: str, column: str, bound_to: str = "") -> bytes:
        """Encrypts for one column of one cluster. The nonce is random, so equal plaintexts give different values.

        `open` needs the same `bound_to`.
        """
        keys = self._keys.sealing()
        version = keys.current_version
        nonce = secrets.token_bytes(_NONCE_BYTES)
        associated = _associated(cluster_id, column, version, bound_to)
        return _VERSION.pack(version) + nonce + AESGCM(keys.key(version)).encrypt(nonce, plaintext, associated)

    def open(self, sealed: bytes, *, cluster_id: str, column: str, bound_to: str = "") -> bytes:
        """Decrypts a value that was sealed for the same column, cluster and `bound_to`.

        Raises:
            CredentialUnreadable: It was changed, truncated or moved, or its key is missing or another.
        """
        if len(sealed) < _SHORTEST:
            raise CredentialUnreadable(f"The stored {column} of cluster {cluster_id} is truncated. Import it again.")
        (version,) = _VERSION.unpack_from(sealed)
        nonce, ciphertext = sealed[_VERSION.size :][:_NONCE_BYTES], sealed[_VERSION.size + _NONCE_BYTES :]
        try:
            key = self._keys.opening((version,)).key(version)
            return AESGCM(key).decrypt(nonce, ciphertext, _associated(cluster_id, column, version, bound_to))
        except KeyRingError as error:
            raise CredentialUnreadable(f"The stored {column} of cluster {cluster_id} is unreadable. {error}") from error
        except InvalidTag as error:
            raise CredentialUnreadable(
                f"The stored {column} of cluster {cluster_id} was changed, or encrypted for another connection or with "
                f"another key v{version}. Restore it, or import the cluster again."
            ) from error


def key_version_of(sealed: bytes) -> int:
    """Returns the version of the key of a sealed value."""
    (version,) = _VERSION.unpack_from(sealed)
    return int(version)


def _associated(cluster_id: str, column: str, version: int, bound_to: str) -> bytes:
    """Returns the associated data as JSON, which is unambiguous."""
    bound = [bound_to] if bound_to else []
    return json.dumps([cluster_id, column, version, *bound]).encode()
