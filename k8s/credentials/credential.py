"""Credentials for a cluster: a bearer token, a client certificate with its key, or a source of tokens.

A credential is checked when it is created, so that every instance is usable, and never shows its secret.
"""

import hmac
import json
import re
from dataclasses import asdict, dataclass, field
from typing import Final, NoReturn, TypeAlias

import msgspec

from k8s.certificates import (
    CertificateInvalid,
    Validity,
    normalised_certificates,
    normalised_key,
    require_pair,
    validity,
)
from k8s.credentials.plugin import ExecPlugin

MAX_TOKEN_BYTES: Final = 16 * 1024
"""The longest token. API servers refuse headers of more than 1 MiB, and tokens in use have less than 4 KiB."""

_VISIBLE_ASCII: Final = re.compile(r"[\x21-\x7e]+")


class CredentialInvalid(Exception):
    """A credential that cannot work; the text gives the reason and never quotes it."""


class Secret:
    """A text that is revealed only on demand: not in `repr`, logs, tracebacks, pickles or JSON."""

    __slots__ = ("__value",)
    __value: str

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "_Secret__value", value)

    def reveal(self) -> str:
        """Returns the text, for sending or encrypting it and for nothing else."""
        return self.__value

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Secret cannot be changed")

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled")

    def _bytes(self) -> bytes:
        return self.__value.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A token for the Authorization header (RFC 6750), issued by the cluster or its identity provider.

    Raises:
        CredentialInvalid: The token is empty, longer than `MAX_TOKEN_BYTES`, or has a character that no header can
            carry.
    """

    token: Secret

    def __post_init__(self) -> None:
        text = self.token.reveal()
        if not text:
            raise CredentialInvalid("the token is empty")
        if len(text) > MAX_TOKEN_BYTES:
            raise CredentialInvalid(f"the token has more than {MAX_TOKEN_BYTES} characters")
        if not _VISIBLE_ASCII.fullmatch(text):
            raise CredentialInvalid(
                "the token has a space, a line break or a character that is not visible ASCII; write it on one line"
            )


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A client certificate (with its chain, leaf first) and its private key, both PEM.

    Raises:
        CredentialInvalid: One of them is not PEM, or the key has a passphrase or belongs to another certificate.
    """

    certificate_pem: str = field(repr=False)
    key_pem: Secret

    def __post_init__(self) -> None:
        certificates = _certificates(self.certificate_pem)
        key = _key(self.key_pem, certificates)
        object.__setattr__(self, "certificate_pem", certificates)
        object.__setattr__(self, "key_pem", key)

    @property
    def validity(self) -> Validity:
        """Returns the validity of the certificate; an expired one is allowed."""
        return validity(self.certificate_pem)


@dataclass(frozen=True, slots=True)
class PodServiceAccount:
    """The service account of this process's pod, whose token the kubelet renews (`k8s.credentials.incluster`)."""


Credential: TypeAlias = BearerToken | ClientCertificate | PodServiceAccount | ExecPlugin


def dump_credential(credential: Credential) -> bytes:
    """Returns a credential in plain bytes that `load_credential` reads; for encryption, never for a log."""
    fields: dict[str, object]
    match credential:
        case BearerToken(token):
            fields = {"type": "token", "token": token.reveal()}
        case ClientCertificate(certificate_pem, key_pem):
            fields = {"type": "certificate", "certificate": certificate_pem, "key": key_pem.reveal()}
        case PodServiceAccount():
            fields = {"type": "pod-service-account"}
        case ExecPlugin():
            fields = {"type": "exec", "plugin": asdict(credential)}
    return json.dumps({"version": 1, **fields}).encode()


def load_credential(dumped: bytes) -> Credential:
    """Returns the credential that `dump_credential` wrote.

    Raises:
        CredentialInvalid: The bytes are something else, or of a newer version.
    """
    match _parsed(dumped):
        case {"version": 1, "type": "token", "token": str(token)}:
            return BearerToken(Secret(token))
        case {"version": 1, "type": "certificate", "certificate": str(certificate), "key": str(key)}:
            return ClientCertificate(certificate, Secret(key))
        case {"version": 1, "type": "pod-service-account"}:
            return PodServiceAccount()
        case {"version": 1, "type": "exec", "plugin": dict(plugin)}:
            return _plugin(plugin)
    raise CredentialInvalid("the stored credential is of a kind or version that this release does not know")


def _parsed(dumped: bytes) -> object:
    """Parses JSON; returns None on failure, because the parser's own error would carry the whole text."""
    try:
        parsed: object = json.loads(dumped)
    except (ValueError, RecursionError):
        parsed = None
    return parsed


def _plugin(stored: dict[str, object]) -> ExecPlugin:
    """Checks types with msgspec, which turns lists into tuples."""
    try:
        return msgspec.convert(stored, ExecPlugin)
    except msgspec.ValidationError:
        raise CredentialInvalid("the stored exec plugin is incomplete") from None


def _certificates(pem: str) -> str:
    try:
        certificates = normalised_certificates(pem)
        validity(certificates)
    except CertificateInvalid as error:
        raise CredentialInvalid(f"the client certificate {error}") from error
    return certificates


def _key(key_pem: Secret, certificates_pem: str) -> Secret:
    try:
        key = normalised_key(key_pem.reveal())
        require_pair(certificates_pem, key)
    except CertificateInvalid as error:
        raise CredentialInvalid(f"the client key {error}") from error
    return Secret(key)
