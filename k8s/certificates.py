"""Checks of certificates and keys of unknown origin, in memory.

The standard library parses a client certificate only from files, and exposes neither its dates nor whether a key
belongs to it. So this module, and no other of the package, uses `cryptography`; nothing in it touches a disk.
"""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

PrivateKey: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey | Ed448PrivateKey
PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey
"""The keys with which a TLS client can sign."""

MAX_CERTIFICATES_BYTES: Final = 256 * 1024
"""The limit of a bundle of certificates, in bytes of PEM; the authorities of the largest companies fit."""
MAX_KEY_BYTES: Final = 8 * 1024
"""The limit of a private key, in bytes of PEM. RSA with 8192 bits has 6.4 KB, and larger keys only cost time."""

_LOCKED: Final = "has a passphrase; write it without one (openssl pkey -in FILE)"
_NEITHER: Final = "neither an RSA, EC nor Edwards curve"
_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_KEY: Final = re.compile(r"-----BEGIN (?P<kind>[A-Z ]*PRIVATE KEY)-----.+?-----END (?P=kind)-----", re.DOTALL)


class CertificateInvalid(Exception):
    """A certificate or key that is refused; the text gives the reason and never quotes it."""


@dataclass(frozen=True, slots=True)
class Validity:
    """The period, in UTC, in which a certificate is valid."""

    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """Facts that a certificate tells to everyone who connects.

    Attributes:
        subject: its distinguished name, as in RFC 4514.
        issuer: that of its issuer.
        dns_names: the DNS names for which it is valid.
        ip_addresses: the addresses for which it is valid.
        serial_number: its serial number, in hexadecimal digits.
        validity: its period, in UTC.
    """

    subject: str
    issuer: str
    dns_names: tuple[str, ...]
    ip_addresses: tuple[str, ...]
    serial_number: str
    validity: Validity


def normalised_certificates(pem: str) -> str:
    """Returns the certificates of a PEM text without the text around them.

    Raises:
        CertificateInvalid: The text is too long, has no certificate, or contains a private key.
    """
    _require_size(pem, MAX_CERTIFICATES_BYTES)
    if "PRIVATE KEY-----" in pem:
        raise CertificateInvalid("holds a private key where only certificates belong")
    blocks = _CERTIFICATE.findall(pem)
    if not blocks:
        raise CertificateInvalid("holds no PEM certificate (-----BEGIN CERTIFICATE-----)")
    return "".join(f"{block}\n" for block in blocks)


def certificate_blocks(pem: str) -> list[str]:
    """Returns the PEM blocks of the certificates of a text, which may be invalid ones.

    Raises:
        CertificateInvalid: The text is too long.
    """
    _require_size(pem, MAX_CERTIFICATES_BYTES)
    return _CERTIFICATE.findall(pem)


def normalised_key(pem: str) -> str:
    """Returns the only private key of a PEM text without the text around it, such as EC parameters.

    Raises:
        CertificateInvalid: The text is too long, has not exactly one key, or a key with a passphrase.
    """
    _require_size(pem, MAX_KEY_BYTES)
    blocks = [match.group() for match in _KEY.finditer(pem)]
    if len(blocks) != 1:
        raise CertificateInvalid("holds no PEM private key" if not blocks else "holds several private keys")
    if "ENCRYPTED" in blocks[0]:
        raise CertificateInvalid(_LOCKED)
    return f"{blocks[0]}\n"


def require_authorities(pem: str) -> None:
    """Checks that the TLS library itself accepts each certificate of a bundle as an authority.

    Raises:
        CertificateInvalid: The library refuses one.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except ssl.SSLError as error:
        raise CertificateInvalid("holds a certificate that cannot be read") from error


def require_pair(certificates_pem: str, key_pem: str) -> None:
    """Checks that a private key belongs to the first certificate of a chain.

    Raises:
        CertificateInvalid: One of them cannot be read, or the key belongs to another certificate.
    """
    if _public_bytes(_private_key(key_pem).public_key()) != _public_bytes(_public_key(_leaf(certificates_pem))):
        raise CertificateInvalid("is not the key of this certificate")


def validity(certificates_pem: str) -> Validity:
    """Returns the validity of the first certificate of a chain.

    Raises:
        CertificateInvalid: The certificate cannot be read.
    """
    leaf = _leaf(certificates_pem)
    try:
        return Validity(leaf.not_valid_before_utc, leaf.not_valid_after_utc)
    except ValueError:
        raise CertificateInvalid("holds a certificate with unreadable dates") from None


def public_facts(certificates_pem: str) -> PublicFacts:
    """Returns the facts of the first certificate of a chain, the rest of which is not read.

    Raises:
        CertificateInvalid: The certificate cannot be read.
    """
    leaf = _leaf(certificates_pem)
    with _reading():
        names = _alternative_names(leaf)
        return PublicFacts(
            subject=leaf.subject.rfc4514_string(),
            issuer=leaf.issuer.rfc4514_string(),
            dns_names=tuple(names.get_values_for_type(x509.DNSName)) if names is not None else (),
            ip_addresses=tuple(map(str, names.get_values_for_type(x509.IPAddress))) if names is not None else (),
            serial_number=f"{leaf.serial_number:x}",
            validity=Validity(leaf.not_valid_before_utc, leaf.not_valid_after_utc),
        )


def validity_of_der(certificate: bytes) -> Validity | None:
    """Returns the validity of a certificate in DER, as TLS has it; None if it cannot be read."""
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        return Validity(parsed.not_valid_before_utc, parsed.not_valid_after_utc)
    except (ValueError, x509.InvalidVersion):
        return None


@contextmanager
def _reading() -> Iterator[None]:
    """Raises CertificateInvalid for every error of the library.

    Hostile certificates raise errors of many types, such as InvalidVersion, DuplicateExtension, ValueError, TypeError.
    """
    try:
        yield
    except Exception:  # noqa: BLE001  it has no base class for them
        raise CertificateInvalid("holds a certificate that cannot be read") from None


def _require_size(pem: str, limit_bytes: int) -> None:
    if len(pem) > limit_bytes:
        raise CertificateInvalid(f"has more than {limit_bytes} bytes")


def _alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def _leaf(certificates_pem: str) -> x509.Certificate:
    with _reading():
        return x509.load_pem_x509_certificate(certificates_pem.encode())


def _public_key(certificate: x509.Certificate) -> PublicKey:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateInvalid("holds a certificate with a public key that cannot be read") from None
    if not isinstance(key, PublicKey):
        raise CertificateInvalid(f"holds a certificate whose public key is {_NEITHER}")
    return key


def _private_key(key_pem: str) -> PrivateKey:
    """Parses a key without testing its primes, which takes seconds for long ones.

    The key is only compared; the TLS library that uses it does not test primes either.
    """
    try:
        key = load_pem_private_key(key_pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        raise CertificateInvalid(_LOCKED) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateInvalid("is a private key that cannot be read") from None
    if not isinstance(key, PrivateKey):
        raise CertificateInvalid(f"is {_NEITHER} key")
    return key


def _public_bytes(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
