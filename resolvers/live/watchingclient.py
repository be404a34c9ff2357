"""A client of a cluster with the watches of its identity, which end with it."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.watches.sharedwatches import SharedWatches
from resolvers.fleet.client import ClusterClient, ShowsCertificate


class WatchingClient:
    """Sends as its client does; so what changes the client, such as other grants, ends the watches."""

    def __init__(self, client: ClusterClient, make_watches: Callable[[], SharedWatches]) -> None:
        """Takes the client, and what makes its identity's watches at their first use."""
        self._client = client
        self._make_watches = make_watches

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self._client.name

    @cached_property
    def watches(self) -> SharedWatches:
        """The watches of the identity."""
        return self._make_watches()

    @property
    def is_watching(self) -> bool:
        """True if anybody needs any of its watches, so that it is no idle client."""
        return "watches" in self.__dict__ and self.watches.is_used

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
        if "watches" in self.__dict__:
            await self.watches.close()
