"""The protocol of all senders of calls to one cluster."""

from typing import Protocol

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline


class Sender(Protocol):
    """A sender of calls to one cluster."""

    @property
    def name(self) -> str:
        """Returns the cluster's name, for messages."""
        ...

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the decoded body of the answer; raises ClusterError."""
        ...
