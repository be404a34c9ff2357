"""The connection for watches of one cluster with one credential, beside the one for reads.

It takes no slot of a read, and its failures say nothing to the circuit breakers of reads, nor the other way round: a
watch that fails is repeated after a wait of its own (`k8s.watches.reflector.backoff`).
"""

from contextlib import AbstractAsyncContextManager

from k8s import errors
from k8s.credentials.credential import Credential
from k8s.credentials.impersonation import Impersonation
from k8s.credentials.tokens import RenewedToken
from k8s.endpoint import Endpoint
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.exchange import OWN_CREDENTIAL, UNOBSERVED, Observer
from k8s.transport.limits import ConnectionLimits
from k8s.transport.streaming import Stream, StreamTransport


class WatchConnection:
    """Sends the requests of watches: their streams, and the lists before them."""

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        *,
        credential: Credential | RenewedToken,
        limits: ConnectionLimits | None = None,
        observer: Observer = UNOBSERVED,
        acting_as: Impersonation | None = None,
        identity: str = OWN_CREDENTIAL,
    ) -> None:
        """Takes one cluster and one identity, without connecting yet; the arguments are those of `Connection`."""
        self.name = name
        self._transport = StreamTransport(
            name,
            endpoint,
            credential=credential,
            limits=limits or ConnectionLimits(),
            observer=observer,
            acting_as=acting_as,
            identity=identity,
        )

    def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AbstractAsyncContextManager[Stream]:
        """Returns the context of a stream (`StreamTransport.stream`)."""
        return self._transport.stream(call, answer_s=answer_s, silence_s=silence_s)

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of an answer, such as a page of a list; a read that broke off is repeated once.

        Raises:
            ClusterError: There is none.
        """
        with deadline.running():
            try:
                return await self._transport.exchange(call, timeout_s=deadline.left_s, on_prefix=on_prefix)
            except errors.BrokenOff:
                return await self._transport.exchange(call, timeout_s=deadline.left_s, on_prefix=on_prefix)

    async def close(self) -> None:
        """Ends all streams at once."""
        await self._transport.close()
