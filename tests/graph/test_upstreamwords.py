"""ER-3: of a cluster's refusal, callers and the log get its status and reason, and no more."""

import json
import logging
from collections.abc import AsyncIterator

import pytest

from graph.engine import Engine
from k8s.credentials.credential import BearerToken, Secret
from k8s.kinds.builtin import POD
from k8s.transport.connection import Connection
from resolvers.arguments.globalids import object_id
from resolvers.fleet import servedkinds
from tests.graph.fleets import Asking, fleet_of
from tests.k8s.wireserver import WireServer, http, wire_server

CANARY = "canary-f00d"
TOLD = f"Bearer {CANARY} https://u:{CANARY}@10.0.0.1/{CANARY} <script>{CANARY}</script>\r\n\x1b[31m{CANARY}"
STATUS = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "message": TOLD,
    "metadata": {"selfLink": TOLD, "continue": CANARY},
    "details": {
        "name": TOLD,
        "group": TOLD,
        "kind": TOLD,
        "uid": CANARY,
        "causes": [{"reason": TOLD, "message": TOLD, "field": TOLD}],
    },
}
BODIES = {
    "status": json.dumps(STATUS | {"reason": "Whatever"}).encode(),
    "reason": json.dumps(STATUS | {"reason": TOLD}).encode(),
    "html": f"<html><body>{TOLD}</body></html>".encode(),
    "text": TOLD.encode(),
    "other JSON": json.dumps({"token": CANARY, "errors": [TOLD]}).encode(),
    "list": json.dumps([TOLD]).encode(),
    "none": b"",
}
HEADERS = f"X-Upstream: {CANARY}\r\nWww-Authenticate: Bearer realm={CANARY}\r\nWarning: 299 - {CANARY}\r\n"
STATUSES = (
    *("400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "409 Conflict", "410 Gone"),
    *("418 Teapot", "422 Unprocessable Entity", "500 Internal Server Error", "503 Service Unavailable"),
)
QUERY = """query ($id: ID!) {
  pods { nodes { name node { name } } clusters { error { code message reason } } }
  counted: nodes { totalCount }
  grouped: services { groups(by: ["namespace"]) { count } }
  pod(cluster: "wire", namespace: "shop", name: "web") { name }
  object(id: $id) { name }
  clusters { name version reachable counts { pods } }
}"""


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WireServer]:
    monkeypatch.setattr(servedkinds, "_LEAST_S", 0.0)  # after a 404, kinds are read again
    async with wire_server() as server:
        yield server


async def _asked(engine: Engine, wire: WireServer, answer: bytes, content_type: str, status: str) -> str:
    wire.answers = [http(answer, status=status, content_type=content_type, headers=HEADERS)]
    connection = Connection("wire", wire.endpoint, credential=BearerToken(Secret("t")))
    try:
        return await _told(Asking(engine, fleet_of([connection])))
    finally:
        await connection.close()


async def _told(asking: Asking) -> str:
    answer = await asking(QUERY, {"id": object_id("id-wire", POD, "shop", "web")})
    return answer.to_json().decode()


@pytest.mark.parametrize("status", STATUSES)
async def test_er_3_a_refusal(
    engine: Engine, wire: WireServer, status: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)

    for name, body in BODIES.items():
        content_type = "text/html" if name == "html" else "application/json"
        answer = await _asked(engine, wire, body, content_type, status)

        assert '"errors":[' in answer, name
        for word in (CANARY, "10.0.0.1", "<script>", "u:"):
            assert word not in answer, name
    printed = capsys.readouterr()
    assert CANARY not in f"{caplog.text}{printed.out}{printed.err}"
    assert wire.requests


@pytest.mark.parametrize("body", [item for item in BODIES if item != "none"])
async def test_er_3_an_answer_that_is_none(engine: Engine, wire: WireServer, body: str) -> None:
    content_type = "text/html" if body == "html" else "application/json"
    answer = await _asked(engine, wire, BODIES[body], content_type, "200 OK")

    assert '"reason":"ProtocolBroken"' in answer
    assert CANARY not in answer


async def test_er_3_a_reason_that_is_a_word_is_told(engine: Engine, wire: WireServer) -> None:
    answer = await _asked(engine, wire, BODIES["status"], "application/json", "403 Forbidden")

    assert '"reason":"Whatever"' in answer
    assert "its RBAC does not allow to list pods" in answer
