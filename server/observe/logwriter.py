"""Log lines, written by a separate thread, so that a full pipe does not block the event loop.

Lines wait in a bounded queue. Lines that do not fit are counted, and the next line that is written says how many were
lost.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from io import UnsupportedOperation
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeAlias

WAITING_LINES: Final = 10_000
"""The maximum number of waiting lines."""

_CLOSING_S: Final = 2.0
"""Seconds for the last lines at the end of the process."""

_Waiting: TypeAlias = tuple[Context, logging.LogRecord] | str


class LogWriter(logging.Handler):
    """A handler that formats and writes like a stream handler, without blocking the caller."""

    def __init__(self, target: "logging.StreamHandler[Any]", *, waiting_lines: int = WAITING_LINES) -> None:
        """Starts the thread; the stream and the formatter are those of `target`."""
        super().__init__(target.level)
        self.setFormatter(target.formatter)
        self._stream = target.stream
        self._waiting_lines = waiting_lines
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._lost = 0
        self._thread = Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queues a record; one with an exception is formatted at once, while the exception is available."""
        if self._waiting.qsize() >= self._waiting_lines:
            self._lost += 1
        elif record.exc_info or (isinstance(record.msg, dict) and record.msg.get("exc_info")):
            self._waiting.put(self.format(record))
        else:
            self._waiting.put((copy_context(), record))

    def close(self) -> None:
        """Writes the waiting lines, for 2 s at most."""
        self._waiting.put(None)
        self._thread.join(_CLOSING_S)
        super().close()

    def _run(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            if self._lost:
                lost, self._lost = self._lost, 0
                self._write(self.format(_lines_lost(lost)))
            try:
                self._write(waiting if isinstance(waiting, str) else waiting[0].run(self.format, waiting[1]))
            except Exception:  # noqa: BLE001  an unformattable line must not end the thread
                self._write(self.format(_unprintable()))

    def _write(self, line: str) -> None:
        """Writes past Python's buffer: its lock would prevent the process from ending while the stream is blocked."""
        text = f"{line}\n"
        try:
            descriptor = self._stream.fileno()
        except UnsupportedOperation:
            self._stream.write(text)
            return
        rest = text.encode(self._stream.encoding, self._stream.errors or "strict")
        try:
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except OSError:  # the reader is gone
            return


def _lines_lost(lost: int) -> logging.LogRecord:
    record = logging.LogRecord("server.logwriter", logging.WARNING, __file__, 0, "lines of the log were lost", (), None)
    record.lost = lost
    return record


def _unprintable() -> logging.LogRecord:
    return logging.LogRecord(
        "server.logwriter", logging.ERROR, __file__, 0, "a line of the log could not be written", (), None
    )


@contextmanager
def logging_beside() -> Iterator[None]:
    """Writes the process's log in a thread while the context is open."""
    root = logging.getLogger()
    before = root.handlers
    root.handlers = [LogWriter(handler) if type(handler) is logging.StreamHandler else handler for handler in before]
    writers = [handler for handler in root.handlers if isinstance(handler, LogWriter)]
    try:
        yield
    finally:
        root.handlers = before
        for writer in writers:
            writer.close()
