"""Secrets stay out of the log in any case, even at DEBUG (ER-5); an event is a line (ER-6)."""

import json
from pathlib import Path

import httpx
import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.server.commandline import Cli
from tests.server.serverprocess import ServerProcess

pytestmark = pytest.mark.controlplane

CANARY = "canary-f00d"
QUERIES = (
    "{ secrets { nodes { name data } } }",
    '{ secret(cluster: "alpha", namespace: "default", name: "x\\r\\n\\u001b[31m") { data } }',
    '{ pods(labelSelector: "canary-f00d in (") { totalCount } }',
    '{ pods(fieldSelector: "spec.canary-f00d=1") { totalCount } }',
    '{ pods(where: [{path: "canary-f00d", value: "canary-f00d"}]) { totalCount } }',
    "{ canary_f00d: clusters { name version } }",
    "{ viewer { name } auditEvents { nodes { action } } }",
    "{ clusters { name ",
    "query ($canary: Int!) { pods(first: $canary) { totalCount } }",
)
HEADERS = {
    "Authorization": f"Bearer {CANARY}",
    "Cookie": f"session={CANARY}",
    "X-Request-Id": f"{CANARY} {CANARY}",
    "User-Agent": CANARY,
    "traceparent": CANARY,
    "Accept-Language": CANARY,
}


def test_er_5_and_er_6(alpha: Cluster, cli: Cli, tmp_path: Path) -> None:
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", [alpha])
    assert cli("clusters", "import", "--kubeconfig", str(kubeconfig)).exit_code == 0
    token = cli("tokens", "create", "--name", "ci", "--admin").out.strip()
    environment = {
        "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db",
        "FLEETGRAPH_LOG_LEVEL": "debug",
        "HOME": str(tmp_path),
        "PYTHONASYNCIODEBUG": "1",
    }

    with ServerProcess(environment) as server:
        for query in QUERIES:
            for headers in ({"Authorization": f"Bearer {token}"}, HEADERS):
                body = {"query": query, "variables": {"canary": CANARY}, "operationName": None}
                httpx.post(f"{server.url}/graphql?token={CANARY}", json=body, headers=headers, timeout=30)
        for path in (f"/{CANARY}", f"/docs/{CANARY}", f"/metrics?token={CANARY}", "/x%0d%0a%1b[31m", "/readyz"):
            httpx.get(f"{server.url}{path}", headers=HEADERS, timeout=30)
        server.terminate()
        assert server.exit_code() == 0
        log = server.log

    keys = (tmp_path / "fleetgraph.key").read_text().strip().partition(":")[2]
    for secret in (token, token[len("fgt_0123456789ab_") :], alpha.token(), keys, "BEGIN"):
        assert secret not in log
    without_paths = "\n".join(line for line in log.splitlines() if f'"path": "/{CANARY}' not in line)
    assert CANARY not in without_paths.replace(f'"path": "/docs/{CANARY}"', "")
    lines = [line for line in log.splitlines() if not line.startswith("fleetgraph listens on")]
    assert len(lines) > 2 * len(QUERIES)
    assert all("event" in json.loads(line) for line in lines)
    assert "\x1b" not in log
