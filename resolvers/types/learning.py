"""Learning: the custom types that each cluster serves now, read with its own credential.

One small request tells whether a cluster's schemas have changed; only changed documents are read. What is learned is
stored, so that a server that starts while clusters are down has the same schema.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from k8s.errors import ClusterError, ProtocolBroken, StatusError, without_frames
from k8s.schemas.clustertypes import ClusterTypes
from k8s.schemas.kindschema import KindProblem
from k8s.schemas.learning import learn
from k8s.schemas.limits import SchemaLimits
from k8s.schemas.storedtypes import TypesUnreadable, decode_types, encode_types
from k8s.transport.deadline import Deadline
from k8s.turns.turns import Pace
from resolvers.fleet.fleet import Fleet, UnattendedCluster
from resolvers.types.learnedtypes import LearnedTypes
from resolvers.types.typechoice import TIMEOUT_S, TypeChoice
from resolvers.unexpected import contained
from store.clusters.cluster import ClusterId
from store.clusters.learnedtypes import LearnedTypesRecord


class TypeStore(Protocol):
    """A store of learned types."""

    async def all(self) -> Mapping[ClusterId, LearnedTypesRecord]:
        """Returns the types of every cluster of which some were learned."""
        ...

    async def put(self, record: LearnedTypesRecord) -> bool:
        """Stores the types of a cluster; returns False if the cluster was removed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The result of one cluster.

    Attributes:
        cluster: The cluster's name.
        has_changed: Whether its types are others than before.
        error: The error that left them as they were.
    """

    cluster: str
    has_changed: bool = False
    error: ClusterError | None = None


class TypeLearning:
    """Learns the types of the clusters of a fleet."""

    def __init__(
        self,
        fleet: Fleet,
        types: LearnedTypes,
        *,
        choice: TypeChoice,
        store: TypeStore,
        limits: SchemaLimits | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._fleet = fleet
        self._types = types
        self._choice = choice
        self._store = store
        self._limits = limits or SchemaLimits()
        self._timeout_s = timeout_s
        self._stored: dict[str, str] = {}
        self._failed: dict[str, KindProblem] = {}
        self._registered: Collection[str] = ()

    def problems(self, cluster_id: str) -> Sequence[KindProblem]:
        """Returns the kinds and fields of a cluster without a type, and the reason."""
        failed = self._failed.get(cluster_id)
        return (*((failed,) if failed else ()), *self._types.problems(cluster_id))

    async def restore(self) -> None:
        """Takes what was stored; kinds are opened when a schema is built of them. Raises StoreError."""
        pace = Pace()
        for cluster_id, record in (await self._store.all()).items():
            await pace.breathe()
            try:
                stored = decode_types(record.content, self._limits)
            except TypesUnreadable:  # of another release: they are learned anew
                continue
            if stored.is_current:
                self._stored[cluster_id] = record.fingerprint
            self._types.first_hours.restore(stored.since)
            self._types.put(cluster_id, self._chosen(stored.types))

    async def clusters(self) -> Sequence[UnattendedCluster]:
        """Returns the clusters that are registered now, and forgets the types of all others; raises StoreError."""
        clusters = await self._fleet.unattended()
        ids = self._registered = {cluster.id for cluster in clusters}
        self._types.retain(ids)
        for gone in (self._stored.keys() | self._failed.keys()) - ids:
            self._stored.pop(gone, None)
            self._failed.pop(gone, None)
        return clusters

    async def learn(self, cluster: UnattendedCluster) -> Learned:
        """Learns the types of a cluster of `clusters`; those that it had stay if it fails. Raises StoreError."""
        before = self._types.of(cluster.id)
        try:
            with contained(cluster.name):
                deadline = Deadline(self._timeout_s)
                types = await learn(
                    cluster.sender, deadline, chosen=self._choice.chooses, before=before, limits=self._limits
                )
        except ClusterError as error:
            self._note(cluster.id, error)
            return Learned(cluster=cluster.name, error=without_frames(error))
        if cluster.id not in self._registered:  # removed meanwhile
            return Learned(cluster=cluster.name)
        self._failed.pop(cluster.id, None)
        has_changed = self._types.put(cluster.id, types)
        await self._keep(cluster, types)
        return Learned(cluster=cluster.name, has_changed=has_changed)

    def _note(self, cluster_id: str, error: ClusterError) -> None:
        """Keeps the reason for `kinds { problems }`; of a cluster that does not answer, the envelope has it."""
        self._failed.pop(cluster_id, None)
        if isinstance(error, ProtocolBroken | StatusError):
            cause = f"its types cannot be learned: {error.cause} Those that were learned before stay."
            self._failed[cluster_id] = KindProblem("", "", cause)

    def _chosen(self, types: ClusterTypes) -> ClusterTypes:
        """Returns the types of the groups that are chosen now."""
        chosen = (document for document in types.documents if self._choice.chooses(document.group))
        return ClusterTypes(tuple(chosen), types.problems)

    async def _keep(self, cluster: UnattendedCluster, types: ClusterTypes) -> None:
        if self._stored.get(cluster.id) == types.fingerprint:
            return
        since = self._types.first_hours.of(types.kind_keys)
        content = await asyncio.to_thread(encode_types, types, since, self._limits)
        record = LearnedTypesRecord(cluster_id=ClusterId(cluster.id), fingerprint=types.fingerprint, content=content)
        if await self._store.put(record):
            self._stored[cluster.id] = types.fingerprint
