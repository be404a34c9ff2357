"""Sealing what must not be read from a copy of the database.

A sealed value is: key version (4 bytes, big endian), nonce (12 bytes), ciphertext with its tag (AES-256-GCM, NIST SP
800-38D). It is authenticated together with the cluster's id, the column and the key version, so a value that was moved
to another row or column does not open there; a credential also with the connection that it was imported for.
"""

import json
import secrets
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.errors import CredentialUnreadable, KeyRingError
from store.keys.keyring import HoldsKeys

_VERSION: Final = struct.Struct(">I")
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_SHORTEST: Final = _VERSION.size + _NONCE_BYTES + _TAG_BYTES


class Cipher:
    """Seals and opens values with the keys that hold now."""

    __slots__ = ("_keys",)

    def __init__(self, keys: HoldsKeys) -> None:
        self._keys = keys

    @property
    def key_version(self) -> int:
        """The version that `seal` uses now."""
        return self._keys.sealing().current_version

    def seal(self, plaintext: bytes, *, cluster_id: str, column: str, bound_to: str = "") -> bytes:
        """Encrypts for one column of one cluster. The nonce is random, so equal plaintexts give different values.

        `bound_to` is what else must be the same when it is opened.
        """
        keys = self._keys.sealing()
        version = keys.current_version
        nonce = secrets.token_bytes(_NONCE_BYTES)
        associated = _associated(cluster_id, column, version, bound_to)
        return _VERSION.pack(version) + nonce + AESGCM(keys.key(version)).encrypt(nonce, plaintext, associated)

    def open(self, sealed: bytes, *, cluster_id: str, column: str, bound_to: str = "") -> bytes:
        """Decrypts what `seal` made for the same column of the same cluster, bound to the same.

        Raises:
            CredentialUnreadable: It was changed, cut or moved, or its key is missing or another.
        """
        if len(sealed) < _SHORTEST:
            raise CredentialUnreadable(f"The stored {column} of cluster {cluster_id} is cut short. Import it again.")
        (version,) = _VERSION.unpack_from(sealed)
        nonce, ciphertext = sealed[_VERSION.size :][:_NONCE_BYTES], sealed[_VERSION.size + _NONCE_BYTES :]
        try:
            key = self._keys.opening((version,)).key(version)
            return AESGCM(key).decrypt(nonce, ciphertext, _associated(cluster_id, column, version, bound_to))
        except KeyRingError as error:
            raise CredentialUnreadable(f"The stored {column} of cluster {cluster_id} is unreadable. {error}") from error
        except InvalidTag as error:
            raise CredentialUnreadable(
                f"The stored {column} of cluster {cluster_id} was changed, or sealed for another connection or with "
                f"another key v{version}. Restore what it was, or import the cluster again."
            ) from error


def key_version_of(sealed: bytes) -> int:
    """The version of the key that sealed a value."""
    (version,) = _VERSION.unpack_from(sealed)
    return int(version)


def _associated(cluster_id: str, column: str, version: int, bound_to: str) -> bytes:
    """The associated data: JSON, as no two different lists have the same text."""
    bound = [bound_to] if bound_to else []
    return json.dumps([cluster_id, column, version, *bound]).encode()
