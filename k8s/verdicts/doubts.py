"""The doubts about one cluster: about each identity that asks it, and about the cluster for all of them."""

from functools import cached_property

from k8s.verdicts.doubt import Doubt, are_several_callers_and_kinds, are_several_kinds
from k8s.verdicts.flow import Flow
from k8s.verdicts.recentflows import MOST_FLOWS
from k8s.verdicts.waitingroom import WaitingRoom


class Doubts:
    """Those that come from one way of letting requests down."""

    def __init__(self, *, let_down_interval_s: float) -> None:
        """Takes the longest interval between requests of flows that were let down; see `Doubt`."""
        self._let_down_interval_s = let_down_interval_s
        self._identities: dict[str, Doubt] = {}

    def __len__(self) -> int:
        """Returns the number of identities; without any there is no doubt about the cluster either."""
        return len(self._identities)

    @cached_property
    def _cluster(self) -> Doubt:
        """Made, like the room, when there first is doubt about anything: there may be many clusters that answer."""
        return Doubt(are_several_callers_and_kinds, let_down_interval_s=self._let_down_interval_s)

    @cached_property
    def _room(self) -> WaitingRoom:
        return WaitingRoom()

    @property
    def is_general(self) -> bool:
        """Whether there is doubt about the cluster for everybody."""
        return bool(self._identities) and self._cluster.is_general

    def of_identity_s(self, flow: Flow, now_s: float) -> float:
        """Returns the seconds for which the doubt about a flow's identity holds it up."""
        doubt = self._identities.get(flow.identity)
        return doubt.wait_s(flow, now_s) if doubt else 0.0

    def of_cluster_s(self, flow: Flow, now_s: float) -> float:
        """Returns the seconds for which the doubt about the cluster holds a flow up."""
        return self._cluster.wait_s(flow, now_s)

    def note(self, flow: Flow, now_s: float) -> None:
        """Notes that a flow was let down."""
        self._cluster.note(flow, now_s)
        doubt = self._identities.pop(flow.identity, None)
        if doubt is None:
            doubt = Doubt(are_several_kinds, let_down_interval_s=self._let_down_interval_s)
        doubt.note(flow, now_s)
        self._identities[flow.identity] = doubt
        if len(self._identities) > MOST_FLOWS:
            del self._identities[next(iter(self._identities))]

    def clear(self, flow: Flow) -> None:
        """Ends the doubts about a flow that was answered: whom they held up need not wait any longer."""
        was_general = self._cluster.is_general
        self._cluster.clear()
        self._identities.pop(flow.identity, None)
        if was_general:
            self._room.call_all()
        else:
            self._room.call(flow.identity)

    async def wait(self, flow: Flow, seconds: float, *, most_s: float) -> None:
        """Waits until a flow that is held up for some seconds may have its turn, or until the doubt is over."""
        await self._room.wait(flow.identity, seconds, most_s=most_s)

    def send(self, flow: Flow, now_s: float) -> None:
        """Notes that a request goes out to find out."""
        self._cluster.send(flow, now_s)
        if self._identities and (doubt := self._identities.get(flow.identity)):
            doubt.send(flow, now_s)
