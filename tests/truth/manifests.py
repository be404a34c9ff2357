"""The objects of this package: an object or more of every kind, with as many fields as validation lets stand together."""

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
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.controlplane.certificates import CertificateAuthority
from tests.controlplane.json_object import JsonObject, JsonValue

NAMESPACE = "truth"
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_NUMBER = re.compile(r"-?\d+(\.\d+)?[eE][-+]?\d+")
_DIRECTORY = Path(__file__).parent / "manifests"
_FILES = ("core", "access", "networking", "storage", "devices", "pods", "workloads", "admission")
"""In the order in which the objects can be made."""


@dataclass(frozen=True)
class Manifest:
    """An object, and what is written to it after it was made.

    Attributes:
        item: what is posted.
        patches: merge patches by subresource, in their order; `status` among them.
        is_deleted: whether it is deleted at once; a finalizer keeps it.
    """

    item: JsonObject
    patches: dict[str, JsonValue]
    is_deleted: bool


def manifests() -> Iterator[Manifest]:
    """All of them, in the order in which they can be made."""
    values = _values()
    for name in _FILES:
        text = Template((_DIRECTORY / f"{name}.yaml").read_text(encoding="utf-8")).safe_substitute(values)
        for item in yaml.load(text, Loader=_Loader):  # noqa: S506  a safe loader
            patches = {"status": {"status": item.pop("status")}} if "status" in item else {}
            yield Manifest(item, patches | item.pop("subresources", {}), item.pop("deleted", False))


class _Loader(yaml.SafeLoader):
    """Reads numbers as JSON does, so that `1e3` is one."""


_Loader.add_implicit_resolver(  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it untyped
    "tag:yaml.org,2002:float", _NUMBER, list("-0123456789")
)


@lru_cache(maxsize=1)
def _values() -> dict[str, str]:
    """Certificates and requests for them: validation reads them, nobody trusts them."""
    authority = CertificateAuthority.create("truth")
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "truth")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    stub = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, SHA256())
    return {
        "NOW": datetime.now(UTC).strftime(_TIME),
        "LATER": (datetime.now(UTC) + timedelta(hours=1)).strftime(_TIME),
        "CA": _base64(authority.pem),
        "CA_TEXT": authority.pem.decode().replace("\n", "\\n"),
        "CERTIFICATE": _base64(authority.client("truth").certificate_pem),
        "REQUEST": _base64(request.public_bytes(Encoding.PEM)),
        "STUB_REQUEST": _base64(stub.public_bytes(Encoding.DER)),
    }


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
