"""Expiry of credentials, as far as they state it."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.credentials.credential import BearerToken, ClientCertificate, Credential, PodServiceAccount, Secret
from k8s.credentials.expiry import CredentialFacts, CredentialKind, expiry_in_words, facts_of, token_expiry
from k8s.credentials.plugin import ExecPlugin
from tests.k8s.kubeconfig_samples import client_pair

NO_TIMES: tuple[object, ...] = ("1", None, True, [], -1, 0, 1e30, float("nan"), float("inf"), 10**400)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def jwt(claims: object, *, header: str = "eyJhbGciOiJub25lIn0") -> str:
    """Returns a text that looks like a JWT, without a signature."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{header}.{payload}.c2lnbmF0dXJl"


def test_a_jwt_says_when_it_ends() -> None:
    assert token_expiry(jwt({"exp": NOW.timestamp(), "sub": "x"})) == NOW
    assert token_expiry(jwt({"exp": int(NOW.timestamp())})) == NOW


@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        "a.b",
        "a.b.c",
        "..",
        "a.!!!.c",
        jwt({}),
        jwt([1]),
        jwt("exp"),
        *(jwt({"exp": value}) for value in NO_TIMES),
        f"a.{base64.urlsafe_b64encode(b'[' * 10_000).decode().rstrip('=')}.c",
    ],
)
def test_a_token_that_does_not_say_has_no_end(token: str) -> None:
    assert token_expiry(token) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    token_expiry(text)
    token_expiry(f"a.{text}.c")


@pytest.mark.parametrize(
    ("credential", "kind"),
    [
        (BearerToken(Secret("opaque")), CredentialKind.TOKEN),
        (PodServiceAccount(), CredentialKind.POD_SERVICE_ACCOUNT),
        (ExecPlugin(command="aws"), CredentialKind.EXEC_PLUGIN),
    ],
)
def test_what_has_no_end_or_renews_itself(credential: Credential, kind: CredentialKind) -> None:
    assert facts_of(credential) == CredentialFacts(kind, None)


def test_a_client_certificate_ends_with_its_validity() -> None:
    pair = client_pair()
    credential = ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))

    assert facts_of(credential) == CredentialFacts(CredentialKind.CLIENT_CERTIFICATE, credential.validity.not_after)


@pytest.mark.parametrize(("days", "is_soon"), [(-1, True), (0, True), (14, True), (14.01, False), (400, False)])
def test_it_is_warned_of_14_days_ahead(days: float, is_soon: bool) -> None:
    assert CredentialFacts(CredentialKind.TOKEN, NOW + timedelta(days=days)).is_expiring(NOW) is is_soon


def test_when_in_words() -> None:
    assert expiry_in_words(NOW - timedelta(days=1), NOW) == "expired on 2026-02-28"
    assert expiry_in_words(NOW + timedelta(days=1, hours=1), NOW) == "expires on 2026-03-02, in 1 day"
    assert expiry_in_words(NOW + timedelta(days=9), NOW) == "expires on 2026-03-10, in 9 days"
