"""Secrets in the environment."""

import os
import subprocess
import sys

import pytest

from server.serve.registryserver import forget_secrets
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
