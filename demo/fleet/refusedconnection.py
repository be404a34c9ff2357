"""A connection to an address at which nobody listens."""

from contextlib import AbstractAsyncContextManager

from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.watches.watchconnection import WatchConnection
from k8s.watches.watchsource import Chunks


class RefusedConnection(Connection):
    """A connection whose watches are refused as well as its requests."""

    def __init__(self, name: str, endpoint: Endpoint, *, credential: BearerToken) -> None:
        super().__init__(name, endpoint, credential=credential)
        self._watching = WatchConnection(name, endpoint, credential=credential)

    def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AbstractAsyncContextManager[Chunks]:
        """Returns the context of a stream, which is refused."""
        return self._watching.stream(call, answer_s=answer_s, silence_s=silence_s)

    async def close(self) -> None:
        """Closes both connections."""
        await self._watching.close()
        await super().close()


def refused_connection(name: str, endpoint: Endpoint) -> RefusedConnection:
    """Returns a connection with a credential that is never sent."""
    return RefusedConnection(name, endpoint, credential=BearerToken(Secret("demo")))
