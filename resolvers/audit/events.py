"""The audit as administrators read it: newest first, a page at a time."""

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
LONGEST_PAGE: Final = 1000
_CURSOR: Final = re.compile(r"[0-9a-f]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as a row; it stands in no cluster, which may be gone."""

    event: AuditEvent
    cluster: None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some events."""

    events: tuple[RecordedEvent, ...]
    has_next_page: bool


class AuditPageInfo(Struct, frozen=True):
    """Where a page of the audit ends."""

    hasNextPage: Annotated[bool, Meta(description="Whether older events follow.")]  # noqa: N815  the GraphQL name
    endCursor: Annotated[  # noqa: N815  the GraphQL name
        str | None, Meta(description="Pass it as `after` for older events; null if the page is empty.")
    ]


async def read_audit(operation: Operation, given: Mapping[str, object]) -> AuditPage:
    """A page of the audit.

    Raises:
        NotPermitted: the caller is no administrator.
        BadUserInput: an argument cannot be meant.
        LimitExceeded: the page is too large.
        StoreError: it cannot be read.
    """
    auditor = _auditor(operation)
    first = given.get("first")
    first = FIRST if not isinstance(first, int) else first
    if first < 1:
        raise BadUserInput("first: at least 1.")
    if first > LONGEST_PAGE:
        raise LimitExceeded(f"first: {first} events are asked for, and {LONGEST_PAGE} are allowed.")
    after = _text(given, "after")
    if after is not None and not _CURSOR.fullmatch(after):
        raise BadUserInput("after: this is no cursor of auditEvents; pass an endCursor that it gave.")
    action = given.get("action")
    wanted = AuditFilter(
        actor=_text(given, "caller"),
        cluster=_text(given, "cluster"),
        request_id=_text(given, "requestId"),
        action=action if isinstance(action, AuditAction) else None,
    )
    await auditor.flush()  # what this process has seen is part of the answer, if the store can take it
    found = await auditor.log.page(first=first + 1, before=after, wanted=wanted)
    return AuditPage(tuple(RecordedEvent(event) for event in found[:first]), len(found) > first)


def _auditor(operation: Operation) -> Auditor:
    auditor = operation.auditor
    if auditor is None:
        raise BadUserInput("auditEvents: nothing is put on record here.")
    if not operation.caller.is_administrator:
        auditor.denied(operation.caller.name, code=NotPermitted.code, verb="query", resource="auditEvents")
        raise NotPermitted("auditEvents is for administrators.")
    return auditor


def _text(given: Mapping[str, object], name: str) -> str | None:
    value = given.get(name)
    return value if isinstance(value, str) else None


@AUDIT_PAGES.derived(
    description="The events of this page, the newest first.", returns=GenericAlias(list, (AUDIT_EVENTS.owner,))
)
def nodes(page: AuditPage) -> tuple[RecordedEvent, ...]:
    """The events."""
    return page.events


@AUDIT_PAGES.derived(description="Where this page ends.")
def page_info(page: AuditPage) -> AuditPageInfo:
    """The id of an event is its cursor."""
    return AuditPageInfo(page.has_next_page, page.events[-1].event.id if page.events else None)


@AUDIT_EVENTS.derived(description="Unique; later events have greater ids.", name="id")
def event_id(row: RecordedEvent) -> str:
    """The id."""
    return row.event.id


@AUDIT_EVENTS.derived(description="When it began.")
def at(row: RecordedEvent) -> Time:
    """As RFC 3339."""
    return Time(row.event.at.isoformat())


@AUDIT_EVENTS.derived(description="When the last of `count` equal ones began.")
def until(row: RecordedEvent) -> Time:
    """As RFC 3339."""
    return Time(row.event.until.isoformat())


@AUDIT_EVENTS.derived(description="How many equal ones there were within a minute.")
def count(row: RecordedEvent) -> int:
    """One, mostly."""
    return row.event.count


@AUDIT_EVENTS.derived(description="What was done.")
def action(row: RecordedEvent) -> AuditAction:
    """The action."""
    return row.event.action


@AUDIT_EVENTS.derived(description="How it ended.")
def outcome(row: RecordedEvent) -> AuditOutcome:
    """The outcome."""
    return row.event.outcome


@AUDIT_EVENTS.derived(description="Why it did not succeed: an ErrorCode, or the name of an error.")
def code(row: RecordedEvent) -> str | None:
    """The code."""
    return row.event.code or None


@AUDIT_EVENTS.derived(description="Who did it, as `viewer { name }` says it; null if nobody knows.")
def caller(row: RecordedEvent) -> str | None:
    """The caller."""
    return row.event.actor or None


@AUDIT_EVENTS.derived(description="`X-Request-Id` of the answer, of several the first's; null at the command line.")
def request_id(row: RecordedEvent) -> str | None:
    """The request."""
    return row.event.request_id or None


@AUDIT_EVENTS.derived(description="Name of the cluster, which may be gone; null if it concerns none.")
def cluster_name(row: RecordedEvent) -> str | None:
    """The cluster."""
    return row.event.cluster or None


@AUDIT_EVENTS.derived(description="Whom the API server saw; null if none was asked.")
def identity(row: RecordedEvent) -> str | None:
    """The effective identity."""
    return row.event.identity or None


@AUDIT_EVENTS.derived(description="As Kubernetes' RBAC says it, or `HTTP`, `query`, `command line`.")
def verb(row: RecordedEvent) -> str | None:
    """The verb."""
    return row.event.verb or None


@AUDIT_EVENTS.derived(description="As Kubernetes' RBAC says it (`deployments.apps`), or what of fleetgraph's own.")
def resource(row: RecordedEvent) -> str | None:
    """The resource."""
    return row.event.resource or None


@AUDIT_EVENTS.derived(description="Namespace of the object, or of the list; null for all, or none.")
def namespace(row: RecordedEvent) -> str | None:
    """The namespace."""
    return row.event.namespace or None


@AUDIT_EVENTS.derived(description="Name of the object, token or grant; null for lists.")
def name(row: RecordedEvent) -> str | None:
    """The name."""
    return row.event.name or None


@AUDIT_EVENTS.derived(description="What the API server's own audit log calls the requests (`Audit-Id`); at most 20.")
def audit_ids(row: RecordedEvent) -> list[str]:
    """The ids."""
    return list(row.event.audit_ids)
