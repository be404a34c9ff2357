"""A stored connection that was edited: nothing is sent where it leads."""

from pathlib import Path

import pytest
from sqlalchemy import text

from k8s.credentials.credential import BearerToken, Secret
from k8s.errors import CredentialUnusable
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from resolvers.caller import OPERATOR
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.network import Network
from resolvers.fleet.stored import new_cluster
from store.registry import Registry
from tests.k8s.transports import LIST
from tests.k8s.wireserver import wire_server

TOKEN = BearerToken(Secret("canary-token-51ab"))


async def test_im_9_a_token_is_never_sent_to_another_server(tmp_path: Path) -> None:
    async with wire_server() as own, wire_server() as other, await _registry(tmp_path) as registry:
        for name, server in (("a", own), ("b", own)):
            await registry.clusters.add(new_cluster(name, server.endpoint, credential=TOKEN, labels=None))
        async with registry.database.write() as session:
            connection = await session.connection()
            await connection.execute(
                text("UPDATE cluster SET server = :server WHERE name = 'a'"), {"server": other.endpoint.server}
            )
        fleet = Fleet(registry.clusters, connect=Network(ConnectionLimits()))

        edited, good = await fleet.clusters(OPERATOR)
        with pytest.raises(CredentialUnusable, match="encrypted for another connection") as raised:
            await edited.sender.send(LIST, Deadline(5))
        await good.sender.send(LIST, Deadline(5))
        await fleet.close()

        assert "canary" not in f"{raised.value!r} {raised.value.__cause__!r}"
        assert (other.connections, len(own.requests)) == (0, 1)


async def _registry(folder: Path) -> Registry:
    return await Registry.open(f"sqlite:///{folder}/fleetgraph.db")
