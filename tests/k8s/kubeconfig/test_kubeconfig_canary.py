"""Secrets of a kubeconfig, which appear only where they are revealed on purpose."""

import json
import logging
import pprint
import traceback
from base64 import b64encode

import pytest

from k8s.kubeconfig.errors import KubeconfigError
from tests.k8s.kubeconfig_samples import TOKEN, Sample, certificate_user, client_pair, encoded, file_refusal, parse


def texts_of(value: object) -> str:
    return "\n".join([repr(value), str(value), f"{value}", pprint.pformat(value)])


def test_kc_11_a_context_shows_no_token() -> None:
    assert TOKEN not in texts_of(Sample().read())


def test_kc_11_a_context_shows_no_pem() -> None:
    assert "-----" not in texts_of(Sample(user=certificate_user(client_pair())).read())


def test_kc_11_a_kubeconfig_shows_no_values() -> None:
    text = texts_of(parse(Sample(user=certificate_user(client_pair()) | {"token": TOKEN}).document()))

    assert TOKEN not in text
    assert encoded(client_pair().key_pem)[:40] not in text


def test_kc_11_a_log_line_shows_no_token(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("imported %s", Sample().read())

    assert TOKEN not in caplog.text


CANARY = "canary-9d41"
ENCODED = b64encode(CANARY.encode()).decode()
BAD_USERS: dict[str, dict[str, object]] = {
    "token with a space": {"token": f"{CANARY} x"},
    "token with a line break": {"token": f"{CANARY}\n"},
    "token beside a certificate": certificate_user(client_pair()) | {"token": CANARY},
    "certificate that is none": {"client-certificate-data": ENCODED, "client-key-data": ENCODED},
    "key that is none": certificate_user(client_pair()) | {"client-key-data": ENCODED},
    "key that is not base64": certificate_user(client_pair()) | {"client-key-data": f"{CANARY}!"},
    "password": {"username": "admin", "password": CANARY},
    "exec environment": {"exec": {"command": "x", "env": [{"name": "TOKEN", "value": CANARY}]}},
    "token that is a list": {"token": [CANARY]},
}


@pytest.mark.parametrize("user", BAD_USERS.values(), ids=BAD_USERS)
def test_kc_11_a_refused_user_shows_no_secret(user: dict[str, object]) -> None:
    assert_without_canary(Sample(user=user).refusal())


@pytest.mark.parametrize(
    "server", [f"https://user:{CANARY}@api.example", f"https://api.example?{CANARY}", f"http://{CANARY}.example"]
)
def test_kc_11_a_refused_server_shows_no_secret(server: str) -> None:
    assert_without_canary(Sample(cluster={"server": server}).refusal())


@pytest.mark.parametrize("text", [f"token: '{CANARY}", f"- {CANARY}\n{CANARY}: [", f"{CANARY}\0", f"{CANARY}\udcff"])
def test_kc_11_a_refused_file_shows_no_secret(text: str) -> None:
    assert_without_canary(file_refusal(text.encode("utf-8", "surrogateescape")))


def assert_without_canary(refusal: KubeconfigError) -> None:
    shown_texts = [str(refusal), repr(refusal), json.dumps(refusal.args), *traceback.format_exception(refusal)]
    assert not [text for text in shown_texts if CANARY in text or ENCODED in text]
