"""Distant clusters, and one that hangs."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.farserver import CERTIFICATE, KEY, file_of
from k8s.credentials.credential import BearerToken, Secret
from k8s.endpoint import Endpoint
from k8s.errors import TimedOut
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from tests.controlplane.certificates import CertificateAuthority

LATENCY_S = 0.05


@dataclass(frozen=True)
class RecordingSender:
    """A sender that records the answers of a cluster, in a file for each path."""

    sender: Sender
    folder: Path

    @property
    def name(self) -> str:
        """Returns the cluster's name."""
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the cluster's own answer."""
        body = await self.sender.send(call, deadline, on_prefix=on_prefix)
        (self.folder / file_of(call.path)).write_bytes(body)
        return body


@dataclass(frozen=True)
class HangingSender:
    """A cluster that never answers."""

    name: str

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Waits until its deadline is over."""
        with deadline.running():
            await asyncio.sleep(deadline.left_s)
        raise TimedOut(self.name, "no answer.")


@asynccontextmanager
async def far_clusters(folder: Path, number: int) -> AsyncIterator[Sequence[Connection]]:
    """Opens connections to clusters over TLS, `LATENCY_S` away, that answer from the recordings in `folder`."""
    authority = CertificateAuthority.create()
    certificate, key = authority.issue().write(folder, "server")
    assert (certificate.name, key.name) == (CERTIFICATE, KEY)  # noqa: S101  the process gets both by name
    command = (sys.executable, "-m", "bench.farserver", str(folder), str(LATENCY_S))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None  # noqa: S101  it is a pipe
        port = await process.stdout.readline()
        endpoint = Endpoint(f"https://127.0.0.1:{int(port)}", ca_pem=authority.pem.decode())
        far = [
            Connection(f"far-{place:02d}", endpoint, credential=BearerToken(Secret("far"))) for place in range(number)
        ]
        yield far
        await asyncio.gather(*(connection.close() for connection in far))
    finally:
        process.terminate()
        await process.wait()
