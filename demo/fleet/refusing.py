"""A cluster that is down: nobody listens where its API server should be."""

import errno
import os
from dataclasses import dataclass
from typing import Final

from k8s.errors import Unreachable
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline

REFUSING_SERVER: Final = "https://127.0.0.1:1"
"""Port 1 (tcpmux) is one that nothing listens on, and that no user can take."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class RefusingSender:
    """Says what a connection to such an address says, and says it every time."""

    name: str

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Raises Unreachable."""
        raise Unreachable(self.name, f"no connection ({os.strerror(errno.ECONNREFUSED)}).")

    async def close(self) -> None:
        """There is nothing to end."""

    async def retire(self) -> None:
        """There is nothing to end."""
