"""Where calls to clusters are put on record: reads of secrets, an administrator's calls, and what a cluster denies.

It stands around the sender that the fleet hands out, so there is no other way to a cluster, and no list, link or lookup
that goes around it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from k8s.errors import Forbidden, Unauthenticated
from k8s.transport.apitarget import ApiTarget, api_target
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.exchange import Exchange, exchanges_noted
from k8s.transport.sender import Sender
from resolvers.audit.auditor import Auditor, AuditUnavailable, failure
from resolvers.audit.pendingevent import PendingEvent
from resolvers.caller import Caller
from store.audit.event import AuditAction, AuditOutcome

_List: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""One list, whichever of its pages: its path, and its query but for the continue token."""


@dataclass(frozen=True, slots=True)
class AuditedSender:
    """A sender for one caller and one operation.

    Attributes:
        identity: whom the cluster is asked as.
    """

    sender: Sender
    caller: Caller
    auditor: Auditor
    identity: str
    _begun: set[_List] = field(default_factory=set, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The body of the answer to `call`; raises ClusterError, also if it must be on record and cannot be."""
        action = self._action(call)
        if action is None:
            return await self._watched(call, deadline, on_prefix)
        if self.auditor.must_refuse:
            raise AuditUnavailable(self.name)
        if action is AuditAction.SECRET_READ:
            self._begun.add(_list_of(call))
        return await self._recorded(action, call, deadline, on_prefix=on_prefix)

    def _action(self, call: Call) -> AuditAction | None:
        """What a call is on record as.

        The second page of a list goes with its first; one that a cursor leads to is the first of its operation.
        """
        if api_target(call.path).resource == "secrets":
            asked = _list_of(call)
            if asked[1] == call.query or asked not in self._begun:
                return AuditAction.SECRET_READ
        return AuditAction.ADMINISTRATOR_USE if self.caller.is_administrator else None

    async def _recorded(
        self, action: AuditAction, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None
    ) -> bytes:
        act = self._begin(action, call)
        with exchanges_noted() as exchanges:
            try:
                body = await self.sender.send(call, deadline, on_prefix=on_prefix)
            except BaseException as error:
                self._end(act, *failure(error), exchanges=_about(call, exchanges))
                raise
        self._end(act, AuditOutcome.SUCCEEDED, "", exchanges=_about(call, exchanges))
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

    def _end(self, act: PendingEvent, outcome: AuditOutcome, code: str, *, exchanges: list[Exchange]) -> None:
        ids = tuple(each.audit_id for each in exchanges if each.audit_id)
        identity = next((each.identity for each in exchanges), "")
        self.auditor.end(act, outcome, code=code, audit_ids=ids, identity=identity)


def _list_of(call: Call) -> _List:
    return call.path, tuple(each for each in call.query if each[0] != "continue")


def _about(call: Call, exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Those that are about the call itself: a token that it needed may have been requested as somebody else."""
    return [each for each in exchanges if each.call.path == call.path]
