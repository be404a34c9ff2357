"""Secrets in the environment, and the first lines on a terminal."""

import os
import subprocess
import sys

import pytest

from server.serve.registryserver import forget_secrets, print_welcome
from server.settings.settings import load_settings


def test_cr_11_secrets_are_taken_out_once_they_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEETGRAPH_ENCRYPTION_KEYS", "v1:canary")
    monkeypatch.setenv("FLEETGRAPH_DATABASE_URL", "postgresql://u:canary@h/d")
    monkeypatch.setenv("FLEETGRAPH_LOG_LEVEL", "debug")
    settings = load_settings()

    forget_secrets()

    assert settings.encryption_keys is not None
    assert settings.encryption_keys.get_secret_value() == "v1:canary"
    assert "canary" not in str(os.environ)
    assert os.environ["FLEETGRAPH_LOG_LEVEL"] == "debug"
    child = subprocess.run(
        [sys.executable, "-c", "import os; print(os.environ)"], capture_output=True, text=True, check=True
    )
    assert "canary" not in child.stdout


@pytest.mark.parametrize("has_clusters", [True, False])
def test_a_terminal_shows_the_pages_and_the_way_to_a_token(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, has_clusters: bool
) -> None:
    print_welcome("http://127.0.0.1:8000", has_clusters=has_clusters)
    in_a_pipe = capsys.readouterr()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    print_welcome("http://127.0.0.1:8000", has_clusters=has_clusters)

    shown = capsys.readouterr().err
    assert (in_a_pipe.out, in_a_pipe.err) == ("", "")
    assert "Start page  http://127.0.0.1:8000/\n" in shown
    assert "GraphiQL    http://127.0.0.1:8000/graphiql\n" in shown
    assert "fleetgraph tokens create --name me --admin\n" in shown
    assert ("fleetgraph clusters import" in shown) is not has_clusters
    assert max(map(len, shown.splitlines())) <= 80
