"""The clusters of the callers of one list, whose objects are read from watches.

All callers of a list have the same rights when they subscribe. When the rights of one of them change, the list goes on
with those that the others have; the subscription of that one is ended by the server, which checks each caller.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from k8s.errors import ClusterError, KindUnavailable
from k8s.kinds.builtin import SECRET
from k8s.watches.sharedwatches import SharedWatches
from k8s.watches.target import WatchTarget
from resolvers.audit.auditedsender import AuditedSender
from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.live.dependencies import Dependencies
from resolvers.live.livereader import LiveReader
from resolvers.live.members import Member
from resolvers.live.polled import PolledAnswers, PolledReader, PolledSender
from resolvers.live.resuming.resumetokens import digest_of

_Clusters: TypeAlias = Mapping[str, tuple[Member, FleetCluster]]
"""The clusters of a caller by name."""


class OtherRights(Exception):
    """A caller has other rights than the list by now, and must not get its rows."""


@dataclass(frozen=True, slots=True)
class CountedFleet:
    """The fleet of a list for its totals: no row depends on what is read."""

    auditor: Auditor | None
    known: tuple[FleetCluster, ...]

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters of the list."""
        return self.known


class LiveFleet:
    """A fleet for the evaluations of one list.

    Attributes:
        counted: The same for its totals.
    """

    def __init__(
        self,
        fleet: Fleet,
        dependencies: Dependencies,
        *,
        choose: Callable[[Sequence[FleetCluster]], Iterable[FleetCluster]] = iter,
        watches_counted: bool = True,
    ) -> None:
        """Takes the fleet, and the watches of the list.

        `choose` returns the clusters of the list: no client is made for the others. See `LiveReader` for what is only
        counted.
        """
        self._choose = choose
        self._watches_counted = watches_counted
        self._fleet = fleet
        self._dependencies = dependencies
        self._callers: Counter[Caller] = Counter()
        self._of_callers: dict[Caller, _Clusters] = {}
        self._secrets: dict[tuple[str, WatchTarget], None] = {}
        self._members: dict[str, tuple[Member, FleetCluster]] = {}
        self._live: tuple[FleetCluster, ...] | None = None
        self.counted = CountedFleet(fleet.auditor, ())

    @property
    def auditor(self) -> Auditor | None:
        """The auditor of changes, if there is one."""
        return self._fleet.auditor

    async def join(self, caller: Caller) -> None:
        """Takes a caller who subscribes.

        Raises:
            OtherRights: The list has got other clusters or rights than the caller has.
            StoreError: The registry cannot be read.
            ClusterError: It must be recorded that the caller sees Secrets, and cannot be.
        """
        clusters = await self._of_caller(caller)
        if self._live is not None and _rights(clusters) != _rights(self._members):
            raise OtherRights
        for name, target in self._secrets:
            _record(clusters, name, target)
        self._of_callers[caller] = clusters
        self._callers[caller] += 1

    def leave(self, caller: Caller) -> None:
        """Takes a caller who has subscribed no longer."""
        self._callers[caller] -= 1
        self._callers += Counter()  # without those who have left
        if caller not in self._callers:
            self._of_callers.pop(caller, None)

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters of the list as of the last `members`, whoever of its callers it is evaluated for.

        Raises:
            StoreError: They have never been read, and cannot be.
        """
        if self._live is None:
            self._callers[caller] += 0
            await self.members()
        assert self._live is not None  # noqa: S101  set by `members`
        return self._live

    @property
    def current(self) -> tuple[FleetCluster, ...]:
        """The clusters of the list as of the last `members`."""
        return self._live or ()

    async def members(self) -> Mapping[str, Member]:
        """Returns the clusters of the list by name: those that all callers have, with the same rights.

        One that was there before stays as it was for as long as a caller has it so.

        Raises:
            StoreError: The registry cannot be read.
        """
        now = {caller: await self._of_caller(caller) for caller in tuple(self._callers)}
        self._of_callers |= {caller: clusters for caller, clusters in now.items() if caller in self._callers}
        seen = [*now.values()]
        names = dict.fromkeys(name for clusters in seen for name in clusters)
        agreed = {name: found for name in names if (found := self._agreed(name, seen)) is not None}
        if self._live is None or agreed != self._members:
            self._members = agreed
            clusters = [cluster for _name, (_member, cluster) in sorted(agreed.items())]
            self._live = tuple(map(self._watched, clusters))
            self.counted = CountedFleet(self.auditor, tuple(self._watched(one, is_counting=True) for one in clusters))
        return {name: member for name, (member, _cluster) in agreed.items()}

    async def _of_caller(self, caller: Caller) -> _Clusters:
        clusters = await self._fleet.clusters(caller)
        chosen = {cluster.name for cluster in self._choose(clusters)}
        return {
            cluster.name: (_member(cluster, _watches(cluster) if cluster.name in chosen else None), cluster)
            for cluster in clusters
        }

    def _agreed(self, name: str, seen: Iterable[_Clusters]) -> tuple[Member, FleetCluster] | None:
        found = [clusters.get(name) for clusters in seen]
        known = self._members.get(name)
        same = [one for one in found if one is not None and known is not None and one[0] == known[0]]
        if same:
            return same[0]
        first = found[0]
        return first if all(one is not None and first is not None and one[0] == first[0] for one in found) else None

    def _read(self, cluster: str, target: WatchTarget) -> None:
        """Records that all callers see the Secrets of a target."""
        if target.kind == SECRET and (cluster, target) not in self._secrets:
            for clusters in self._of_callers.values():
                _record(clusters, cluster, target)
            self._secrets[cluster, target] = None

    def _watched(self, cluster: FleetCluster, *, is_counting: bool = False) -> FleetCluster:
        if cluster.watches is None and not self._watches_counted:
            return cluster
        answers, prometheus = PolledAnswers(self._dependencies), cluster.prometheus
        if prometheus is not None:
            prometheus = replace(prometheus, sender=PolledSender(prometheus.sender, answers))
        return replace(
            cluster,
            reader=LiveReader(
                cluster,
                cluster.watches or partial(_no_watches, cluster.name),
                self._dependencies,
                self._read,
                polled=PolledReader(cluster.reader, answers),
                watches_counted=self._watches_counted,
                is_counting=is_counting,
            ),
            sender=PolledSender(cluster.sender, answers),
            prometheus=prometheus,
        )


def _no_watches(name: str) -> SharedWatches:
    raise KindUnavailable(name, "it is a stored snapshot, whose objects cannot be watched.")


def _rights(clusters: _Clusters) -> Mapping[str, Hashable]:
    """Returns the rights by cluster, without the watches: a client may be renewed at any time."""
    return {name: (member.id, member.identity, member.rights) for name, (member, _cluster) in clusters.items()}


def _record(clusters: _Clusters, name: str, target: WatchTarget) -> None:
    """Records that a caller sees the Secrets of a cluster; raises `AuditUnavailable`."""
    sender = clusters[name][1].sender if name in clusters else None
    if isinstance(sender, AuditedSender):
        sender.record_watch(target.call_with_objects(ends_after_s=0))


def _member(cluster: FleetCluster, watches: SharedWatches | None) -> Member:
    roles, namespaces = cluster.standing
    edited = cluster.updated_at.isoformat()  # rows show labels, and rules of masks
    identity = digest_of(cluster.id, *roles, "", *sorted(namespaces), edited)
    return Member(cluster.id, identity, cluster.rights, watches)


def _watches(cluster: FleetCluster) -> SharedWatches | None:
    """Returns the watches of a cluster; asking for them also keeps its client from being retired as idle."""
    try:
        return None if cluster.watches is None else cluster.watches()
    except ClusterError:
        return None
