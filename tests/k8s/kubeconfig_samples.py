"""Kubeconfigs to change in one place and see refused."""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from k8s.kubeconfig.errors import KubeconfigError
from k8s.kubeconfig.kubeconfig import Kubeconfig, KubeconfigContext, parse_kubeconfig
from k8s.kubeconfig.policy import KubeconfigPolicy
from tests.controlplane.certificates import CertificateAuthority, ServerCertificate

SERVER = "https://api.prod.example:6443"
TOKEN = "canary-token-7c1f"
ALLOW_NOTHING = KubeconfigPolicy()


@cache
def authority() -> CertificateAuthority:
    """Returns the authority that signs for all tests of a run."""
    return CertificateAuthority.create()


@cache
def client_pair() -> ServerCertificate:
    """Returns a valid client certificate with its key."""
    return authority().client("admin", ("system:masters",))


def encoded(pem: bytes) -> str:
    """Returns a text in the form of `-data` fields."""
    return b64encode(pem).decode()


def ca_data() -> str:
    """Returns the authority as `certificate-authority-data`."""
    return encoded(authority().pem)


@dataclass
class Sample:
    """A kubeconfig with one context, `prod`; change its fields, then read it."""

    cluster: dict[str, object] = field(
        default_factory=lambda: {"server": SERVER, "certificate-authority-data": ca_data()}
    )
    user: dict[str, object] = field(default_factory=lambda: {"token": TOKEN})
    context: dict[str, object] = field(default_factory=lambda: {"cluster": "prod-cluster", "user": "admin"})

    def document(self) -> dict[str, object]:
        """Returns the whole file as data."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "preferences": {},
            "clusters": [{"name": "prod-cluster", "cluster": self.cluster}],
            "users": [{"name": "admin", "user": self.user}],
            "contexts": [{"name": "prod", "context": self.context}],
            "current-context": "prod",
        }

    def read(self, policy: KubeconfigPolicy = ALLOW_NOTHING, *, folder: Path | None = None) -> KubeconfigContext:
        """Parses the file and returns its context."""
        return parse(self.document(), policy, folder=folder).context("prod")

    def refusal(self, policy: KubeconfigPolicy = ALLOW_NOTHING, *, folder: Path | None = None) -> KubeconfigError:
        """Parses the file and returns the error that its context raises."""
        kubeconfig = parse(self.document(), policy, folder=folder)
        with pytest.raises(KubeconfigError) as refused:
            kubeconfig.context("prod")
        return refused.value


def certificate_user(pair: ServerCertificate) -> dict[str, object]:
    """Returns a user entry with an embedded client certificate."""
    return {"client-certificate-data": encoded(pair.certificate_pem), "client-key-data": encoded(pair.key_pem)}


def parse(document: object, policy: KubeconfigPolicy = ALLOW_NOTHING, *, folder: Path | None = None) -> Kubeconfig:
    """Parses data as the JSON form of a kubeconfig."""
    return parse_kubeconfig(json.dumps(document).encode(), source="config", policy=policy, folder=folder)


def parse_text(text: str | bytes) -> Kubeconfig:
    """Parses a text under the policy that allows nothing."""
    raw = text.encode() if isinstance(text, str) else text
    return parse_kubeconfig(raw, source="config", policy=ALLOW_NOTHING)


def file_refusal(text: str | bytes) -> KubeconfigError:
    """Parses a text and returns the error that the file raises."""
    with pytest.raises(KubeconfigError) as refused:
        parse_text(text)
    return refused.value
