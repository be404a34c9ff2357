"""Log events of unexpected errors."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from server.observe.logs import configure_logging
from server.settings.observation import LogFormat
from server.settings.settings import Settings

CANARY = "canary-token"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, configuration = root.handlers, root.level, structlog.get_config()
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**configuration)


@pytest.mark.parametrize("log_format", LogFormat)
def test_er_5_a_traceback_shows_no_local_variables(log_format: LogFormat) -> None:
    stream = StringIO()
    configure_logging(Settings(log_format=log_format), stream)

    def fail() -> None:
        token = "-".join(("canary", "token"))
        raise ValueError(f"a mistake \x1b[31m of {len(token)}")

    try:
        fail()
    except ValueError:
        structlog.stdlib.get_logger("server.requests").exception("unexpected error")

    assert "in fail" in stream.getvalue()
    assert CANARY not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()
