"""Credentials: refusals, their text form, and dumps."""

import copy
import json
import pickle
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import msgspec
import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.x509.oid import NameOID

from k8s.credentials.credential import (
    BearerToken,
    ClientCertificate,
    Credential,
    CredentialInvalid,
    Secret,
    dump_credential,
    load_credential,
)
from tests.k8s.kubeconfig_samples import authority, client_pair

CANARY = "canary-5e0b"
SigningKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def certificate_credential() -> ClientCertificate:
    pair = client_pair()
    return ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))


def refused_certificate(certificate_pem: str, key_pem: str) -> str:
    with pytest.raises(CredentialInvalid) as refused:
        ClientCertificate(certificate_pem, Secret(key_pem))
    return str(refused.value)


def test_a_secret_shows_nothing() -> None:
    secret = Secret(CANARY)

    assert [repr(secret), str(secret), f"{secret}", f"{secret!r}"] == ["Secret(...)"] * 4


def test_a_secret_reveals_its_text_when_asked() -> None:
    assert Secret(CANARY).reveal() == CANARY


def test_secrets_compare_by_text() -> None:
    assert Secret("a\u00e9") == Secret("a\u00e9")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret(CANARY))


@pytest.mark.parametrize("encode", [json.dumps, orjson.dumps, msgspec.json.encode])
def test_a_secret_is_not_encoded_as_json(encode: object) -> None:
    assert callable(encode)
    with pytest.raises(TypeError):
        encode(BearerToken(Secret(CANARY)).token)


def test_a_secret_has_no_attributes_to_change() -> None:
    secret = Secret(CANARY)

    with pytest.raises(AttributeError):
        secret.value = "x"
    assert not hasattr(secret, "__dict__")


def test_copies_of_a_secret_stay_secrets() -> None:
    credential = BearerToken(Secret(CANARY))

    assert copy.deepcopy(credential) == credential == replace(credential)
    assert str(asdict(credential)) == "{'token': Secret(...)}"


@pytest.mark.parametrize("credential", [BearerToken(Secret(CANARY)), certificate_credential()])
def test_kc_11_a_credential_shows_nothing(credential: Credential) -> None:
    texts = f"{credential} {credential!r}"

    assert CANARY not in texts
    assert "-----" not in texts


@pytest.mark.parametrize("token", ["x", "a" * 16384, "kubeconfig-u-abc:def", "eyJ.e-_.+/=~"])
def test_tokens_that_a_header_carries_are_accepted(token: str) -> None:
    assert BearerToken(Secret(token)).token.reveal() == token


@pytest.mark.parametrize(
    "token",
    [
        "",
        " ",
        f"{CANARY} x",
        f"{CANARY}\r\nX: y",
        f"{CANARY}\n",
        f"{CANARY}\0",
        f"{CANARY}\x7f",
        "é",
        "\u20ac",
        "\ud800",
    ],
)
def test_tokens_that_no_header_carries_are_refused(token: str) -> None:
    with pytest.raises(CredentialInvalid) as refused:
        BearerToken(Secret(token))

    assert CANARY not in str(refused.value)


def test_a_token_that_is_too_long_is_refused() -> None:
    with pytest.raises(CredentialInvalid, match="the token has more than 16384 characters"):
        BearerToken(Secret("a" * 16385))


def test_text_around_pem_is_dropped() -> None:
    pair = client_pair()

    credential = ClientCertificate(
        f"subject=admin\n{pair.certificate_pem.decode()}trailer", Secret(f"\n{pair.key_pem.decode()}")
    )

    assert credential == certificate_credential()


def test_a_chain_is_kept_leaf_first() -> None:
    pair = client_pair()
    chain = (pair.certificate_pem + authority().pem).decode()

    assert ClientCertificate(chain, Secret(pair.key_pem.decode())).certificate_pem == chain


def test_a_certificate_says_until_when_it_is_valid() -> None:
    validity = certificate_credential().validity

    assert validity.not_before < datetime.now(UTC) < validity.not_after < datetime.now(UTC) + timedelta(days=31)


