"""What the audit says of one sensitive act: who did what to what, as whom, and how it ended; never what was in it.

Its texts are bounded and hold no control characters, so that no name can be more than a name in a log or a table.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from secrets import token_hex
from typing import Final, Self, TypedDict, Unpack

_LONGEST_TEXT: Final = 512
MOST_AUDIT_IDS: Final = 20
"""Of one event."""
_LONGEST_AUDIT_ID: Final = 64
"""As long as an API server takes one from a client; a cluster may send anything."""

_TEXTS: Final = ("actor", "request_id", "cluster", "identity", "verb", "resource", "namespace", "name", "code")


class AuditAction(StrEnum):
    """What was done."""

    CLUSTER_IMPORT = "CLUSTER_IMPORT"
    CLUSTER_CHANGE = "CLUSTER_CHANGE"
    CLUSTER_REMOVE = "CLUSTER_REMOVE"
    GRANT_ADD = "GRANT_ADD"
    GRANT_REMOVE = "GRANT_REMOVE"
    TOKEN_CREATE = "TOKEN_CREATE"  # noqa: S105  a word, not a token
    TOKEN_REVOKE = "TOKEN_REVOKE"  # noqa: S105  a word, not a token
    KEY_ROTATE = "KEY_ROTATE"
    SECRET_READ = "SECRET_READ"  # noqa: S105  a word, not a secret
    ADMINISTRATOR_USE = "ADMINISTRATOR_USE"
    DENIAL = "DENIAL"


class AuditOutcome(StrEnum):
    """How it ended."""

    BEGUN = "BEGUN"
    SUCCEEDED = "SUCCEEDED"
    DENIED = "DENIED"
    FAILED = "FAILED"
    ABANDONED = "ABANDONED"


class AuditTexts(TypedDict, total=False):
    """What is known of an act when it begins; see `AuditEvent`."""

    request_id: str
    cluster: str
    identity: str
    verb: str
    resource: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One act, or several equal ones within a minute.

    Attributes:
        id: unique; ids are ordered as the acts are, to the millisecond.
        at: when it began, in UTC.
        until: when the last of several equal ones began.
        count: how many there were.
        actor: who did it: the caller's name, or `operator` for whoever runs the command line; empty if nobody knows.
        request_id: of the first; `X-Request-Id` of its answer. Empty at the command line.
        cluster: its name; empty if it concerns none.
        identity: whom the API server saw; empty if none was asked.
        verb: as Kubernetes' RBAC says it, or HTTP's method.
        resource: as Kubernetes' RBAC says it (`deployments.apps`), or the address, or what of ours was changed.
        namespace: empty for all, or none.
        name: of the object, token or grant; empty for lists.
        code: why it did not succeed: a word of `ErrorCode`, or the name of an error.
        audit_ids: what the API server's own audit log calls the requests; at most 20.
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
        if any(len(each) > _LONGEST_AUDIT_ID for each in self.audit_ids):
            object.__setattr__(self, "audit_ids", tuple(each[:_LONGEST_AUDIT_ID] for each in self.audit_ids))
        for name in _TEXTS:
            text = getattr(self, name)
            if len(text) > _LONGEST_TEXT or not text.isprintable():
                object.__setattr__(self, name, _clean(text))

    @classmethod
    def new(cls, action: AuditAction, actor: str, at: datetime, **texts: Unpack[AuditTexts]) -> Self:
        """An act that begins now."""
        return cls(id=_event_id(at), at=at, until=at, action=action, actor=actor, **texts)

    def ended(
        self, outcome: AuditOutcome, *, code: str = "", audit_ids: tuple[str, ...] = (), identity: str = ""
    ) -> Self:
        """The same act, with how it ended."""
        kept = (*self.audit_ids, *audit_ids)[:MOST_AUDIT_IDS]
        return replace(self, outcome=outcome, code=code, audit_ids=kept, identity=identity or self.identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which acts; None means any."""

    actor: str | None = None
    cluster: str | None = None
    action: AuditAction | None = None
    request_id: str | None = None


def first_id(at: datetime) -> str:
    """No act since then has a lesser id."""
    return f"{int(at.timestamp() * 1000):012x}"


def _event_id(at: datetime) -> str:
    return first_id(at) + token_hex(8)


def _clean(text: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text[:_LONGEST_TEXT])
