"""A log without a reader: nothing waits for it, and lost lines are counted in the next one."""

import contextvars
import fcntl
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.observe.logs import configure_logging
from server.observe.logwriter import LogWriter, logging_beside
from server.settings.observation import LogFormat
from server.settings.settings import Settings
from tests.server.commandline import Cli
from tests.server.serverprocess import CACHE, ROOT

LOG = logging.getLogger("server.tests")
SMALLEST_PIPE_BYTES = 4096


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


class StuckStream(StringIO):
    """A stream that blocks until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.is_stuck, self.is_free = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.is_stuck.set()
        self.is_free.wait()
        return super().write(text)


def _lines(stream: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_lines_are_written_in_their_order_and_with_their_context() -> None:
    stream = StringIO()
    configure_logging(Settings(log_format=LogFormat.JSON), stream)

    with logging_beside():
        for number in range(1000):
            LOG.info("line", extra={"number": number})

    assert [line["number"] for line in _lines(stream)] == list(range(1000))


def test_a_line_knows_what_was_going_on_when_it_was_logged() -> None:
    stream, said = StringIO(), contextvars.ContextVar("said", default="")

    class Formatter(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return f"{record.getMessage()} {said.get()}"

    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter())
    writer = LogWriter(handler)
    for word in "ab":
        said.set(word)
        writer.handle(logging.LogRecord("x", logging.INFO, "x", 0, "said", (), None))
    writer.close()

    assert stream.getvalue() == "said a\nsaid b\n"


def test_a_traceback_is_that_of_its_own_exception() -> None:
    stream = StringIO()
    configure_logging(Settings(log_format=LogFormat.JSON), stream)

    with logging_beside():
        for word in ("first", "second"):
            try:
                raise ValueError(word)
            except ValueError:
                LOG.exception("failed")

    assert ["ValueError: first" in str(line["exception"]) for line in _lines(stream)] == [True, False]


def test_what_does_not_fit_is_counted_and_said() -> None:
    stream = StuckStream()
    configure_logging(Settings(log_format=LogFormat.JSON), stream)
    writer = LogWriter(logging.getLogger().handlers[0], waiting_lines=5)  # type: ignore[arg-type]
    logging.getLogger().handlers = [writer]

    LOG.info("first")
    stream.is_stuck.wait()
    for number in range(12):
        LOG.info("line", extra={"number": number})
    stream.is_free.set()
    writer.close()

    first, lost, *others = _lines(stream)
    assert first["event"] == "first"
    assert (lost["event"], lost["lost"]) == ("lines of the log were lost", 7)
    assert [line["number"] for line in others] == list(range(5))


def test_a_line_that_cannot_be_made_is_not_the_last() -> None:
    stream = StringIO()
    configure_logging(Settings(log_format=LogFormat.JSON), stream)

    with logging_beside():
        LOG.info("%d", "no number")
        LOG.info("another")

    assert [line["event"] for line in _lines(stream)] == ["a line of the log could not be written", "another"]


def test_a_server_whose_log_nobody_reads_answers_and_stops(cli: Cli, tmp_path: Path) -> None:
    token = cli("tokens", "create", "--name", "asking").out.strip()
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(CACHE), "HOME": str(tmp_path)}
    own["FLEETGRAPH_DATABASE_URL"] = f"sqlite:///{tmp_path}/fleetgraph.db"
    command = [sys.executable, "-m", "server.main", "serve", "--port", "0"]
    with subprocess.Popen(command, env=own, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            line = next(item for item in process.stderr if "listens on" in item)
            if hasattr(fcntl, "F_SETPIPE_SZ"):
                fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE_BYTES)
            statuses = [_asked(urlsplit(line.split()[-1]).netloc, token) for _ in range(300)]
            process.terminate()
            process.wait(60)
            log = process.stderr.read()
        finally:
            process.kill()

    assert statuses == [200] * 300
    assert process.returncode == 0
    assert len(log) > SMALLEST_PIPE_BYTES // 2


def _asked(address: str, token: str) -> int:
    connection = HTTPConnection(address, timeout=60)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    try:
        connection.request("POST", "/graphql", json.dumps({"query": "{ clusters { name } }"}), headers)
        return connection.getresponse().status
    finally:
        connection.close()
