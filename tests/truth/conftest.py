"""Fixtures of a real API server with all APIs, objects of every kind, and a schema to query it."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import aiohttp
import pytest
from graphql import GraphQLSchema, build_schema

from graph.engine import Engine
from k8s.kinds.kind import Kind
from tests.conftest import running
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.graph.documents import WIDE
from tests.graph.fleets import Asking, connection_to, fleet_of
from tests.truth.everything import everything
from tests.truth.manifests import manifests
from tests.truth.openapi import OpenApi
from tests.truth.writing import write


@dataclass(frozen=True)
class Truth:
    """The server's own data: its types, and its objects."""

    cluster: Cluster
    session: aiohttp.ClientSession
    openapi: OpenApi

    async def get(self, path: str, accept: str = "application/json") -> bytes:
        """Returns the body of a response."""
        async with self.session.get(path, headers={"Accept": accept}) as response:
            assert response.ok, path
            return await response.read()

    async def objects(self, kind: Kind) -> list[JsonObject]:
        """Returns all objects of a kind, each with its type as in a single response."""
        body = await self.get(f"/api{'s' if kind.group else ''}/{kind.api_version}/{kind.plural}")
        named: JsonObject = {"apiVersion": kind.api_version, "kind": kind.name}
        return [{**item, **named} for item in json.loads(body)["items"]]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Returns the schema, ready to execute documents that select every field of a kind."""
    return Engine(WIDE)


@pytest.fixture(scope="session")
def schema(engine: Engine) -> GraphQLSchema:
    """Returns the schema as clients know it."""
    return build_schema(engine.sdl, assume_valid_sdl=True)


@pytest.fixture(scope="session")
def all_apis(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Yields an API server that also serves alpha and beta APIs."""
    yield from running(request, everything(), stops_early=True)


@pytest.fixture(scope="session")
async def truth(all_apis: Cluster) -> AsyncIterator[Truth]:
    """Returns that server's types."""
    async with connect(all_apis) as session:
        unread = Truth(all_apis, session, OpenApi(b'{"definitions": {}}'))
        yield Truth(all_apis, session, OpenApi(await unread.get("/openapi/v2")))


@pytest.fixture(scope="session")
async def filled(truth: Truth) -> Truth:
    """Returns the same server, with the manifests' objects."""
    for manifest in manifests():
        await write(truth.session, manifest)
    return truth


@pytest.fixture(scope="session")
async def ask(truth: Truth, engine: Engine) -> AsyncIterator[Asking]:
    """Returns a function that queries it by GraphQL."""
    connection = connection_to(truth.cluster)
    yield Asking(engine, fleet_of([connection]))
    await connection.close()
