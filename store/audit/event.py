"""Audit events of sensitive actions: caller, action, object, identity and outcome; never the content.

Their texts have a limited length and no control characters, so that a name cannot forge lines of a log or a table.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from secrets import token_hex
from typing import Final, Self, TypedDict, Unpack

LONGEST_TEXT: Final = 512
"""Characters of each text of an event; the rest is cut off."""
MOST_AUDIT_IDS: Final = 20
"""The maximum number in one event."""
_LONGEST_AUDIT_ID: Final = 64
"""The maximum length that API servers accept; a cluster may send anything."""

_TEXTS: Final = ("actor", "request_id", "cluster", "identity", "verb", "resource", "namespace", "name", "code")


class AuditAction(StrEnum):
    """The kind of an audited action."""

    CLUSTER_IMPORT = "CLUSTER_IMPORT"
    CLUSTER_CHANGE = "CLUSTER_CHANGE"
    CLUSTER_REMOVE = "CLUSTER_REMOVE"
    GRANT_ADD = "GRANT_ADD"
    GRANT_REMOVE = "GRANT_REMOVE"
    TOKEN_CREATE = "TOKEN_CREATE"  # noqa: S105  a word, not a token
    TOKEN_REVOKE = "TOKEN_REVOKE"  # noqa: S105  a word, not a token
    KEY_ROTATE = "KEY_ROTATE"
    SECRET_READ = "SECRET_READ"  # noqa: S105  a word, not a secret
    SECRET_REVEAL = "SECRET_REVEAL"  # noqa: S105  a word, not a secret
    ADMINISTRATOR_USE = "ADMINISTRATOR_USE"
    DENIAL = "DENIAL"


class AuditOutcome(StrEnum):
    """The outcome of an audited action."""

    BEGUN = "BEGUN"
    SUCCEEDED = "SUCCEEDED"
    DENIED = "DENIED"
    FAILED = "FAILED"
    ABANDONED = "ABANDONED"


class AuditTexts(TypedDict, total=False):
    """The fields that are known at the begin of an action; see `AuditEvent`."""

    request_id: str
    cluster: str
    identity: str
    verb: str
    resource: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One action, or several equal ones within a minute.

    Attributes:
        id: The unique id; ids are ordered by time, to the millisecond.
        at: The time of its begin, in UTC.
        until: The time at which the last of several equal actions began.
        count: The number of equal actions.
        actor: The name of the caller, or `operator` at the command line; empty if unknown.
        request_id: The `X-Request-Id` of the first request. Empty at the command line.
        cluster: The name of the cluster; empty if none is concerned.
        identity: The identity in the cluster; empty without a request to it.
        verb: The verb of Kubernetes' RBAC, or the HTTP method.
        resource: The resource of Kubernetes' RBAC (`deployments.apps`), the path, or the changed part of the registry.
        namespace: The namespace; empty for all, or none.
        name: The name of the object, token or grant; empty for lists.
        code: The cause of a failure: a word of `ErrorCode`, or the name of an error.
        audit_ids: The ids of the requests in the API server's own audit log; at most 20.
    """

    id: str
    at: datetime
    until: datetime
    action: AuditAction
    actor: str
    count: int = 1
    request_id: str = ""
    cluster: str = ""
    identity: str = ""
    verb: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    outcome: AuditOutcome = AuditOutcome.BEGUN
    code: str = ""
    audit_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(audit_id) > _LONGEST_AUDIT_ID for audit_id in self.audit_ids):
            object.__setattr__(self, "audit_ids", tuple(audit_id[:_LONGEST_AUDIT_ID] for audit_id in self.audit_ids))
        for name in _TEXTS:
            text = getattr(self, name)
            if len(text) > LONGEST_TEXT or not text.isprintable():
                object.__setattr__(self, name, _clean(text))

    @classmethod
    def new(cls, action: AuditAction, actor: str, at: datetime, **texts: Unpack[AuditTexts]) -> Self:
        """Returns an event of an action that begins now."""
        return cls(id=_event_id(at), at=at, until=at, action=action, actor=actor, **texts)

    def ended(
        self, outcome: AuditOutcome, *, code: str = "", audit_ids: tuple[str, ...] = (), identity: str = ""
    ) -> Self:
        """Returns the same event with its outcome."""
        ids = (*self.audit_ids, *audit_ids)[:MOST_AUDIT_IDS]
        return replace(self, outcome=outcome, code=code, audit_ids=ids, identity=identity or self.identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """A filter of events; None matches any value."""

    actor: str | None = None
    cluster: str | None = None
    action: AuditAction | None = None
    request_id: str | None = None


def first_id(at: datetime) -> str:
    """Returns the lower bound of the ids since a time."""
    return f"{int(at.timestamp() * 1000):012x}"


def _event_id(at: datetime) -> str:
    return first_id(at) + token_hex(8)


def _clean(text: str) -> str:
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:LONGEST_TEXT]
    )
