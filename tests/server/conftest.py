"""What tests of the server share."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from server.logs import OWN_LOGGERS


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Logging is configured for the whole process, so each test puts it back."""
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in OWN_LOGGERS)]
    before = [(logger, list(logger.handlers), logger.level) for logger in loggers]
    yield
    for logger, handlers, level in before:
        logger.handlers = handlers
        logger.setLevel(level)
    structlog.reset_defaults()
