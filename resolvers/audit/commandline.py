"""Audit events of changes by the command line, stored before the change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from getpass import getuser
from typing import Final, Unpack

from resolvers.audit.auditor import Auditor
from resolvers.audit.pendingevent import PendingEvent
from resolvers.audit.policy import AuditStore
from resolvers.caller import OPERATOR
from store.audit.event import AuditAction, AuditTexts

COMMAND_LINE: Final = "command line"
"""The verb of such an event: the operator has the database and the keys, and needs neither HTTP nor an API server."""


class _CommandLineAuditor(Auditor):
    """An auditor whose changes have the verb of the command line."""

    @asynccontextmanager
    async def changing(
        self, action: AuditAction, actor: str, **texts: Unpack[AuditTexts]
    ) -> AsyncIterator[PendingEvent]:
        named: AuditTexts = {"verb": COMMAND_LINE, **texts}
        async with super().changing(action, actor, **named) as pending:
            yield pending


@asynccontextmanager
async def command_line_auditor(log: AuditStore) -> AsyncIterator[Auditor]:
    """Yields the auditor of a command; at the end every event is stored, or logged as lost."""
    auditor = _CommandLineAuditor(log)
    try:
        yield auditor
    finally:
        await auditor.close()


@asynccontextmanager
async def on_record(log: AuditStore, action: AuditAction, **texts: Unpack[AuditTexts]) -> AsyncIterator[None]:
    """Stores an audit event, then lets the change happen.

    Raises:
        StoreError: The event cannot be stored, so the change does not happen.
    """
    async with command_line_auditor(log) as auditor, auditor.changing(action, operator(), **texts):
        yield


def operator() -> str:
    """Returns the name of the operator, with that of the operating-system user."""
    try:
        return f"{OPERATOR.name} ({getuser()})"
    except OSError:  # a user id without a name, as containers have
        return OPERATOR.name
