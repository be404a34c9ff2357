"""The pods that network policies allow as peers, in any namespace.

Source: `NetworkPolicyPeer` in k8s.io/api/networking/v1/types.go.
"""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from time import perf_counter

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.longlists import MAX_ITEMS, items_of
from resolvers.links.fetching import Fetch
from resolvers.links.labels import EVERYTHING, ObjectSelector, label_selector
from resolvers.links.naming import namespace_of
from resolvers.links.selecting import LABELS
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.memory.share import REFERENCE_BYTES
from resolvers.pacing import worked
from resolvers.together import together

RulesOf = Callable[[Row], Iterator[Sequence[Row] | None]]
"""Yields the peers of each rule of a policy's spec; none or an empty list for anyone."""


@dataclass(frozen=True, slots=True)
class _Peer:
    """Pods that a rule allows: in the policy's own namespace, or in those that a selector selects."""

    pods: ObjectSelector
    home: str | None = None
    namespaces: ObjectSelector = EVERYTHING


_ANYONE = _Peer(EVERYTHING)


async def allowed_pods(policies: Rows, fetch: Fetch, rules_of: RulesOf) -> Sequence[Sequence[Row]]:
    """Reads all pods, and the labels of namespaces if a policy selects by them.

    Policies with equal peers have one list. A cluster in which the identity may list pods of some namespaces only fails
    if a policy allows those of others.
    """
    peers = await worked(lambda policy: _distinct(islice(_peers(policy, rules_of), MAX_ITEMS)), policies.rows)
    fetch.is_across_namespaces = any(peer.home is None for own in peers for peer in own)
    reads = [fetch.children(kinds.POD, LABELS, "metadata.namespace")]
    if any(peer.namespaces != EVERYTHING for own in peers for peer in own):
        reads.append(fetch.steps(kinds.NAMESPACE, "metadata.name", LABELS))
    pods, *namespaces = await together(*reads)
    if fetch.is_across_namespaces:
        fetch.failures |= {cluster: unseen(cluster, kind) for cluster, kind, _ in fetch.partial}
    choice = _Choice(fetch.operation.memory.charge)
    await worked(lambda pod: choice.add_pod(*pod), pods)
    await worked(lambda namespace: choice.add_namespace(*namespace), namespaces[0] if namespaces else ())
    pace, found = Pace(), list[Sequence[Row]]()
    for cluster, own in zip(policies.clusters, peers, strict=True):
        found.append(await choice.pods(cluster, own, pace))
        if perf_counter() > pace.until_s:
            await pace.breathe()
    return found


class _Choice:
    """Pods by namespace, in the order of their list, of which peers choose."""

    def __init__(self, charge: Callable[[int], None]) -> None:
        """Takes the memory to charge, in bytes."""
        self._charge = charge
        self._pods: dict[FleetCluster, dict[str | None, list[tuple[int, Row]]]] = {}
        self._labels: dict[tuple[FleetCluster, str | None], Row] = {}
        self._chosen: dict[tuple[FleetCluster, _Peer], Sequence[tuple[int, Row]]] = {}
        self._lists: dict[tuple[FleetCluster, Set[_Peer]], Sequence[Row]] = {}
        self._count = 0

    def add_pod(self, cluster: FleetCluster, pod: Row) -> None:
        """Adds the next pod of the list."""
        self._pods.setdefault(cluster, {}).setdefault(namespace_of(pod), []).append((self._count, pod))
        self._count += 1

    def add_namespace(self, cluster: FleetCluster, namespace: Row) -> None:
        """Adds the labels of a namespace."""
        self._labels[cluster, namespace.metadata.name] = namespace.metadata.labels

    async def pods(self, cluster: FleetCluster, peers: Set[_Peer], pace: Pace) -> Sequence[Row]:
        """Returns the pods that any of the peers chooses; the same list for equal peers."""
        if (cluster, peers) not in self._lists:
            pods: dict[int, Row] = {}
            for peer in peers:
                pods.update(await self._chosen_by(cluster, peer, pace))
            self._charge(len(pods) * REFERENCE_BYTES)
            self._lists[cluster, peers] = [pods[place] for place in sorted(pods)]
        return self._lists[cluster, peers]

    async def _chosen_by(self, cluster: FleetCluster, peer: _Peer, pace: Pace) -> Sequence[tuple[int, Row]]:
        """Returns the pods that a peer chooses, with their places; equal peers are compared once."""
        if (cluster, peer) not in self._chosen:
            candidates = [
                pod
                for namespace, pods in self._pods.get(cluster, {}).items()
                if self._is_chosen(cluster, namespace, peer)
                for pod in pods
            ]
            flags = await worked(lambda pod: peer.pods.selects(pod[1].metadata.labels or {}), candidates, pace)
            chosen = [pod for pod, flag in zip(candidates, flags, strict=True) if flag]
            self._charge(len(chosen) * REFERENCE_BYTES)
            self._chosen[cluster, peer] = chosen
        return self._chosen[cluster, peer]

    def _is_chosen(self, cluster: FleetCluster, namespace: str | None, peer: _Peer) -> bool:
        if peer.home is not None:
            return namespace == peer.home
        return peer.namespaces == EVERYTHING or peer.namespaces.selects(self._labels.get((cluster, namespace)) or {})


def _distinct(peers: Iterator[_Peer]) -> Set[_Peer]:
    """Returns each peer once; anyone alone, who is all others as well."""
    distinct = frozenset(peers)
    return frozenset({_ANYONE}) if _ANYONE in distinct else distinct


def _peers(policy: Row, rules_of: RulesOf) -> Iterator[_Peer]:
    for peers in rules_of(policy.spec) if policy.spec else ():
        if not peers:
            yield _ANYONE
        for peer in items_of(peers):
            pods = EVERYTHING if peer.podSelector is None else label_selector(peer.podSelector)
            namespaces = EVERYTHING if peer.namespaceSelector is None else label_selector(peer.namespaceSelector)
            if pods is None or namespaces is None or (peer.podSelector is None and peer.namespaceSelector is None):
                continue  # an invalid selector, or a block of addresses
            home = namespace_of(policy) if peer.namespaceSelector is None else None
            yield _Peer(pods, home, namespaces)
