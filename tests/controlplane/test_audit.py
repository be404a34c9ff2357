"""The API server's own record of its requests."""

import threading
from pathlib import Path

import msgspec
import pytest

from tests.controlplane.audit import AuditLog
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster

pytestmark = pytest.mark.controlplane

PODS = "/api/v1/namespaces/default/pods"


async def ask(cluster: Cluster, user: str, path: str = PODS, **headers: str) -> int:
    async with connect(cluster, user) as session, session.get(path, headers=headers) as response:
        await response.read()
        return response.status


async def test_a_finished_request_is_counted_with_its_status(beta: Cluster) -> None:
    mark = beta.audit.mark()

    await ask(beta, "admin", f"{PODS}?limit=1")
    await ask(beta, "admin", f"{PODS}/missing")

    seen = beta.audit.requests_since(mark, user="admin")
    assert [(r.verb, r.resource, r.namespace, r.name, r.status) for r in seen] == [
        ("list", "pods", "default", "", 200),
        ("get", "pods", "default", "missing", 404),
    ]
    assert seen[0].uri == f"{PODS}?limit=1"


async def test_requests_before_the_mark_are_not_counted(beta: Cluster) -> None:
    await ask(beta, "admin")
    mark = beta.audit.mark()

    assert beta.audit.requests_since(mark, user="admin") == []


async def test_user_and_user_agent_filter(beta: Cluster) -> None:
    mark = beta.audit.mark()

    await ask(beta, "alice", **{"User-Agent": "fleetgraph/1.0"})
    await ask(beta, "viewer", **{"User-Agent": "other/1.0"})

    assert [r.user for r in beta.audit.requests_since(mark, user_agent="fleetgraph/")] == ["alice"]
    assert [r.status for r in beta.audit.requests_since(mark, user="viewer")] == [200]


async def test_the_harness_is_not_counted(beta: Cluster) -> None:
    mark = beta.audit.mark()

    await ask(beta, "harness", **{"User-Agent": "uncounted"})

    assert beta.audit.requests_since(mark, user_agent="uncounted") == []


async def test_impersonation_is_seen(beta: Cluster) -> None:
    mark = beta.audit.mark()

    status = await ask(beta, "admin", **{"Impersonate-User": "nobody"})

    [request] = beta.audit.requests_since(mark, user="admin")
    assert request.impersonated_user == "nobody"
    assert status == 403


def test_a_log_that_does_not_exist_yet_is_empty(tmp_path_factory: pytest.TempPathFactory) -> None:
    log = AuditLog(tmp_path_factory.mktemp("audit") / "missing.log")

    assert log.requests_since(log.mark()) == []


def event(audit_id: str, stage: str) -> bytes:
    return msgspec.json.encode(
        {
            "auditID": audit_id,
            "stage": stage,
            "verb": "list",
            "requestURI": f"/{audit_id}",
            "user": {"username": "admin"},
            "responseStatus": {"code": 200},
        }
    )


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "audit.log")


def write_soon(log: AuditLog, text: bytes) -> threading.Timer:
    """Writes more to the log while a reader waits."""

    def write() -> None:
        with log.path.open("ab") as file:
            file.write(text)

    timer = threading.Timer(0.2, write)
    timer.start()
    return timer


def test_a_mark_waits_for_what_is_under_way(log: AuditLog) -> None:
    log.path.write_bytes(event("early", "RequestReceived") + b"\n")
    timer = write_soon(log, event("early", "ResponseComplete") + b"\n")

    mark = log.mark()
    timer.join()

    assert mark == log.path.stat().st_size
    assert log.requests_since(mark) == []


def test_a_mark_is_behind_a_whole_line(log: AuditLog) -> None:
    line = event("early", "ResponseComplete") + b"\n"
    log.path.write_bytes(line + line[:50])

    mark = log.mark()
    with log.path.open("ab") as file:
        file.write(line[50:] + event("late", "RequestReceived") + b"\n" + event("late", "ResponseComplete") + b"\n")

    assert mark == len(line)
    assert [(request.uri, request.status) for request in log.requests_since(mark)] == [("/late", 200)]


def test_a_status_is_waited_for(log: AuditLog) -> None:
    log.path.write_bytes(event("late", "RequestReceived") + b"\n")
    timer = write_soon(log, event("late", "ResponseComplete") + b"\n")

    (request,) = log.requests_since(0)
    timer.join()

    assert request.status == 200


def test_what_never_ends_is_not_waited_for_again(log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.controlplane.audit._THROUGH_WITHIN_S", 0.01)
    log.path.write_bytes(event("open", "RequestReceived") + b"\n")
    assert [request.status for request in log.requests_since(0)] == [None]
    monkeypatch.setattr("tests.controlplane.audit._THROUGH_WITHIN_S", 3600.0)

    assert [request.status for request in log.requests_since(0)] == [None]
