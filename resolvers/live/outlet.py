"""Payloads for subscribers that have the same of each cluster: each is encoded once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

from k8s.errors import ErrorCode
from k8s.watches.freshness import Freshness
from resolvers.live.changes import RowChange
from resolvers.live.evaluation import ClusterState, Encode, Failure
from resolvers.live.followedcluster import FollowedCluster
from resolvers.live.resuming.resumetokens import ClusterPlace, ResumePlace, ResumeTokens
from resolvers.live.subscriber import ListPayload, Phase, Subscriber
from resolvers.messages.translation import localize

View: TypeAlias = tuple[tuple[str, Phase, ClusterPlace | None], ...]
"""The clusters that a subscriber has not joined; equal ones get equal payloads."""

JOINED: Final[View] = ()


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that is about to be sent.

    Attributes:
        change: The change.
        is_beginning: Whether it is for subscribers that begin with its cluster, and not for those that have joined it.
    """

    change: RowChange
    is_beginning: bool


class Outlet:
    """Encodes payloads, with the states of the clusters and the token as a subscriber has them."""

    def __init__(self, encode: Encode, clusters: Mapping[str, FollowedCluster], tokens: ResumeTokens | None) -> None:
        """Takes the encoder, the clusters of the list by name, and the tokens; None if none are asked for."""
        self._encode = encode
        self._clusters = clusters
        self._tokens = tokens

    def states(
        self, view: View = JOINED, *, syncing: Collection[str] = (), resynced: Collection[str] = ()
    ) -> Mapping[str, ClusterState]:
        """Returns the states of the clusters for a subscriber, which lacks rows of some that are live for others."""
        joining = {name for name, _phase, _place in view}.union(syncing)
        states: dict[str, ClusterState] = {}
        for name, cluster in self._clusters.items():
            if cluster.is_chosen:
                state = cluster.state()
                if name in joining and state.freshness is Freshness.LIVE:
                    state = replace(state, freshness=Freshness.SYNCING)
                states[name] = state
        for name in resynced:
            state = states.get(name) or ClusterState(Freshness.FAILED, datetime.now(UTC), _gone(name))
            states[name] = replace(state, is_resynced=True)
        return states

    def token(self, view: View = JOINED, busy: Collection[str] = ()) -> str:
        """Returns the token of a subscriber; clusters that are `busy` are between two states."""
        if self._tokens is None:
            return ""
        places = {name: cluster.place for name, cluster in self._clusters.items() if name}
        places |= {name: ClusterPlace.incomplete(self._clusters[name].identity) for name in busy if name in places}
        for name, phase, place in view:
            is_between = phase is Phase.BEGINNING or (phase is Phase.RESUMING and place is None)
            if name:
                places[name] = ClusterPlace.incomplete(self._clusters[name].identity) if is_between else place
        return self._tokens.token(ResumePlace({name: place for name, place in places.items() if place and place.rows}))

    def payload(
        self,
        changes: Sequence[RowChange],
        view: View = JOINED,
        *,
        busy: Collection[str] = (),
        syncing: Collection[str] = (),
        resynced: Collection[str] = (),
        is_beginning: bool = False,
    ) -> ListPayload:
        """Returns a payload; the arguments are those of `states` and `token`."""
        states = self.states(view, syncing=syncing, resynced=resynced)
        body = self._encode(changes, states, self.token(view, busy))
        return ListPayload(body, changes, is_beginning)


def view_of(subscriber: Subscriber) -> View:
    """Returns the clusters that a subscriber has not joined."""
    if not subscriber.joining:
        return JOINED
    return tuple((name, one.phase, one.place) for name, one in sorted(subscriber.joining.items()))


def part_of(pending: Iterable[PendingChange], view: View) -> list[RowChange]:
    """Returns the pending changes that a subscriber gets."""
    phases = {name: phase for name, phase, _place in view}
    return [
        one.change
        for one in pending
        if phases.get(one.change.place[0]) is (Phase.BEGINNING if one.is_beginning else None)
    ]


def _gone(name: str) -> Failure:
    return Failure(ErrorCode.NOT_FOUND, localize(f"Cluster {name!r} is no longer one of this list."))
