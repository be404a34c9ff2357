"""Free-form values: API servers send them with exactly the posted bytes."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from tests.controlplane.json_object import JsonValue
from tests.graph.fleets import Asking
from tests.truth.conftest import Truth
from tests.truth.everything import NAME

pytestmark = pytest.mark.controlplane

_NAMESPACE = "truth-free-form"
_REVISIONS = f"/apis/apps/v1/namespaces/{_NAMESPACE}/controllerrevisions"
_UNSELECTED = f'{{ controllerRevisions(namespaces: ["{_NAMESPACE}"]) {{ nodes {{ revision }} }} }}'
_LIST = f'{{ controllerRevisions(namespaces: ["{_NAMESPACE}"]) {{ nodes {{ data }} }} }}'
_ONE = f'{{ controllerRevision(cluster: "{NAME}", namespace: "{_NAMESPACE}", name: "r") {{ data }} }}'
_AS_POSTED: dict[str, tuple[bytes, JsonValue]] = {
    "lone surrogates": (
        b'{"a": "\\ud800", "b": "\\udc00 \\ud83d\\ude00 \\\\ud800"}',
        {"a": "\ufffd", "b": "\ufffd \U0001f600 \\ud800"},
    ),
    "no UTF-8": (b'{"a": "\xff\xfe", "\xe2\x82": 1}', {"a": "\ufffd\ufffd", "\ufffd\ufffd": 1}),
    "zero and byte order mark": (b'{"a": "\\u0000", "\\u0000": "\xef\xbb\xbf"}', {"a": "\x00", "\x00": "\ufeff"}),
    "a key twice": (b'{"a": 1, "a": 2}', {"a": 2}),
    "numbers": (
        b'{"a": 123456789012345678901234567890, "b": -0, "c": 1.0, "d": 1E3, "e": 1e-400}',
        {"a": 123456789012345678901234567890, "b": 0, "c": 1, "d": 1000, "e": 0},
    ),
}


Revision = Callable[[bytes], Awaitable[None]]


@pytest.fixture(scope="module", autouse=True)
async def namespace(truth: Truth) -> None:
    """Returns a separate namespace."""
    await _send(truth.session, "POST", "/api/v1/namespaces", b'{"metadata": {"name": "%s"}}' % _NAMESPACE.encode())


@pytest.fixture
async def revision(truth: Truth) -> AsyncIterator[Revision]:
    """Creates the only revision, with this data."""

    async def make(data: bytes) -> None:
        await _send(truth.session, "POST", _REVISIONS, b'{"metadata":{"name":"r"},"revision":1,"data":%s}' % data)

    yield make
    await _send(truth.session, "DELETE", f"{_REVISIONS}/r")


@pytest.mark.parametrize(("data", "read"), _AS_POSTED.values(), ids=_AS_POSTED)
async def test_a_list_reads_what_go_clients_read(ask: Asking, revision: Revision, data: bytes, read: JsonValue) -> None:
    await revision(data)

    answer = json.loads((await ask(_LIST)).to_json())

    assert answer == {"data": {"controllerRevisions": {"nodes": [{"data": read}]}}}


@pytest.mark.parametrize(("data", "read"), _AS_POSTED.values(), ids=_AS_POSTED)
async def test_an_object_reads_what_go_clients_read(
    ask: Asking, revision: Revision, data: bytes, read: JsonValue
) -> None:
    await revision(data)

    answer = json.loads((await ask(_ONE)).to_json())

    assert answer == {"data": {"controllerRevision": {"data": read}}}


@pytest.mark.parametrize(("data", "_read"), _AS_POSTED.values(), ids=_AS_POSTED)
async def test_what_is_not_selected_costs_nothing(
    ask: Asking, revision: Revision, data: bytes, _read: JsonValue
) -> None:
    await revision(data)

    answer = json.loads((await ask(_UNSELECTED)).to_json())

    assert answer == {"data": {"controllerRevisions": {"nodes": [{"revision": 1}]}}}


@pytest.mark.parametrize("query", [_LIST, _UNSELECTED, _ONE])
async def test_what_is_nested_deeper_than_can_be_read_is_an_error_of_its_cluster(
    ask: Asking, revision: Revision, query: str
) -> None:
    levels = 5000
    await revision(b'{"a":' + b"[" * levels + b"]" * levels + b"}")

    (error,) = (await ask(query)).errors

    assert error["extensions"] == {
        "code": "CLUSTER_UNREACHABLE",
        "cluster": NAME,
        "retryable": True,
        "reason": "ProtocolBroken",
    }


async def _send(session: aiohttp.ClientSession, method: str, path: str, body: bytes | None = None) -> None:
    async with session.request(method, path, data=body, headers={"Content-Type": "application/json"}) as response:
        assert response.ok, await response.text()
