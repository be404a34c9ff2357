"""The audit of calls to clusters: reads of secrets, an administrator's calls, and denials by a cluster.

It wraps the only sender that the fleet returns for a cluster, so no list, link or lookup escapes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias
from weakref import WeakKeyDictionary

from k8s.errors import Forbidden, Unauthenticated
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.exchange import Exchange, exchanges_recorded
from k8s.transport.path import ApiTarget, api_target
from k8s.transport.sender import Sender
from resolvers.audit.auditor import Auditor, AuditUnavailable
from resolvers.audit.pendingevent import PendingEvent, failure
from resolvers.caller import Caller
from store.audit.event import AuditAction, AuditOutcome

_List: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""One list with all its pages: its path, and its query without the continue token."""


@dataclass(slots=True)
class AuditedSender:
    """A sender for one caller. The requests of one operation to the cluster have the same deadline.

    Attributes:
        identity: the identity in the cluster, in words.
    """

    sender: Sender
    caller: Caller
    auditor: Auditor
    identity: str
    _begun: WeakKeyDictionary[Deadline, set[_List]] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the answer to `call`; raises ClusterError, also if it cannot be recorded but must be."""
        action = self._action(call, deadline)
        if action is None:
            return await self._watched(call, deadline, on_prefix)
        if self.auditor.must_refuse:
            raise AuditUnavailable(self.name)
        if action is AuditAction.SECRET_READ:
            self._begin_list(call, deadline)
        return await self._recorded(action, call, deadline, on_prefix=on_prefix)

    def record_watch(self, call: Call) -> None:
        """Records that the caller is about to see Secrets of a watch, which another caller may have begun.

        Raises:
            AuditUnavailable: It cannot be recorded, but must be.
        """
        if api_target(call.path).resource == "secrets":
            if self.auditor.must_refuse:
                raise AuditUnavailable(self.name)
            self._end(self._begin(AuditAction.SECRET_READ, call), AuditOutcome.SUCCEEDED, "", exchanges=[])

    def _action(self, call: Call, deadline: Deadline) -> AuditAction | None:
        """Returns the action of a call; None if it is recorded only when it is denied.

        Further pages of a list belong to its first page in the operation.
        """
        if api_target(call.path).resource == "secrets":
            listed = _list_of(call)
            if listed[1] == call.query or not self._has_begun(listed, deadline):
                return AuditAction.SECRET_READ
        return AuditAction.ADMINISTRATOR_USE if self.caller.is_administrator else None

    def _begin_list(self, call: Call, deadline: Deadline) -> None:
        if self._begun is None:
            self._begun = WeakKeyDictionary()
        self._begun.setdefault(deadline, set()).add(_list_of(call))

    def _has_begun(self, listed: _List, deadline: Deadline) -> bool:
        return self._begun is not None and listed in self._begun.get(deadline, ())

    async def _recorded(
        self, action: AuditAction, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None
    ) -> bytes:
        pending = self._begin(action, call)
        with exchanges_recorded() as exchanges:
            try:
                body = await self.sender.send(call, deadline, on_prefix=on_prefix)
            except BaseException as error:
                self._end(pending, *failure(error), exchanges=_about(call, exchanges))
                raise
        self._end(pending, AuditOutcome.SUCCEEDED, "", exchanges=_about(call, exchanges))
        return body

    async def _watched(self, call: Call, deadline: Deadline, on_prefix: OnPrefix | None) -> bytes:
        try:
            return await self.sender.send(call, deadline, on_prefix=on_prefix)
        except (Forbidden, Unauthenticated) as error:
            self._end(self._begin(AuditAction.DENIAL, call), AuditOutcome.DENIED, error.code, exchanges=[])
            raise

    def _begin(self, action: AuditAction, call: Call) -> PendingEvent:
        target = api_target(call.path)
        one = target if action is AuditAction.SECRET_READ else ApiTarget(target.resource)
        return self.auditor.begin(
            action,
            self.caller.name,
            cluster=self.name,
            identity=self.identity,
            verb=call.verb,
            resource=target.resource,
            namespace=one.namespace,
            name=one.name,
        )

    def _end(self, pending: PendingEvent, outcome: AuditOutcome, code: str, *, exchanges: list[Exchange]) -> None:
        ids = tuple(exchange.audit_id for exchange in exchanges if exchange.audit_id)
        identity = next((exchange.identity for exchange in exchanges), "")
        self.auditor.end(pending, outcome, code=code, audit_ids=ids, identity=identity)


def _list_of(call: Call) -> _List:
    return call.path, tuple(parameter for parameter in call.query if parameter[0] != "continue")


def _about(call: Call, exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Returns the exchanges of the call itself, without requests for a token, which have another identity."""
    return [exchange for exchange in exchanges if exchange.call.path == call.path]
