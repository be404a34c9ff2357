"""One API server, asked with one credential, and not asked in vain.

A `Connection` is the only thing that can reach a cluster: nothing passes an address and a credential separately.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from k8s import errors
from k8s.body import OnPrefix
from k8s.breaker import Breaker
from k8s.call import Call
from k8s.credential import Credential
from k8s.deadline import Deadline
from k8s.endpoint import Endpoint
from k8s.limits import ConnectionLimits
from k8s.transport import BrokenOff, Transport


class Sender(Protocol):
    """What can send a call to one cluster."""

    @property
    def name(self) -> str:
        """The cluster's name, for messages."""
        ...

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The decoded body of the answer."""
        ...


class Connection:
    """Sends calls to one cluster: a breaker before, a second try behind."""

    def __init__(
        self, name: str, endpoint: Endpoint, *, credential: Credential, limits: ConnectionLimits | None = None
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self.breaker = Breaker()
        self._transport = Transport(name, endpoint, credential=credential, limits=limits or ConnectionLimits())

    def __repr__(self) -> str:
        return f"Connection({self.name!r}, {self.endpoint.server!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The decoded body of the answer to `call`.

        Args:
            call: what to ask.
            deadline: covers everything, the second try included.
            on_prefix: called with the first bytes of the body before the rest has arrived; once for each try.

        Raises:
            ClusterError: whatever went wrong. A read that broke is tried once more; a refusal is not.
        """
        if not self.breaker.admits():
            wait_s = max(1.0, self.breaker.retry_in_s)
            raise errors.CircuitOpen(self.name, f"it failed a moment ago; it is asked again in {wait_s:.0f} s.")
        with self._judged():
            try:
                return await self._transport.exchange(call, timeout_s=deadline.left_s, on_prefix=on_prefix)
            except BrokenOff:
                if call.body is not None:
                    raise
            return await self._transport.exchange(call, timeout_s=deadline.left_s, on_prefix=on_prefix)

    async def close(self) -> None:
        """Ends all connections; requests under way fail."""
        await self._transport.close()

    @contextmanager
    def _judged(self) -> Iterator[None]:
        """Tells the breaker how it went; a caller that goes away says nothing about the cluster."""
        try:
            yield
        except (errors.StatusError, errors.ProtocolBroken):
            self.breaker.succeeded()
            raise
        except errors.ClusterError:
            self.breaker.failed()
            raise
        except BaseException:
            self.breaker.released()
            raise
        self.breaker.succeeded()
