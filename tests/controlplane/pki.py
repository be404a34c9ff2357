"""The files of keys and certificates that the programs of one run share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.certificates import CertificateAuthority, write_signing_key

FRONT_PROXY = "front-proxy"
"""The name in the certificate with which API servers tell aggregated ones who asks."""


@dataclass(frozen=True)
class KeyFiles:
    """Paths for the flags of API servers, controller manager and kwok."""

    authority: Path
    server_certificate: Path
    server_key: Path
    service_account_private: Path
    service_account_public: Path
    front_proxy_certificate: Path
    front_proxy_key: Path

    @classmethod
    def write(cls, authority: CertificateAuthority, directory: Path) -> KeyFiles:
        """Writes all files below `directory`."""
        directory.mkdir()
        ca = directory / "ca.crt"
        ca.write_bytes(authority.pem)
        front_proxy = authority.client(FRONT_PROXY).write(directory, FRONT_PROXY)
        return cls(ca, *authority.issue().write(directory, "server"), *write_signing_key(directory), *front_proxy)
