"""Certificates for servers on loopback, valid ones and deliberately invalid ones."""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOOPBACK_HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class ServerCertificate:
    """A certificate with its key, both PEM; also used for client certificates."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)

    def write(self, directory: Path, name: str) -> tuple[Path, Path]:
        """Writes `name.crt` and `name.key` (mode 0600) for programs that only read files."""
        certificate, key = directory / f"{name}.crt", directory / f"{name}.key"
        certificate.write_bytes(self.certificate_pem)
        key.touch(mode=0o600)
        key.write_bytes(self.key_pem)
        return certificate, key

    def server_context(self) -> ssl.SSLContext:
        """Returns a context that serves this certificate; the files for OpenSSL are removed at once."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as directory:
            context.load_cert_chain(*self.write(Path(directory), "server"))
        return context


@dataclass(frozen=True)
class CertificateAuthority:
    """The authority of one run; a second one is a stranger that no client trusts."""

    pem: bytes
    _certificate: x509.Certificate = field(repr=False)
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def create(cls, name: str = "fleetgraph-tests") -> CertificateAuthority:
        """Creates an authority with a key of its own."""
        key = _new_key()
        subject = _name(name)
        builder = _builder(subject, subject, key.public_key(), _Validity.current())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
        certificate = builder.sign(key, hashes.SHA256())
        return cls(certificate.public_bytes(serialization.Encoding.PEM), certificate, key)

    def issue(self, hosts: tuple[str, ...] = LOOPBACK_HOSTS) -> ServerCertificate:
        """Signs a valid server certificate for `hosts` (names or addresses)."""
        return self._issue_server(hosts, _Validity.current())

    def expired(self) -> ServerCertificate:
        """Signs a certificate that expired a day ago."""
        now = datetime.now(UTC)
        return self._issue_server(LOOPBACK_HOSTS, _Validity(now - timedelta(days=30), now - timedelta(days=1)))

    def not_yet_valid(self) -> ServerCertificate:
        """Signs a certificate that is valid from tomorrow."""
        now = datetime.now(UTC)
        return self._issue_server(LOOPBACK_HOSTS, _Validity(now + timedelta(days=1), now + timedelta(days=30)))

    def wrong_host(self) -> ServerCertificate:
        """Signs a valid certificate for another host."""
        return self.issue(("elsewhere.invalid",))

    def client(
        self, name: str, groups: tuple[str, ...] = (), *, days: tuple[float, float] | None = None
    ) -> ServerCertificate:
        """Signs a client certificate; kube-apiserver reads CN as the user and O as its groups.

        `days` are the beginning and the end of its validity in days from now; by default, it is valid.
        """
        now = datetime.now(UTC)
        validity = _Validity.current() if days is None else _Validity(*(now + timedelta(days=day) for day in days))
        return self._sign(_name(name, groups), ExtendedKeyUsageOID.CLIENT_AUTH, hosts=(), validity=validity)

    def _issue_server(self, hosts: tuple[str, ...], validity: _Validity) -> ServerCertificate:
        return self._sign(_name(hosts[0]), ExtendedKeyUsageOID.SERVER_AUTH, hosts=hosts, validity=validity)

    def _sign(
        self, subject: x509.Name, usage: x509.ObjectIdentifier, *, hosts: tuple[str, ...], validity: _Validity
    ) -> ServerCertificate:
        key = _new_key()
        builder = _builder(subject, self._certificate.subject, key.public_key(), validity)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_host(h) for h in hosts]), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return ServerCertificate(certificate.public_bytes(serialization.Encoding.PEM), _key_pem(key))


@dataclass(frozen=True)
class _Validity:
    begins: datetime
    ends: datetime

    @classmethod
    def current(cls) -> _Validity:
        now = datetime.now(UTC)
        return cls(now - timedelta(hours=1), now + timedelta(days=30))


def write_signing_key(directory: Path) -> tuple[Path, Path]:
    """Writes a key pair for service account tokens; returns the private and the public file."""
    key = _new_key()
    private, public = directory / "service-account.key", directory / "service-account.pub"
    private.touch(mode=0o600)
    private.write_bytes(_key_pem(key))
    encoding, format_ = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(encoding, format_))
    return private, public


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    # kube-apiserver reads EC keys for service accounts in the SEC 1 form only.
    encoding, format_ = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(encoding, format_, serialization.NoEncryption())


def _name(common_name: str, organizations: tuple[str, ...] = ()) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in organizations]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, validity: _Validity
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.begins)
        .not_valid_after(validity.ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
