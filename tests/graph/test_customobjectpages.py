"""Pages of several kinds on a real API server, while objects are created and deleted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from graph.engine import Engine
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.writer import create_objects
from tests.graph.fleets import Asking, connection_to, fleet_of

pytestmark = pytest.mark.controlplane

NAMESPACE = "customobjectpages"
LABEL = "customobjectpages=yes"
PAGE = f"""query ($after: String, $first: Int) {{ categories(
  names: ["cert-manager"], namespaces: ["{NAMESPACE}"], labelSelector: "{LABEL}", first: $first, after: $after
) {{ totalCount nodes {{ kind name }} edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }} }}"""


@dataclass
class RecordedCalls:
    """A connection that records the lists that are requested."""

    connection: Connection
    lists: list[Call] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Returns the cluster's name."""
        return self.connection.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Sends a call."""
        if call.verb == "list":
            self.lists.append(call)
        return await self.connection.send(call, deadline, on_prefix=on_prefix)


def _object(kind: str, name: str) -> JsonObject:
    issuer: JsonObject = {"selfSigned": {}}
    certificate: JsonObject = {"secretName": name, "dnsNames": ["example.com"], "issuerRef": {"name": "ca"}}
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"customobjectpages": "yes"}},
        "spec": issuer if kind == "Issuer" else certificate,
    }


def _path(kind: str) -> str:
    return f"/apis/cert-manager.io/v1/namespaces/{NAMESPACE}/{kind.lower()}s"


@pytest.fixture(scope="module", autouse=True)
def stored(operated: Cluster) -> Iterator[None]:
    """Writes 7 Certificates and 4 Issuers; deletes them afterwards."""
    namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    certificates = [_object("Certificate", f"page-{number}") for number in range(7)]
    issuers = [_object("Issuer", f"page-{number}") for number in range(4)]

    async def clear() -> None:
        async with connect(operated) as session:
            for kind in ("Certificate", "Issuer"):
                async with session.delete(_path(kind)) as response:
                    assert response.ok

    asyncio.run(_write(operated, [namespace, *certificates, *issuers]))
    yield
    asyncio.run(clear())


async def _write(cluster: Cluster, objects: list[JsonObject]) -> None:
    await create_objects(cluster, objects)


@pytest.fixture
async def calls(operated: Cluster) -> AsyncIterator[RecordedCalls]:
    """Returns a connection to the cluster."""
    connection = connection_to(operated)
    yield RecordedCalls(connection)
    await connection.close()


@pytest.mark.parametrize("first", [1, 2, 3, 5])
async def test_each_page_continues_in_the_kind_where_the_last_one_ended(calls: RecordedCalls, first: int) -> None:
    """Checks that a kind is read from its beginning once more at most: if a page ends among its first objects."""
    asking, nodes, after, has_next = Asking(Engine(), fleet_of([calls])), list[Any](), None, True
    restarts = Counter[str]()

    while has_next:
        calls.lists.clear()
        page = (await asking(PAGE, {"after": after, "first": first})).to_builtins()["data"]["categories"]
        kind = page["nodes"][0]["kind"]
        own = [dict(call.query) for call in calls.lists if call.path == _path(kind)]
        restarts[kind] += any(node["kind"] == kind for node in nodes) and "continue" not in own[0]
        assert page["totalCount"] == 11
        nodes += page["nodes"]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert restarts["Certificate"] == 0
    assert restarts["Issuer"] <= 1
    assert [(node["kind"], node["name"]) for node in nodes] == [
        *(("Certificate", f"page-{number}") for number in range(7)),
        *(("Issuer", f"page-{number}") for number in range(4)),
    ]


@pytest.mark.parametrize(
    ("place", "later"),
    [(1, "2 3 4 5 5a 6"), (2, "3 4 5 5a 6"), (3, "3 4 5 6")],  # behind the last one, as the list was when it was read
)
async def test_objects_that_come_and_go_move_no_other_one(
    operated: Cluster, calls: RecordedCalls, place: int, later: str
) -> None:
    """Deletes an object of the page, and creates one before it and one after it."""
    asking = Asking(Engine(), fleet_of([calls]))
    await _write(operated, [_object("Certificate", "page-2a")])
    before = (await asking(PAGE, {"first": 4})).to_builtins()["data"]["categories"]
    names = [node["name"] for node in before["nodes"]]
    assert names == ["page-0", "page-1", "page-2", "page-2a"]
    async with connect(operated) as session, session.delete(f"{_path('Certificate')}/page-2a") as response:
        assert response.ok
    await _write(operated, [_object("Certificate", "page-0a"), _object("Certificate", "page-5a")])

    answer = await asking(PAGE, {"first": 20, "after": before["edges"][place]["cursor"]})

    async with connect(operated) as session:
        for name in ("page-0a", "page-5a"):
            async with session.delete(f"{_path('Certificate')}/{name}") as response:
                assert response.ok
    rest = answer.to_builtins()["data"]["categories"]
    found = [node["name"] for node in rest["nodes"] if node["kind"] == "Certificate"]
    assert found == [f"page-{number}" for number in later.split()]
    assert [node["name"] for node in rest["nodes"] if node["kind"] == "Issuer"] == [f"page-{n}" for n in range(4)]
