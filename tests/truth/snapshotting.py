"""A cluster and its snapshot, written and imported by the commands."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from graph.engine import Engine
from resolvers.authorization import ADMINISTRATOR
from server.snapshots.snapshotconnections import SnapshotConnections
from store.clusters.cluster import SnapshotOrigin
from store.registry import Registry
from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.graph.fleets import Asking, connection_to, fleet_of

_RUN = """
import json, sys
from server.main import main
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["fleetgraph", *arguments]
    try:
        main()
    except SystemExit as done:
        if done.code:
            raise
"""


@dataclass(frozen=True)
class Both:
    """The same cluster twice, under the same name: the API server, and its snapshot."""

    live: Asking
    snapshot: Asking


@dataclass(frozen=True)
class CommandLine:
    """Commands in a process of their own, over a separate registry."""

    directory: Path

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.directory}/fleetgraph.db"

    @property
    def environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FLEETGRAPH_")}
        return kept | {"HOME": str(self.directory), "FLEETGRAPH_DATABASE_URL": self.database_url}

    async def __call__(self, *commands: Sequence[str]) -> str:
        """Runs commands one after the other, which must succeed, and returns their output."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _RUN, json.dumps(commands)),
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()


@asynccontextmanager
async def both(cluster: Cluster, engine: Engine, directory: Path, *, suffix: str = ".tar.gz") -> AsyncIterator[Both]:
    """Writes a snapshot of a cluster, imports it under the cluster's name, and yields both."""
    command = CommandLine(directory)
    kubeconfig, file = write_kubeconfig(directory / "config", [cluster]), directory / f"dump{suffix}"
    await command(
        ("clusters", "import", "--kubeconfig", str(kubeconfig), "--name", "source"),
        ("clusters", "snapshot", "source", "-o", str(file), "--with-secret-data"),
        ("clusters", "import", "--snapshot", str(file), "--name", cluster.name),
    )
    connection = connection_to(cluster)
    async with await Registry.open(command.database_url) as registry:
        (opened,) = [item for item in await registry.clusters.open() if item.record.name == cluster.name]
        snapshots = SnapshotConnections(registry.snapshots, memory_bytes=1024)
        origin = opened.record.connection
        assert isinstance(origin, SnapshotOrigin)
        sender = snapshots.connect(opened, origin, ADMINISTRATOR)
        yield Both(Asking(engine, fleet_of([connection])), Asking(engine, fleet_of([sender])))
    await connection.close()
