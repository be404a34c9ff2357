"""Manifests of every kind, with as many fields as validation allows together."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from string import Template

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.json_object import JsonObject, JsonValue

NAMESPACE = "truth"
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_NUMBER = re.compile(r"-?\d+(\.\d+)?[eE][-+]?\d+")
_DIRECTORY = Path(__file__).parent / "yaml"
_FILES = ("core", "access", "networking", "storage", "devices", "pods", "workloads", "admission")
"""The files, in the order in which the objects can be created."""


@dataclass(frozen=True)
class Manifest:
    """An object, and later writes to it.

    Attributes:
        item: what is posted.
        patches: merge patches by subresource, in their order; `status` among them.
        is_deleted: whether it is deleted at once; a finalizer keeps it.
    """

    item: JsonObject
    patches: dict[str, JsonValue]
    is_deleted: bool


def manifests() -> Iterator[Manifest]:
    """Returns all manifests, in the order in which they can be created."""
    values = _values()
    for name in _FILES:
        text = Template((_DIRECTORY / f"{name}.yaml").read_text(encoding="utf-8")).safe_substitute(values)
        for item in yaml.load(text, Loader=_Loader):  # noqa: S506  a safe loader
            patches = {"status": {"status": item.pop("status")}} if "status" in item else {}
            yield Manifest(item, patches | item.pop("subresources", {}), item.pop("deleted", False))


class _Loader(yaml.SafeLoader):
    """A loader that reads numbers like JSON, so that `1e3` is one."""


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-0123456789"))


@lru_cache(maxsize=1)
def _values() -> dict[str, str]:
    """Returns times, and certificates and their requests for validation; no client trusts them."""
    now = datetime.now(UTC).replace(microsecond=0)
    later, latest = now + timedelta(hours=1), now + timedelta(hours=3)
    authority = CertificateAuthority.create("truth")
    key = generate_private_key(SECP256R1())
    return {
        "NOW": now.strftime(_TIME),
        "LATER": later.strftime(_TIME),
        "LATEST": latest.strftime(_TIME),
        "CA": _base64(authority.pem),
        "CA_TEXT": authority.pem.decode().replace("\n", "\\n"),
        "CERTIFICATE": _base64(authority.client("truth").certificate_pem),
        "REQUEST": _base64(_request(key, _name("truth")).public_bytes(Encoding.PEM)),
        "STUB_REQUEST": _base64(_request(key, x509.Name([])).public_bytes(Encoding.DER)),
        "CHAIN": _certificate(key, now, latest).replace("\n", "\\n"),
    }


def _request(key: EllipticCurvePrivateKey, subject: x509.Name) -> x509.CertificateSigningRequest:
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())


def _certificate(key: EllipticCurvePrivateKey, begins: datetime, ends: datetime) -> str:
    builder = x509.CertificateBuilder(_name("truth"), _name("truth"), key.public_key(), 1, begins, ends)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
