"""The GraphQL fields of the audit, for administrators: pages of events, the newest first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import GenericAlias
from typing import Annotated, Final

from msgspec import Meta, Struct

from resolvers.audit.auditor import Auditor
from resolvers.errors import BadUserInput, LimitExceeded, NotPermitted
from resolvers.kinds.leaves import Time
from resolvers.links.members import Family, Owner
from resolvers.operation.operation import Operation
from store.audit.event import AuditAction, AuditEvent, AuditFilter, AuditOutcome

AUDIT_PAGES = Family(Owner("AuditEventConnection"))
AUDIT_EVENTS = Family(Owner("AuditEvent"))

FIRST: Final = 50
MAX_PAGE_EVENTS: Final = 1000
_CURSOR: Final = re.compile(r"[0-9a-f]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as a row; it has no cluster, which may be removed."""

    event: AuditEvent
    cluster: None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of events."""

    events: tuple[RecordedEvent, ...]
    has_next_page: bool


class AuditPageInfo(Struct, frozen=True):
    """The end of a page of the audit."""

    hasNextPage: Annotated[bool, Meta(description="True if older events follow.")]  # noqa: N815  the GraphQL name
    endCursor: Annotated[  # noqa: N815  the GraphQL name
        str | None, Meta(description="Pass it as `after` for older events; null if the page is empty.")
    ]


async def read_audit(operation: Operation, arguments: Mapping[str, object]) -> AuditPage:
    """Returns a page of the audit.

    Raises:
        NotPermitted: the caller is no administrator.
        BadUserInput: an argument is invalid.
        LimitExceeded: the page is too large.
        StoreError: the store cannot be read.
    """
    auditor = _auditor(operation)
    first = arguments.get("first")
    first = FIRST if not isinstance(first, int) else first
    if first < 1:
        raise BadUserInput("first: at least 1.")
    if first > MAX_PAGE_EVENTS:
        raise LimitExceeded(f"first: {first} events; the limit is {MAX_PAGE_EVENTS}.")
    after = _text(arguments, "after")
    if after is not None and not _CURSOR.fullmatch(after):
        raise BadUserInput("after: this is no cursor of auditEvents; pass an endCursor that it gave.")
    action = arguments.get("action")
    event_filter = AuditFilter(
        actor=_text(arguments, "caller"),
        cluster=_text(arguments, "cluster"),
        request_id=_text(arguments, "requestId"),
        action=action if isinstance(action, AuditAction) else None,
    )
    await auditor.flush()  # events of this process are part of the answer, unless the store fails
    events = await auditor.log.page(first=first + 1, before=after, matching=event_filter)
    return AuditPage(tuple(RecordedEvent(event) for event in events[:first]), len(events) > first)


def _auditor(operation: Operation) -> Auditor:
    auditor = operation.auditor
    if auditor is None:
        raise BadUserInput("auditEvents: this server has no audit.")
    if not operation.caller.is_administrator:
        auditor.denied(operation.caller.name, code=NotPermitted.code, verb="query", resource="auditEvents")
        raise NotPermitted("auditEvents is for administrators.")
    return auditor


def _text(arguments: Mapping[str, object], name: str) -> str | None:
    value = arguments.get(name)
    return value if isinstance(value, str) else None


@AUDIT_PAGES.derived(
    description="The events of this page, the newest first.", returns=GenericAlias(list, (AUDIT_EVENTS.owner,))
)
def nodes(page: AuditPage) -> tuple[RecordedEvent, ...]:
    """Returns the events."""
    return page.events


@AUDIT_PAGES.derived(description="The end of this page.")
def page_info(page: AuditPage) -> AuditPageInfo:
    """Returns the last event's id, which is its cursor."""
    return AuditPageInfo(page.has_next_page, page.events[-1].event.id if page.events else None)


@AUDIT_EVENTS.derived(description="Unique; later events have greater ids.", name="id")
def event_id(row: RecordedEvent) -> str:
    """Returns the id."""
    return row.event.id


@AUDIT_EVENTS.derived(description="The time at which it began.")
def at(row: RecordedEvent) -> Time:
    """Returns the time in RFC 3339."""
    return Time(row.event.at.isoformat())


@AUDIT_EVENTS.derived(description="The time at which the last of `count` equal events began.")
def until(row: RecordedEvent) -> Time:
    """Returns the time in RFC 3339."""
    return Time(row.event.until.isoformat())


@AUDIT_EVENTS.derived(description="The number of equal events within a minute.")
def count(row: RecordedEvent) -> int:
    """Returns the count, which is mostly 1."""
    return row.event.count


@AUDIT_EVENTS.derived(description="The action.")
def action(row: RecordedEvent) -> AuditAction:
    """Returns the action."""
    return row.event.action


@AUDIT_EVENTS.derived(description="The outcome.")
def outcome(row: RecordedEvent) -> AuditOutcome:
    """Returns the outcome."""
    return row.event.outcome


@AUDIT_EVENTS.derived(description="The reason for a failure: an ErrorCode, or the name of an error; null for none.")
def code(row: RecordedEvent) -> str | None:
    """Returns the code."""
    return row.event.code or None


@AUDIT_EVENTS.derived(description="The caller, as in `viewer { name }`; null if it is unknown.")
def caller(row: RecordedEvent) -> str | None:
    """Returns the caller."""
    return row.event.actor or None


@AUDIT_EVENTS.derived(description="`X-Request-Id` of the first of `count` requests; null for the command line.")
def request_id(row: RecordedEvent) -> str | None:
    """Returns the id of the request."""
    return row.event.request_id or None


@AUDIT_EVENTS.derived(description="The name of the cluster, which may be removed; null for none.")
def cluster_name(row: RecordedEvent) -> str | None:
    """Returns the cluster."""
    return row.event.cluster or None


@AUDIT_EVENTS.derived(description="The identity in the API server's view; null if no API server was asked.")
def identity(row: RecordedEvent) -> str | None:
    """Returns the effective identity."""
    return row.event.identity or None


@AUDIT_EVENTS.derived(description="The verb, as in Kubernetes' RBAC, or `HTTP`, `query`, `command line`.")
def verb(row: RecordedEvent) -> str | None:
    """Returns the verb."""
    return row.event.verb or None


@AUDIT_EVENTS.derived(description="The resource, as in RBAC (`deployments.apps`), or one of fleetgraph itself.")
def resource(row: RecordedEvent) -> str | None:
    """Returns the resource."""
    return row.event.resource or None


@AUDIT_EVENTS.derived(description="The namespace of the object or the list; null for all or none.")
def namespace(row: RecordedEvent) -> str | None:
    """Returns the namespace."""
    return row.event.namespace or None


@AUDIT_EVENTS.derived(description="The name of the object, token or grant; null for lists.")
def name(row: RecordedEvent) -> str | None:
    """Returns the name."""
    return row.event.name or None


@AUDIT_EVENTS.derived(description="`Audit-Id` of the requests in the API server's own audit log; at most 20.")
def audit_ids(row: RecordedEvent) -> list[str]:
    """Returns the ids."""
    return list(row.event.audit_ids)
