"""Learning: the custom types that each cluster serves now, read with its own credential.

One small request tells whether a cluster's schemas have changed; only changed documents are read. What is learned is
stored, so that a server that starts while clusters are down has the same schema.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from k8s.errors import ClusterError, without_frames
from k8s.schemas.clustertypes import ClusterTypes, TypesUnreadable, decode_types, encode_types
from k8s.schemas.kindschema import KindProblem
from k8s.schemas.learning import learn
from k8s.transport.deadline import Deadline
from resolvers.fleet.fleet import Fleet, UnattendedCluster
from resolvers.types.learnedtypes import LearnedTypes
from resolvers.types.typechoice import TypeChoice
from resolvers.unexpected import contained
from store.clusters.cluster import ClusterId
from store.clusters.learnedtypes import LearnedTypesRecord

TIMEOUT_S: Final = 30.0
"""Seconds in which a cluster must answer all requests of one round; documents of thousands of kinds take several."""

_LOG = structlog.get_logger(__name__)


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
        self, fleet: Fleet, types: LearnedTypes, *, choice: TypeChoice, store: TypeStore, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._fleet = fleet
        self._types = types
        self._choice = choice
        self._store = store
        self._timeout_s = timeout_s
        self._stored: dict[str, str] = {}

    def problems(self, cluster_id: str) -> Sequence[KindProblem]:
        """Returns the kinds and fields of a cluster without a type, and the reason."""
        return self._types.problems(cluster_id)

    async def restore(self) -> None:
        """Takes what was stored, of which equal content is decoded once; raises StoreError."""
        decoded: dict[bytes, ClusterTypes | None] = {}
        for cluster_id, record in (await self._store.all()).items():
            if record.content not in decoded:
                decoded[record.content] = await self._decoded(record.content)
            types = decoded[record.content]
            if types is not None:
                self._stored[cluster_id] = record.fingerprint
                self._types.put(cluster_id, types)

    async def clusters(self) -> Sequence[UnattendedCluster]:
        """Returns the clusters that are registered now, and forgets the types of all others; raises StoreError."""
        clusters = await self._fleet.unattended()
        ids = {cluster.id for cluster in clusters}
        self._types.retain(ids)
        for gone in self._stored.keys() - ids:
            del self._stored[gone]
        return clusters

    async def learn(self, cluster: UnattendedCluster) -> Learned:
        """Learns the types of one cluster; those that it had stay if it fails. Raises StoreError."""
        before = self._types.of(cluster.id)
        try:
            with contained(cluster.name):
                deadline = Deadline(self._timeout_s)
                types = await learn(cluster.sender, deadline, chosen=self._choice.chooses, before=before)
        except ClusterError as error:
            return Learned(cluster=cluster.name, error=without_frames(error))
        has_changed = self._types.put(cluster.id, types)
        await self._keep(cluster, types)
        return Learned(cluster=cluster.name, has_changed=has_changed)

    async def _decoded(self, content: bytes) -> ClusterTypes | None:
        """Returns stored types of groups that are chosen; None if they are of another release and learned anew."""
        try:
            return self._chosen(await decode_types(content))
        except TypesUnreadable:
            return None

    def _chosen(self, types: ClusterTypes) -> ClusterTypes:
        """Returns the types of the groups that are chosen now."""
        chosen = (
            document for document in types.documents if all(self._choice.chooses(kind.group) for kind in document.kinds)
        )
        return ClusterTypes(tuple(chosen), types.problems)

    async def _keep(self, cluster: UnattendedCluster, types: ClusterTypes) -> None:
        if self._stored.get(cluster.id) == types.fingerprint:
            return
        content = await encode_types(types)
        record = LearnedTypesRecord(cluster_id=ClusterId(cluster.id), fingerprint=types.fingerprint, content=content)
        if await self._store.put(record):
            self._stored[cluster.id] = types.fingerprint
