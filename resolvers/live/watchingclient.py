"""A client of a cluster with the watches of its identity, which end with it."""

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.watches.sharedwatches import SharedWatches
from resolvers.fleet.client import ClusterClient


class WatchingClient:
    """Sends as its client does; so what changes the client, such as other grants, ends the watches.

    Attributes:
        watches: The watches.
    """

    def __init__(self, client: ClusterClient, watches: SharedWatches) -> None:
        """Takes the client, and its identity's watches."""
        self.watches = watches
        self._client = client

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self._client.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the answer to `call`; raises ClusterError."""
        return await self._client.send(call, deadline, on_prefix=on_prefix)

    async def close(self) -> None:
        """Closes the client and ends the watches at once."""
        await self.watches.close()
        await self._client.close()

    async def retire(self) -> None:
        """Ends the watches, and closes the client as soon as no request is under way."""
        await self.watches.close()
        await self._client.retire()