@pytest.mark.parametrize(
    ("key", "form"),
    [
        (rsa.generate_private_key(65537, 2048), serialization.PrivateFormat.TraditionalOpenSSL),
        (rsa.generate_private_key(65537, 2048), serialization.PrivateFormat.PKCS8),
        (ec.generate_private_key(ec.SECP384R1()), serialization.PrivateFormat.TraditionalOpenSSL),
        (ed25519.Ed25519PrivateKey.generate(), serialization.PrivateFormat.PKCS8),
    ],
    ids=["RSA in PKCS #1", "RSA in PKCS #8", "EC in SEC 1", "Ed25519"],
)
def test_keys_of_the_kinds_that_clusters_use_are_accepted(key: SigningKey, form: serialization.PrivateFormat) -> None:
    key_pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    assert ClientCertificate(self_signed(key), Secret(key_pem)).key_pem == Secret(key_pem)


def self_signed(key: SigningKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "admin")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, algorithm)
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_an_expired_certificate_is_a_credential() -> None:
    pair = authority().expired()

    credential = ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))

    assert credential.validity.not_after < datetime.now(UTC)


@pytest.mark.parametrize("pem", ["", "hello", "-----BEGIN CERTIFICATE-----"])
def test_a_certificate_that_is_not_pem_is_refused(pem: str) -> None:
    message = "the client certificate holds no PEM certificate (-----BEGIN CERTIFICATE-----)"
    assert refused_certificate(pem, client_pair().key_pem.decode()) == message


def test_a_certificate_that_is_garbage_is_refused() -> None:
    garbage = "-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n"

    message = "the client certificate holds a certificate that cannot be read"
    assert refused_certificate(garbage, client_pair().key_pem.decode()) == message


def test_a_key_among_the_certificates_is_refused() -> None:
    pair = client_pair()

    message = "the client certificate holds a private key where only certificates belong"
    assert refused_certificate((pair.certificate_pem + pair.key_pem).decode(), pair.key_pem.decode()) == message


@pytest.mark.parametrize(
    ("key_pem", "cause"),
    [
        ("", "holds no PEM private key"),
        ("-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----\n", "is a private key that cannot be read"),
        ("x" * 8193, "has more than 8192 bytes"),
    ],
)
def test_a_key_that_is_not_pem_is_refused(key_pem: str, cause: str) -> None:
    assert refused_certificate(client_pair().certificate_pem.decode(), key_pem) == f"the client key {cause}"


def test_several_keys_are_refused() -> None:
    pair = client_pair()

    message = "the client key holds several private keys"
    assert refused_certificate(pair.certificate_pem.decode(), pair.key_pem.decode() * 2) == message


def test_a_key_of_another_certificate_is_refused() -> None:
    other = authority().client("other")

    message = "the client key is not the key of this certificate"
    assert refused_certificate(client_pair().certificate_pem.decode(), other.key_pem.decode()) == message


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
def test_a_key_with_a_passphrase_is_refused(form: serialization.PrivateFormat) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    locked = key.private_bytes(serialization.Encoding.PEM, form, serialization.BestAvailableEncryption(b"x"))

    message = "the client key has a passphrase; write it without one (openssl pkey -in FILE)"
    assert refused_certificate(client_pair().certificate_pem.decode(), locked.decode()) == message


def test_a_key_that_cannot_sign_is_refused() -> None:
    key = x25519.X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    message = "the client key is neither an RSA, EC nor Edwards curve key"
    assert refused_certificate(client_pair().certificate_pem.decode(), key.decode()) == message


@pytest.mark.parametrize("credential", [BearerToken(Secret(CANARY)), certificate_credential()])
def test_a_credential_survives_a_dump(credential: Credential) -> None:
    assert load_credential(dump_credential(credential)) == credential


def test_the_dump_of_a_token_is_stable() -> None:
    assert dump_credential(BearerToken(Secret("x"))) == b'{"version": 1, "type": "token", "token": "x"}'


@pytest.mark.parametrize(
    "dumped",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"version": 2, "type": "token", "token": "canary-5e0b"}',
        b'{"version": 1, "type": "password", "password": "canary-5e0b"}',
        b'{"version": 1, "type": "token", "token": ["canary-5e0b"]}',
    ],
)
def test_bytes_that_are_no_dump_are_refused(dumped: bytes) -> None:
    with pytest.raises(CredentialInvalid) as refused:
        load_credential(dumped)

    assert str(refused.value) == "the stored credential is of a kind or version that this release does not know"
    assert refused.value.__context__ is None
