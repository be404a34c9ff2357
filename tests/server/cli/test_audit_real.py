"""The audit and the API server's own audit log, which has the same request ids."""

import json
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.server.commandline import Cli
from tests.server.serverprocess import ServerProcess

pytestmark = pytest.mark.controlplane

REQUEST_ID = "audit-of-a-real-read"


def _asked(server: ServerProcess, token: str, query: str) -> Mapping[str, object]:
    headers = {"Authorization": f"Bearer {token}", "X-Request-Id": REQUEST_ID}
    response = httpx.post(f"{server.url}/graphql", json={"query": query}, headers=headers, timeout=30)
    answer: Mapping[str, object] = response.raise_for_status().json()
    assert "errors" not in answer, answer
    return answer


def _audited_by(cluster: Cluster, audit_id: str) -> Mapping[str, object]:
    """Returns the API server's own event."""
    for line in cluster.audit.path.read_text().splitlines():
        event: Mapping[str, object] = json.loads(line)
        if event["auditID"] == audit_id:
            return event
    pytest.fail(f"no event {audit_id}")


def test_au_1_a_read_of_secrets_is_what_the_api_server_audits(alpha: Cluster, cli: Cli, tmp_path: Path) -> None:
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", [alpha])
    assert cli("clusters", "import", "--kubeconfig", str(kubeconfig)).exit_code == 0
    token = cli("tokens", "create", "--name", "ci", "--admin").out.strip()
    environment = {"FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db", "HOME": str(tmp_path)}

    with ServerProcess(environment) as server:
        _asked(server, token, '{ secrets(namespaces: ["kube-system"]) { nodes { name data } } }')
        selection = "nodes { action caller clusterName identity verb resource namespace outcome auditIds }"
        answer = _asked(server, token, f'{{ auditEvents(requestId: "{REQUEST_ID}") {{ {selection} }} }}')

    data = answer["data"]
    assert isinstance(data, dict)
    (event,) = data["auditEvents"]["nodes"]
    assert (event["action"], event["caller"], event["clusterName"]) == ("SECRET_READ", "ci", alpha.name)
    assert (event["verb"], event["resource"], event["namespace"]) == ("list", "secrets", "kube-system")
    assert (event["outcome"], event["identity"]) == ("SUCCEEDED", "stored credential")
    (audit_id,) = event["auditIds"]
    theirs = _audited_by(alpha, audit_id)
    assert theirs["verb"] == "list"
    assert theirs["objectRef"] == {"resource": "secrets", "namespace": "kube-system", "apiVersion": "v1"}

    imported = json.loads(cli("audit", "list", "--json", "--cluster", alpha.name).out)
    assert [item["action"] for item in imported] == ["SECRET_READ", "CLUSTER_IMPORT"]
