"""Hostile arguments: the request has a valid path, or nothing is sent (PT-1, PT-2, PT-7)."""

import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, quote, unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graph.engine import Engine
from k8s.credentials.credential import BearerToken, Secret
from k8s.kinds.builtin import CLUSTER_ROLE, POD, SECRET
from k8s.transport.connection import Connection
from resolvers.arguments.globalids import object_id
from tests.graph.fleets import Asking, fleet_of
from tests.k8s.wireserver import WireServer, http, wire_server

HOSTILE = (
    *("", ".", "..", "../../secrets/x", "%2e%2e", "%2e%2e%2f", "..%2f", "a/b", "%73ecrets", "a\0b", "a\n", "a" * 1025),
    *("a?b", "a#b", "a;b", "a\\b", "\u2024\u2024", "a" * 254),
    *("Web", "a=b&watch=1", "a=b,metadata.name=x", "a=b&continue=x", "!a", "a in (b", "pods/exec"),
    *("x/log?container=y", "kube-system/secrets/x?"),
)
NO_SEGMENTS, NO_NAMES = HOSTILE[:12], HOSTILE[:18]
ASKED = {
    "pods": "query ($x: String!) { pods(namespaces: [$x]) { totalCount } }",
    "many": 'query ($x: String!) { pods(namespaces: ["a", $x]) { totalCount } }',
    "labels": "query ($x: String!) { pods(labelSelector: $x) { totalCount } }",
    "fields": "query ($x: String!) { pods(fieldSelector: $x) { totalCount } }",
    "after": "query ($x: String!) { pods(first: 1, after: $x) { nodes { name } } }",
    "where": 'query ($x: JSON!) { pods(where: [{path: "namespace", value: $x}]) { totalCount } }',
    "where name": 'query ($x: JSON!) { pods(where: [{path: "name", value: $x}]) { totalCount } }',
    "pod": 'query ($x: String!) { pod(cluster: "wire", namespace: "shop", name: $x) { name } }',
    "namespace": 'query ($x: String!) { pod(cluster: "wire", namespace: $x, name: "web") { name } }',
    "role": 'query ($x: String!) { clusterRole(cluster: "wire", name: $x) { name } }',
    "cluster": 'query ($x: String!) { pod(cluster: $x, namespace: "shop", name: "web") { name } }',
    "id": "query ($x: ID!) { object(id: $x) { name } }",
}
IDS = {"id of a pod": (POD, "shop"), "id of a secret": (SECRET, "shop"), "id of a role": (CLUSTER_ROLE, None)}
_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_NAME = r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?"
MEANT = re.compile(
    rf"/api/v1/(namespaces/{_LABEL}/)?pods|/api/v1/namespaces/{_LABEL}/(pods|secrets)/{_NAME}"
    r"|/apis/rbac\.authorization\.k8s\.io/v1/clusterroles/(?!\.{1,2}$)([-A-Za-z0-9._:@+~]|%[0-9A-F]{2})+"
)
NO_OBJECT = http(b'{"kind": "Status", "reason": "NotFound", "details": {"name": "x"}}', status="404 Not Found")
NO_KIND = http(b'{"kind": "Status", "reason": "NotFound"}', status="404 Not Found")
KEYS = {"limit", "labelSelector", "fieldSelector", "continue"}


@pytest.fixture(scope="module")
async def wire() -> AsyncIterator[WireServer]:
    """An API server without objects, which records each request as it was on the wire."""
    async with wire_server() as server:
        server.answers = [NO_OBJECT]
        yield server


@pytest.fixture(scope="module")
async def asking(engine: Engine, wire: WireServer) -> AsyncIterator[Asking]:
    connection = Connection("wire", wire.endpoint, credential=BearerToken(Secret("t")))
    yield Asking(engine, fleet_of([connection]))
    await connection.close()


