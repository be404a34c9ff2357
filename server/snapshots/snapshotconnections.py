"""Connections to snapshot clusters, which are served in this process from the store."""

import asyncio
from dataclasses import dataclass, field

from k8s import errors
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from resolvers.authorization import Administrator, Identity, SnapshotReader
from resolvers.fleet.client import ClusterClient
from resolvers.fleet.secretfilter import SecretFilter
from server.snapshots.storedcontent import KindMemory, ReadsParts, StoredContent, StoredParts
from snapshots.serving.snapshotsender import SnapshotSender
from store.clusters.cluster import OpenedCluster, SnapshotOrigin
from store.clusters.snapshots import SnapshotKey


@dataclass(slots=True)
class _SharedContent:
    """The content of one import, and the number of connections to it."""

    parts: StoredParts
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    content: StoredContent | None = None
    connections: int = 0


class SnapshotConnections:
    """Connections to snapshot clusters; those of one import share its content, with a limit in memory for all."""

    def __init__(self, source: ReadsParts, *, memory_bytes: int, limits: ConnectionLimits | None = None) -> None:
        """Takes the store and the limits.

        Args:
            source: The store of the parts.
            memory_bytes: The maximum memory of the lists of all snapshots together.
            limits: The limits of responses, shared with all other clusters.
        """
        self.limits = limits or ConnectionLimits()
        self._source = source
        self._memory = KindMemory(memory_bytes)
        self._shared: dict[SnapshotKey, _SharedContent] = {}

    def connect(self, cluster: OpenedCluster, origin: SnapshotOrigin, identity: Identity) -> ClusterClient:
        """Returns a connection to a snapshot cluster of this origin, not opened yet.

        Raises:
            IdentityRefused: The identity is a user of a cluster, which a snapshot does not distinguish.
        """
        match identity:
            case Administrator() | SnapshotReader(reads_secrets=True):
                return self._snapshot(cluster, origin)
            case SnapshotReader():
                return SecretFilter(self._snapshot(cluster, origin))
        raise errors.IdentityRefused(cluster.record.name, "a snapshot does not distinguish users.")

    def _snapshot(self, cluster: OpenedCluster, origin: SnapshotOrigin) -> ClusterClient:
        key = SnapshotKey(cluster.record.id, origin.import_id)
        name = cluster.record.name
        shared = self._shared.setdefault(key, _SharedContent(StoredParts(name, key, self._source)))
        shared.connections += 1
        return SnapshotConnection(name, key, self)

    async def content(self, name: str, key: SnapshotKey) -> StoredContent:
        """Returns the content of an import, with its table of contents; raises ClusterError."""
        shared = self._shared.get(key)
        if shared is None:  # its last connection was retired while an operation still used it
            parts = StoredParts(name, key, self._source)
            return StoredContent(parts, await parts.contents(), memory=KindMemory(0))
        async with shared.lock:
            if shared.content is None:
                shared.content = StoredContent(shared.parts, await shared.parts.contents(), memory=self._memory)
            return shared.content

    def release(self, key: SnapshotKey) -> None:
        """Releases one connection; the last one releases the content."""
        shared = self._shared.get(key)
        if shared is None:
            return
        shared.connections -= 1
        if shared.connections == 0:
            del self._shared[key]
            if shared.content is not None:
                shared.content.leave()


class SnapshotConnection:
    """A snapshot cluster of the registry; see `resolvers.fleet.client.ClusterClient`."""

    def __init__(self, name: str, key: SnapshotKey, snapshots: SnapshotConnections) -> None:
        self.name = name
        self._key = key
        self._snapshots = snapshots
        self._sender: SnapshotSender | None = None
        self._is_released = False

    def __repr__(self) -> str:
        return f"SnapshotConnection({self.name!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the response to `call`; raises ClusterError."""
        sender = self._sender or await self._opened(deadline)
        self._sender = sender
        return await sender.send(call, deadline, on_prefix=on_prefix)

    async def close(self) -> None:
        """Releases the snapshot; running requests finish."""
        await self.retire()

    async def retire(self) -> None:
        """Releases the snapshot; running requests finish."""
        if not self._is_released:
            self._is_released = True
            self._snapshots.release(self._key)

    async def _opened(self, deadline: Deadline) -> SnapshotSender:
        with deadline.running():
            try:
                async with asyncio.timeout(deadline.left_s):
                    content = await self._snapshots.content(self.name, self._key)
            except TimeoutError as error:
                cause = f"its snapshot could not be opened within its {deadline.timeout_s:.3g} s."
                raise errors.TimedOut(self.name, cause) from error
        return SnapshotSender(self.name, content.api, limits=self._snapshots.limits)
