"""What can send a call to one cluster, whatever it takes to get there."""

from typing import Protocol

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline


class Sender(Protocol):
    """What can send a call to one cluster."""

    @property
    def name(self) -> str:
        """The cluster's name, for messages."""
        ...

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The decoded body of the answer."""
        ...
