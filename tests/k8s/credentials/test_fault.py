"""The fault of a credential by its own dates."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from k8s.credentials.credential import ClientCertificate, Secret
from k8s.credentials.fault import Presented
from tests.k8s.kubeconfig_samples import authority

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _certificate(*days: float) -> ClientCertificate:
    begins, ends = days
    pair = authority().client("ann", days=(begins, ends))
    return ClientCertificate(pair.certificate_pem.decode(), Secret(pair.key_pem.decode()))


def _token(**claims: object) -> Secret:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Secret(f"canary.{body}.canary")


@pytest.mark.parametrize(
    ("days", "words"), [((-9, -2), "expired on"), ((2, 9), "is not valid before"), ((-1, 1), None)]
)
def test_a_certificate_out_of_its_time_says_when(days: tuple[float, float], words: str | None) -> None:
    certificate = _certificate(*days)
    at = certificate.validity.not_after if words == "expired on" else certificate.validity.not_before

    expected = f"the client certificate {words} {at:%Y-%m-%d} at {at:%H:%M} UTC" if words else ""
    assert Presented(certificate).fault() == expected


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"exp": NOW.timestamp()}, "the token expired on 2026-03-01 at 12:00 UTC"),
        ({"exp": NOW.timestamp() - 90.5}, "the token expired on 2026-03-01 at 11:58 UTC"),
        (
            {"nbf": NOW.timestamp() + 60, "exp": NOW.timestamp() + 99},
            "the token is not valid before 2026-03-01 at 12:01 UTC",
        ),
        ({"exp": NOW.timestamp() + 1}, ""),
        ({"nbf": NOW.timestamp()}, ""),
        ({}, ""),
        ({"exp": "yesterday", "nbf": None}, ""),
        ({"exp": True}, ""),
        ({"exp": 1e300, "nbf": -1}, ""),
    ],
)
def test_a_token_out_of_its_time_says_when(claims: dict[str, object], fault: str) -> None:
    assert Presented(token=_token(**claims)).fault(NOW) == fault


@pytest.mark.parametrize("token", ["opaque", "a.b.c", "a..c", "a.W10.c", "a.MQ.c"])
def test_a_token_without_claims_has_no_fault(token: str) -> None:
    assert Presented(token=Secret(token)).fault(NOW) == ""


def test_without_a_credential_there_is_no_fault() -> None:
    assert Presented().fault() == ""


def test_kc_11_nothing_of_the_credential_is_shown() -> None:
    expired = Presented(_certificate(-9, -2)), Presented(token=_token(exp=1))

    for presented in expired:
        shown = f"{presented.fault()} {presented!r}"
        assert "canary" not in shown
        assert "BEGIN" not in shown


def test_the_clock_is_ours() -> None:
    token = _token(exp=(datetime.now(UTC) + timedelta(hours=1)).timestamp())

    assert Presented(token=token).fault() == ""
