"""Lines of the log, written by a thread of its own: where nobody reads them, nobody waits for that.

A pipe that is full stops whoever writes to it, and with the event loop's thread the whole process. What is to be
written waits within a bound; what does not fit is counted, and the next line that is written says how much was lost.
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
"""The most lines that wait."""

_CLOSING_S: Final = 2.0
"""Seconds that the last lines have at the end."""

_Waiting: TypeAlias = tuple[Context, logging.LogRecord] | str


class LogWriter(logging.Handler):
    """Formats and writes what a handler of a stream would, without making anybody wait."""

    def __init__(self, target: "logging.StreamHandler[Any]", *, waiting_lines: int = WAITING_LINES) -> None:
        """Takes the handler whose stream and formatter are used, and how many lines may wait."""
        super().__init__(target.level)
        self.setFormatter(target.formatter)
        self._stream = target.stream
        self._waiting_lines = waiting_lines
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._lost = 0
        self._thread = Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Puts a record where it waits; one with an exception is formatted at once, while that is known."""
        if self._waiting.qsize() >= self._waiting_lines:
            self._lost += 1
        elif record.exc_info or (isinstance(record.msg, dict) and record.msg.get("exc_info")):
            self._waiting.put(self.format(record))
        else:
            self._waiting.put((copy_context(), record))

    def close(self) -> None:
        """Writes what waits, unless that takes too long."""
        self._waiting.put(None)
        self._thread.join(_CLOSING_S)
        super().close()

    def _run(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            if self._lost:
                lost, self._lost = self._lost, 0
                self._written(self.format(_lines_lost(lost)))
            try:
                self._written(waiting if isinstance(waiting, str) else waiting[0].run(self.format, waiting[1]))
            except Exception:  # noqa: BLE001  a line that cannot be made must not be the last one
                self._written(self.format(_unprintable()))

    def _written(self, line: str) -> None:
        """Writes past Python's buffer, whose lock would keep the process from ending while the stream is stuck."""
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
        except OSError:  # whoever read it is gone
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
    """Writes the process's log in a thread, as long as the context lasts."""
    root = logging.getLogger()
    before = root.handlers
    root.handlers = [LogWriter(each) if type(each) is logging.StreamHandler else each for each in before]
    writers = [each for each in root.handlers if isinstance(each, LogWriter)]
    try:
        yield
    finally:
        root.handlers = before
        for writer in writers:
            writer.close()
