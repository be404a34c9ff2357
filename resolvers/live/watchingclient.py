"""A client of a cluster with the watches of its identity, which end with it."""

from collections.abc import Callable
from datetime import datetime

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.watches.sharedwatches import SharedWatches
from resolvers.fleet.client import ClusterClient, ShowsCertificate
from store.clusters.cluster import OpenedCluster


class WatchingClient:
    """Sends as its client does; so what changes the client, such as other grants, ends the watches."""

    __slots__ = ("_client", "_make_watches", "_watches")

    def __init__(self, client: ClusterClient, make_watches: Callable[[OpenedCluster], SharedWatches]) -> None:
        """Takes the client, and what makes its identity's watches of the client's cluster at their first use.

        Nothing here keeps the cluster: its record is read again whenever the fleet changes.
        """
        self._client = client
        self._make_watches = make_watches
        self._watches: SharedWatches | None = None

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self._client.name

    def watches(self, cluster: OpenedCluster) -> SharedWatches:
        """Returns the watches of the identity; raises ClusterError."""
        if self._watches is None:
            self._watches = self._make_watches(cluster)
        return self._watches

    @property
    def is_watching(self) -> bool:
        """True if anybody needs any of its watches, so that it is no idle client."""
        return self._watches is not None and self._watches.is_used

    @property
    def server_certificate_expires_at(self) -> datetime | None:
        """The expiry of the API server's last certificate; None before the first connection."""
        return self._client.server_certificate_expires_at if isinstance(self._client, ShowsCertificate) else None

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the answer to `call`; raises ClusterError."""
        return await self._client.send(call, deadline, on_prefix=on_prefix)

    async def close(self) -> None:
        """Closes the client and ends the watches at once."""
        await self._end_watches()
        await self._client.close()

    async def retire(self) -> None:
        """Ends the watches, and closes the client as soon as no request is under way."""
        await self._end_watches()
        await self._client.retire()

    async def _end_watches(self) -> None:
        if self._watches is not None:
            await self._watches.close()