def _assert_meant(lines: list[str], text: str) -> None:
    for line in lines:
        method, target, _version = line.split(" ")
        path, _, query = target.partition("?")
        given = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        assert method == "GET"
        assert MEANT.fullmatch(path), path
        head, _, name = path.rpartition("/")
        assert "%" not in head
        assert unquote(name) in (name, text)
        assert not set("/%\0\n") & set(unquote(name))
        assert len(dict(given)) == len(given)
        assert dict(given).keys() <= KEYS, query
        assert "continue" not in dict(given), text


async def _sent(asking: Asking, wire: WireServer, way: str, text: str) -> list[str]:
    wire.requests.clear()
    if way in IDS:
        kind, namespace = IDS[way]
        await asking(ASKED["id"], {"x": object_id("id-wire", kind, namespace, text)})
    else:
        await asking(ASKED[way], {"x": text})
    return wire.lines


@pytest.mark.parametrize("way", [*ASKED, *IDS])
async def test_pt_1_hostile_texts(asking: Asking, wire: WireServer, way: str) -> None:
    for text in HOSTILE:
        _assert_meant(await _sent(asking, wire, way, text), text)


@pytest.mark.parametrize("way", ["pods", "pod", "namespace", "id of a pod", "id of a secret"])
async def test_pt_1_what_is_no_name_is_not_sent(asking: Asking, wire: WireServer, way: str) -> None:
    for text in NO_NAMES:
        assert await _sent(asking, wire, way, text) == [], text


@pytest.mark.parametrize("way", ["role", "id of a role"])
async def test_pt_1_what_is_no_path_segment_is_not_sent(asking: Asking, wire: WireServer, way: str) -> None:
    for text in NO_SEGMENTS:
        assert await _sent(asking, wire, way, text) == [], text


@pytest.mark.parametrize("way", ["role", "id of a role"])
async def test_pt_1_any_other_segment_is_sent_as_one(asking: Asking, wire: WireServer, way: str) -> None:
    for text in HOSTILE[len(NO_SEGMENTS) :]:
        lines = await _sent(asking, wire, way, text)
        names = [line.split(" ")[1].removeprefix("/apis/rbac.authorization.k8s.io/v1/clusterroles/") for line in lines]
        assert names == ([] if "/" in text else [quote(text, safe="-._~:@+")])


@settings(max_examples=10 * settings().max_examples, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    way=st.sampled_from([*ASKED, *IDS]),
    text=st.text(max_size=40)
    | st.text("abz019-._:/%?#&=,!()<> \\\n\0", max_size=20)
    | st.lists(st.sampled_from([*HOSTILE, "web", "shop", "=", ",", " in ", "/"]), max_size=4).map("".join),
)
@example(way="labels", text="a=b,c in (d)")
async def test_pt_7_any_text_in_any_argument(asking: Asking, wire: WireServer, way: str, text: str) -> None:
    _assert_meant(await _sent(asking, wire, way, text), text)


@pytest.mark.parametrize(
    ("way", "text", "key"),
    [
        ("labels", "a=b,c in (d)", "labelSelector"),
        ("labels", "!a", "labelSelector"),
        ("fields", "status.phase=a&b c", "fieldSelector"),
    ],
)
async def test_pt_2_a_selector_is_one_value_on_the_wire(
    asking: Asking, wire: WireServer, way: str, text: str, key: str
) -> None:
    (line,) = await _sent(asking, wire, way, text)

    assert dict(parse_qsl(line.split(" ")[1].partition("?")[2]))[key] == text


@pytest.mark.parametrize(("way", "path"), [("labels", "/api/v1/pods"), ("id of a role", "/apis/rbac.")])
async def test_pt_1_a_server_that_has_no_such_kind_is_asked_once_what_it_serves(
    asking: Asking, wire: WireServer, way: str, path: str
) -> None:
    wire.answers = [NO_KIND]
    try:
        asked, discovery = await _sent(asking, wire, way, "a=b")
    finally:
        wire.answers = [NO_OBJECT]

    assert asked.split(" ")[1].startswith(path)
    assert discovery == "GET /api HTTP/1.1"
