"""The protocol of whatever can be watched: an API server, or a snapshot with a clock."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from k8s.transport.call import Call
from k8s.transport.sender import Sender


class Chunks(Protocol):
    """The body of an answer, as it arrives."""

    async def chunk(self) -> bytes:
        """Returns the next bytes; empty at the end. Raises TimeoutError if nothing arrives for too long."""
        ...


class WatchSource(Sender, Protocol):
    """Sends the requests of watches: their streams, and the lists before them."""

    def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AbstractAsyncContextManager[Chunks]:
        """Returns the context of a stream; see `k8s.transport.streaming.StreamTransport.stream`."""
        ...

    async def close(self) -> None:
        """Ends all streams at once."""
        ...
