"""Discovery and OpenAPI documents that lie, on a real API server: what is added is seen, and nothing else is lost."""

import json
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

import pytest

from k8s.apiserver.discovery import read_served
from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import ApiPath
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import Rewrite
from tests.controlplane.lies import DISCOVERY, GROUP, OPENAPI, OPENAPI_INDEX, TOO_DEEP, large, on_json
from tests.controlplane.proxy import FaultProxy
from tests.graph.fleets import connection_to
from tests.k8s.lyingsender import LyingSender

pytestmark = pytest.mark.controlplane

_INDEX = "/openapi/v3"
_APPS = f"{_INDEX}/apis/apps/v1"
_CORE_KINDS = {kinds.POD, kinds.SERVICE}


@pytest.fixture
async def liar(alpha: Cluster) -> AsyncIterator[LyingSender]:
    """Returns a sender to a real API server that has not lied yet."""
    connection = connection_to(alpha)
    yield LyingSender(connection)
    await connection.close()


async def _read(sender: LyingSender, path: str) -> bytes:
    return await sender.send(Call(ApiPath(path), "get", path, most_bytes=None), Deadline(30))


@pytest.mark.parametrize("lie", DISCOVERY)
async def test_lies_about_groups_leave_the_core_kinds(liar: LyingSender, lie: str) -> None:
    with liar.lying("/apis", DISCOVERY[lie]):
        try:
            found = await read_served(liar, Deadline(30))
        except ClusterError:
            return  # it is refused as a whole
        assert set(found.listed()) >= _CORE_KINDS

    assert {call.path for call in liar.calls} >= {"/api", "/apis"}


async def test_an_added_kind_is_discovered_until_the_lie_ends(liar: LyingSender) -> None:
    with liar.lying("/apis", DISCOVERY["one resource twice"]):
        lied = await read_served(liar, Deadline(30))
    true = await read_served(liar, Deadline(30))

    assert GROUP in {kind.group for kind in lied.kinds}
    assert GROUP not in {kind.group for kind in true.kinds}


@pytest.mark.parametrize("lie", OPENAPI)
async def test_lies_about_a_document_change_it(liar: LyingSender, lie: str) -> None:
    true = json.loads(await _read(liar, _APPS))

    with liar.lying(f"{_INDEX}/", OPENAPI[lie]):
        assert json.loads(await _read(liar, _APPS)) != true


async def test_documents_may_be_large_or_too_deep(liar: LyingSender) -> None:
    with liar.lying(_APPS, large(2**20)):
        assert len(await _read(liar, _APPS)) > 2**20
    with liar.lying(_APPS, TOO_DEEP):
        assert await _read(liar, _APPS) == TOO_DEEP


async def _index(cluster: Cluster) -> object:
    """Returns the true index, whose media type is text/plain."""
    async with connect(cluster) as session, session.get(_INDEX) as response:
        return json.loads(await response.read())


@pytest.mark.parametrize("lie", OPENAPI_INDEX)
async def test_lies_about_the_index_change_it(alpha: Cluster, lie: str) -> None:
    true = await _index(alpha)

    assert OPENAPI_INDEX[lie](true) != true


async def test_a_real_api_server_redirects_from_a_hash_that_is_gone(alpha: Cluster) -> None:
    gone = OPENAPI_INDEX["a hash that is gone"](await _index(alpha))["paths"]["apis/apps/v1"]["serverRelativeURL"]

    async with connect(alpha) as session, session.get(gone, allow_redirects=False) as response:
        assert response.status == HTTPStatus.MOVED_PERMANENTLY


async def test_a_proxy_lies_on_the_wire(fault_proxy: Callable[..., FaultProxy], alpha: Cluster) -> None:
    """Compressed bodies are unpacked before they are changed."""
    proxy = fault_proxy(alpha)
    proxy.when("/apis", Rewrite(change=on_json(DISCOVERY["one resource twice"])))
    connection = connection_to(proxy.cluster)
    try:
        found = await read_served(connection, Deadline(30))
    finally:
        await connection.close()

    assert {GROUP, "apps"} <= {kind.group for kind in found.kinds}
