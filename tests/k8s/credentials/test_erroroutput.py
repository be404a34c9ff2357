"""The error output of exec plugins: what is shown of it, and what never."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from k8s.credentials.erroroutput import ErrorOutput, secrets_among, shown
from tests.processortime import ratio

DESCRIPTORS = Path("/proc/self/fd")
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        "An error occurred (ExpiredToken) when calling the AssumeRole operation: token: expired",
        "error: exec: executable gke-gcloud-auth-plugin failed with exit code 1",
        "ERROR: (gcloud.config.config-helper) There was a problem refreshing your current auth tokens: invalid_grant",
        "Unable to locate credentials. You can configure credentials by running aws configure.",
        "/usr/lib/python3.11/site-packages/botocore/session.py:12: permission denied",
        "The config profile (prod) could not be found",
        "https://login.microsoftonline.com/common/oauth2/token: 400 Bad Request",
        "dial tcp: lookup sts.eu-west-1.amazonaws.com: no such host",
    ],
)
def test_words_are_shown(text: str) -> None:
    assert shown(text, ()) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"token {JWT} is invalid", "token *** is invalid"),
        (f"Authorization: Bearer {JWT}", "Authorization: ***"),
        ("authorization: Basic dXNlcjpwYXNz, retrying", "authorization: ***, retrying"),
        ("sent bearer abc123", "sent bearer ***"),
        ("k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdzLmNvbS8x", "***"),
        ("sha256~0123456789abcdefghijklmnop", "***"),
        ("kubeconfig-user-abcde12345:0123456789abcdefgh01", "***:***"),
        ('{"access_token": "x1y2", "expires": 3}', '{"access_token": "***", "expires": 3}'),
        ("client_secret=hunter2&grant=x", "client_secret=***"),
        ("AWS_SECRET_ACCESS_KEY=wJalr/K7MDENG is not valid", "AWS_SECRET_ACCESS_KEY=*** is not valid"),
        ("password: hunter2", "password: ***"),
        ("--api-key='abc'", "--api-key='***'"),
        ("AKIAIOSFODNN7EXAMPLE1", "***"),
        ('{"password": "p,ass;word two", "x": 1}', '{"password": "***", "x": 1}'),
        ("client_secret='a b c' is wrong", "client_secret='***' is wrong"),
        ('secret="a\\"b c" is wrong', 'secret="***" is wrong'),
        (r"body {\"password\": \"a b\"}, status 400", r"body {\"password\": \"***\"}, status 400"),
        ('password=p,a;s"s, retrying', "password=***, retrying"),
        ("Authorization: token abc", "Authorization: ***"),
        ("x-api-key: abc", "x-api-key: ***"),
        ("pwd=abc", "pwd=***"),
        (
            "proxyconnect tcp: http://user:hunter2@proxy:3128: refused",
            "proxyconnect tcp: http://***@proxy:3128: refused",
        ),
        ("postgres://u:p@ss@h/db?sslmode=x", "postgres://***@h/db?sslmode=x"),
        ("git clone https://token@example.com/x", "git clone https://***@example.com/x"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, safe: str) -> None:
    assert shown(text, ()) == safe


def test_known_secrets_are_hidden_whatever_they_look_like() -> None:
    assert shown("a plain-word, and plain-word-two", ("plain-word", "plain-word-two", "a")) == "a ***, and ***"


def test_secrets_are_the_values_behind_names_of_secrets() -> None:
    arguments = ("get-token", "--client-secret", "one", "--password=two", "--region", "eu", "--token", "--other", "x")
    environment = (("AWS_SECRET_ACCESS_KEY", "three"), ("AWS_PROFILE", "prod"), ("GITHUB_TOKEN", "four"))

    assert sorted(secrets_among(arguments, environment)) == ["four", "one", "three", "two"]


def test_the_end_is_shown_on_one_line_without_colours() -> None:
    assert shown("\x1b[31mfirst\x1b[0m\r\n\n  second\tline\n", ()) == "first second line"
    assert shown("a " * 1000 + "end", ()) == "... " + ("a " * 1000 + "end")[-500:]


async def test_a_long_output_is_read_while_it_comes_and_its_end_kept() -> None:
    code = "import sys; sys.stderr.write('x ' * 1_000_000 + 'end')"
    with ErrorOutput() as errors:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stderr=errors.descriptor)
        errors.close_writer()
        await process.wait()

        assert errors.excerpt(()).endswith("x x end")
        assert len(errors.excerpt(())) <= 504


async def test_a_secret_that_is_cut_at_the_beginning_is_not_shown() -> None:
    with ErrorOutput() as errors:
        os.write(errors.descriptor, b"secret-of-the-plugin" + b" " * (8 * 1024 - 10) + b"end")

        assert errors.excerpt(("secret-of-the-plugin",)) == "end"


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "token",
        "a.",
        "0a" * 10 + "/",
        "password ",
        "authorization ",
        "bearer ",
        "\x1b[",
        "'token' ",
        "=",
        "-",
        "://",
        "password='",
        "pwd=,",
        "\\",
    ],
)
def test_no_text_takes_more_time_than_its_length(unit: str) -> None:
    texts = [(unit * (size // len(unit) + 1))[:size] for size in (2 * 1024, 32 * 1024)]

    assert ratio(lambda: shown(texts[1], ()), lambda: shown(texts[0], ())) < 64  # 16 times as long, 256 if quadratic


async def test_a_child_that_holds_it_open_delays_nothing() -> None:
    with ErrorOutput() as errors:
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", "echo failed >&2; sleep 60 & echo $!",
            stdout=subprocess.PIPE, stderr=errors.descriptor,
        )  # fmt: skip
        errors.close_writer()
        assert process.stdout is not None
        child = int(await process.stdout.readline())
        try:
            assert errors.excerpt(()) == "failed"
        finally:
            os.kill(child, 9)
            await process.wait()


async def test_all_descriptors_are_closed() -> None:
    before = _open_descriptors()
    for _ in range(3):
        with ErrorOutput() as errors:
            errors.excerpt(())

    assert _open_descriptors() == before


def _open_descriptors() -> int:
    return len(list(DESCRIPTORS.iterdir()))
