"""Free TCP ports on loopback for servers that cannot be handed an open socket."""

from __future__ import annotations

import os
import socket
from itertools import chain

# Below the ranges that Linux (32768) and macOS (49152) give to outgoing connections, so that no client of this
# machine takes a port between its choice and its use.
_LOWEST, _BLOCKS, _BLOCK_SIZE = 20_000, 120, 100


class Ports:
    """A source of ports, each used once; processes with neighbouring numbers (test workers) begin far apart."""

    def __init__(self) -> None:
        """Begins with the block of this process, and continues with those after it."""
        begin = _LOWEST + os.getpid() % _BLOCKS * _BLOCK_SIZE
        self._candidates = chain(range(begin, _LOWEST + _BLOCKS * _BLOCK_SIZE), range(_LOWEST, begin))

    def take(self) -> int:
        """Returns a port on which no program listens and that was not taken before.

        Raises:
            RuntimeError: Every port is in use.
        """
        for port in self._candidates:
            if _is_free(port):
                return port
        raise RuntimeError("no free port on loopback")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
