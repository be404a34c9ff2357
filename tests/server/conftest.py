"""Fixtures of the server's tests."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from server.cli import failures
from server.main import run
from server.observe.logs import OWN_LOGGERS
from tests.server.commandline import Cli, Ran


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Restores the logging, which is configured for the whole process."""
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in OWN_LOGGERS)]
    before = [(logger, list(logger.handlers), logger.level) for logger in loggers]
    yield
    for logger, handlers, level in before:
        logger.handlers = handlers
        logger.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs commands in this process, with a home of their own."""
    for name in [name for name in os.environ if name.startswith("FLEETGRAPH_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("FLEETGRAPH_DATABASE_URL", f"sqlite:///{tmp_path}/fleetgraph.db")

    def invoke(*arguments: str) -> Ran:
        capsys.readouterr()
        exit_code = failures.guarded(lambda: run(list(arguments)))
        printed = capsys.readouterr()
        return Ran(exit_code, printed.out, printed.err)

    return invoke
