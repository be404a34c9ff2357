"""Structured logs: one line an event, and nothing that libraries log about requests and bodies."""

import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from resolvers.audit.auditor import LOGGER as AUDIT_LOGGER
from server.observe.logfile import open_log_file
from server.ratelimit.tokenbucket import TokenBucket
from server.settings.observation import LogFormat
from server.settings.settings import Settings
from server.terminal.terminal import printable

OWN_LOGGERS: Final = ("server", "graph", "resolvers", "k8s", "store")


_HTTP_LOGGER: Final = "uvicorn.error"
"""It warns of each invalid request, and any client can send many."""


class _FewWarnings(logging.Filter):
    """A filter that passes at most one warning a second, and all errors."""

    def __init__(self) -> None:
        super().__init__()
        self._bucket = TokenBucket(per_s=1, burst=1)

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.WARNING or self._bucket.wait_s(most_s=0) is not None


def configure_logging(settings: Settings, stream: TextIO | None = None, *, always_audits: bool = True) -> None:
    """Sends all events to `stream`, or to stderr.

    Our own loggers have the level of the settings. Libraries never go below WARNING: at DEBUG they write headers,
    statements and URLs with their queries. With `always_audits`, the audit is logged at every level, else from INFO on.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(settings.log_format))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.WARNING))
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)
    logging.getLogger(_HTTP_LOGGER).filters = [_FewWarnings()]
    logging.getLogger(AUDIT_LOGGER).setLevel(logging.INFO if always_audits else level)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


@contextmanager
def logging_to_file(settings: Settings) -> Iterator[None]:
    """Sends all events to the user's log file, so that a command prints its result only."""
    try:
        stream = open_log_file()
    except OSError:
        configure_logging(settings)
        yield
        return
    with stream:
        configure_logging(settings, stream)
        try:
            yield
        finally:
            logging.getLogger().handlers = []  # the stream is closed now


def _shared() -> Sequence[Processor]:
    return (
        structlog.stdlib.filter_by_level,
        *_described(),
    )


def _described() -> Sequence[Processor]:
    return (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    )


def _formatter(log_format: LogFormat) -> logging.Formatter:
    renderer: tuple[Processor, ...] = (
        (structlog.processors.format_exc_info, structlog.processors.JSONRenderer())
        if log_format is LogFormat.JSON
        else (_printable_event, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_write_traceback))
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_described(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )


def _printable_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Returns the event with control characters escaped for a terminal; JSON escapes them by itself."""
    return {key: printable(value) if isinstance(value, str) else value for key, value in event.items()}


def _write_traceback(stream: TextIO, exc_info: ExcInfo) -> None:
    """Python's own traceback: structlog's, where Rich is installed, shows local variables, and with them tokens."""
    lines = "".join(traceback.format_exception(*exc_info)).splitlines()
    stream.write("\n" + "\n".join(map(printable, lines)))
