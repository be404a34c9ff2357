"""Events of the audit as lines of the process's log."""

import logging
from dataclasses import asdict
from typing import Final

from store.audit.event import AuditEvent

LOGGER: Final = "audit"
LOG: Final = logging.getLogger(LOGGER)


def logged(event: AuditEvent) -> None:
    """Puts an event in the log, as it is now."""
    LOG.info("audit", extra={"audit": _shown(event)})


def logged_as_lost(event: AuditEvent) -> None:
    """Puts an event in the log that is nowhere else."""
    LOG.error("audit event is not stored", extra={"audit": _shown(event)})


def _shown(event: AuditEvent) -> dict[str, object]:
    """What there is to say, times as texts."""
    said = {name: value for name, value in asdict(event).items() if value not in ("", ())}
    return {**said, "at": event.at.isoformat(), "until": event.until.isoformat()}
