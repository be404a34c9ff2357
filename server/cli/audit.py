"""`audit list`."""

import asyncio

from server.composition.registry import opened_registry
from server.settings.settings import load_settings
from server.terminal.output import Json, note, print_json, print_table
from store.audit.event import AuditEvent, AuditFilter


def list_events(events_filter: AuditFilter, *, first: int, as_json: bool) -> None:
    """Prints events, the newest first; raises StoreError."""
    events = asyncio.run(_events(events_filter, first))
    if as_json:
        print_json([_json(event) for event in events])
    elif not events:
        note("There are no such events.")
    else:
        columns = ("AT", "CALLER", "ACTION", "OUTCOME", "CLUSTER", "AS", "VERB", "RESOURCE", "NAME", "COUNT", "REQUEST")
        print_table(columns, [_row(event) for event in events], secondary=("VERB", "AS", "COUNT", "REQUEST"))


async def _events(events_filter: AuditFilter, first: int) -> tuple[AuditEvent, ...]:
    async with opened_registry(load_settings()) as registry:
        return await registry.audit.page(first=first, before=None, matching=events_filter)


def _row(event: AuditEvent) -> tuple[str, ...]:
    name = f"{event.namespace}/{event.name}" if event.namespace else event.name
    outcome = f"{event.outcome} {event.code}".strip()
    request = (event.verb, event.resource, name, str(event.count), event.request_id)
    return (
        f"{event.at:%Y-%m-%d %H:%M:%S}",
        event.actor,
        event.action,
        outcome,
        event.cluster,
        event.identity,
        *request,
    )


def _json(event: AuditEvent) -> Json:
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "until": event.until.isoformat(),
        "count": event.count,
        "action": event.action,
        "caller": event.actor,
        "requestId": event.request_id,
        "cluster": event.cluster,
        "identity": event.identity,
        "verb": event.verb,
        "resource": event.resource,
        "namespace": event.namespace,
        "name": event.name,
        "outcome": event.outcome,
        "code": event.code,
        "auditIds": list(event.audit_ids),
    }
