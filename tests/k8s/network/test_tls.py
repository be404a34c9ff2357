"""TLS contexts, tried in handshakes that never leave memory."""

import os
import ssl
import tempfile
from base64 import encodebytes
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, CredentialInvalid, Secret
from k8s.endpoint import Endpoint
from k8s.network.tls import client_context
from tests.controlplane.certificates import CertificateAuthority, ServerCertificate
from tests.k8s.kubeconfig_samples import authority, client_pair

SERVER = "https://localhost:6443"
TOKEN = BearerToken(Secret("t"))


def trusting_endpoint() -> Endpoint:
    return Endpoint(SERVER, ca_pem=authority().pem.decode())


def certificate_credential() -> ClientCertificate:
    pair = client_pair()
    return ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))


def server_context(folder: Path, certificate: ServerCertificate, *, asks_for_client: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate.write(folder, "server"))
    if asks_for_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=authority().pem.decode())
    return context


def handshake(
    client: ssl.SSLContext, server: ssl.SSLContext, name: str = "localhost"
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Lets both sides take turns over two memory buffers until neither waits."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = (
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    waiting = set(sides)
    for side in sides * 4:
        try:
            side.do_handshake()
            waiting.discard(side)
        except ssl.SSLWantReadError:
            continue
    assert not waiting
    return sides


def test_a_server_of_the_authority_is_accepted(tmp_path: Path) -> None:
    client, _ = handshake(client_context(trusting_endpoint(), TOKEN), server_context(tmp_path, authority().issue()))

    assert client.version() in {"TLSv1.2", "TLSv1.3"}


def test_a_server_of_another_authority_is_refused(tmp_path: Path) -> None:
    stranger = CertificateAuthority.create("stranger").issue()

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(client_context(trusting_endpoint(), TOKEN), server_context(tmp_path, stranger))


def test_a_server_of_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(client_context(trusting_endpoint(), TOKEN), server_context(tmp_path, authority().wrong_host()))


def test_without_an_authority_the_systems_are_asked(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(client_context(Endpoint(SERVER), TOKEN), server_context(tmp_path, authority().issue()))


def test_a_server_certificate_that_is_pinned_is_its_own_authority(tmp_path: Path) -> None:
    certificate = authority().issue()
    endpoint = Endpoint(SERVER, ca_pem=certificate.certificate_pem.decode())

    handshake(client_context(endpoint, TOKEN), server_context(tmp_path, certificate))


def test_any_server_is_accepted_only_where_verification_is_skipped(tmp_path: Path) -> None:
    stranger = CertificateAuthority.create("stranger").wrong_host()
    endpoint = Endpoint(SERVER, skip_tls_verify=True)

    handshake(client_context(endpoint, TOKEN), server_context(tmp_path, stranger))


def test_a_context_verifies_names_and_speaks_no_old_tls() -> None:
    context = client_context(trusting_endpoint(), TOKEN)

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert not context.hostname_checks_common_name


def _made_up_parameters() -> str:
    """Returns Diffie-Hellman parameters of 2,048 bits without a prime, which no client checks."""
    modulus = Random(1).getrandbits(2048) | 1 << 2047 | 1  # noqa: S311  no secret
    integers = b"\x02\x82\x01\x01\0" + modulus.to_bytes(256, "big") + b"\x02\x01\x02"
    der = b"\x30\x82" + len(integers).to_bytes(2, "big") + integers
    return f"-----BEGIN DH PARAMETERS-----\n{encodebytes(der).decode()}-----END DH PARAMETERS-----\n"


def test_parameters_that_a_server_makes_up_are_refused(tmp_path: Path) -> None:
    """10,000 bits of them take a client more than a second."""
    certificate, parameters = tmp_path / "certificate.pem", tmp_path / "parameters.pem"
    certificate.write_text("".join(rsa_pair(2048)))
    parameters.write_text(_made_up_parameters())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    server.load_dh_params(str(parameters))
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers("DHE+AESGCM:@SECLEVEL=0")
    endpoint = Endpoint(SERVER, skip_tls_verify=True)
    with_all_suites = client_context(endpoint, TOKEN)
    with_all_suites.set_ciphers("DEFAULT")

    handshake(with_all_suites, server)  # so only the suite is refused
    with pytest.raises(ssl.SSLError, match="NO_SHARED_CIPHER"):
        handshake(client_context(endpoint, TOKEN), server)


@pytest.mark.parametrize("suite", ["ECDHE+AES128+AESGCM", "ECDHE+AES256+AESGCM", "ECDHE+CHACHA20"])
def test_suites_of_api_servers_are_spoken(tmp_path: Path, suite: str) -> None:
    server = server_context(tmp_path, authority().issue())
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers(suite)

    client, _ = handshake(client_context(trusting_endpoint(), TOKEN), server)

    assert client.version() == "TLSv1.2"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("group", ["prime256v1", "secp384r1", "secp521r1", "X25519"])
def test_a_server_with_one_group_is_accepted(tmp_path: Path, group: str, version: ssl.TLSVersion) -> None:
    server = server_context(tmp_path, authority().issue())
    server.set_ecdh_curve(group)
    server.maximum_version = version

    handshake(client_context(trusting_endpoint(), TOKEN), server)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_certificates_of_usual_curves_are_accepted_on_both_sides(
    tmp_path: Path, curve: ec.EllipticCurve, version: ssl.TLSVersion
) -> None:
    certificate_pem, key_pem = signed_by_itself(ec.generate_private_key(curve))
    path = tmp_path / "certificate.pem"
    path.write_text(certificate_pem + key_pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    server.maximum_version = version
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(cadata=certificate_pem)
    endpoint = Endpoint(SERVER, skip_tls_verify=True)

    _, accepted = handshake(client_context(endpoint, ClientCertificate(certificate_pem, Secret(key_pem))), server)

    assert accepted.getpeercert() is not None


def test_a_client_certificate_is_presented(tmp_path: Path) -> None:
    client = client_context(trusting_endpoint(), certificate_credential())

    _, server = handshake(client, server_context(tmp_path, authority().issue(), asks_for_client=True))

    certificate = server.getpeercert()
    assert certificate is not None
    assert (("commonName", "admin"),) in certificate["subject"]


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_no_key_is_left_on_disk_or_in_an_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    credential = certificate_credential()
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    highest_before = lowest_free_descriptor()

    client_context(trusting_endpoint(), credential)

    assert list(tmp_path.iterdir()) == []
    assert lowest_free_descriptor() == highest_before


def lowest_free_descriptor() -> int:
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.close(descriptor)
    return descriptor


def test_a_key_that_the_tls_library_finds_too_short_is_refused() -> None:
    credential = short_key_credential()

    with pytest.raises(CredentialInvalid, match="the TLS library refuses the client certificate: EE_KEY_TOO_SMALL"):
        client_context(trusting_endpoint(), credential)


def short_key_credential() -> Credential:
    certificate_pem, key_pem = rsa_pair(1024)
    return ClientCertificate(certificate_pem, Secret(key_pem))


def rsa_pair(bits: int) -> tuple[str, str]:
    """Returns a certificate that its own RSA key signs, and the key, as PEM."""
    return signed_by_itself(rsa.generate_private_key(65537, bits))


def signed_by_itself(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> tuple[str, str]:
    """Returns a certificate that its own key signs, and the key, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), key_pem.decode()
