"""The files of keys and certificates that the programs of one run share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.certificates import CertificateAuthority, write_signing_key


@dataclass(frozen=True)
class KeyFiles:
    """Paths for the flags of API servers, controller manager and kwok."""

    authority: Path
    server_certificate: Path
    server_key: Path
    service_account_private: Path
    service_account_public: Path

    @classmethod
    def write(cls, authority: CertificateAuthority, directory: Path) -> KeyFiles:
        """Writes all files below `directory`."""
        directory.mkdir()
        ca = directory / "ca.crt"
        ca.write_bytes(authority.pem)
        return cls(ca, *authority.issue().write(directory, "server"), *write_signing_key(directory))
