"""The address and the credentials of one API server of the test fleet."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.controlplane.audit import AuditLog
from tests.controlplane.users import ADMIN


@dataclass(frozen=True)
class Cluster:
    """A running API server with the tokens of its users (`users.GROUPS`)."""

    name: str
    server: str
    ca_pem: bytes = field(repr=False)
    tokens: Mapping[str, str] = field(repr=False)
    audit: AuditLog = field(repr=False, compare=False)
    has_controllers: bool = False

    def token(self, user: str = ADMIN) -> str:
        """Returns the bearer token of `user`."""
        return self.tokens[user]

    def ssl_context(self) -> ssl.SSLContext:
        """Returns a client context that trusts this cluster's authority only."""
        return ssl.create_default_context(cadata=self.ca_pem.decode())
