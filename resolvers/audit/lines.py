"""Audit events as lines of the process's log."""

import logging
from dataclasses import asdict
from typing import Final

from store.audit.event import AuditEvent

LOGGER: Final = "audit"
LOG: Final = logging.getLogger(LOGGER)


def logged(event: AuditEvent) -> None:
    """Logs an event."""
    LOG.info("audit", extra={"audit": _fields(event)})


def logged_as_lost(event: AuditEvent) -> None:
    """Logs an event that could not be stored."""
    LOG.error("audit event is not stored", extra={"audit": _fields(event)})


def _fields(event: AuditEvent) -> dict[str, object]:
    """Returns the fields of an event that are not empty, times as texts."""
    fields = {name: value for name, value in asdict(event).items() if value not in ("", ())}
    return {**fields, "at": event.at.isoformat(), "until": event.until.isoformat()}
