"""Users with grants, from the command line through HTTP to the API server, and forged headers (IM-1)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.controlplane.cluster import Cluster
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.proxy import FaultProxy, ProxiedRequest
from tests.grants.test_impersonation import bind
from tests.server.serverprocess import ROOT, ServerProcess

pytestmark = pytest.mark.controlplane

SCHEMAS = ("/openapi/v3", "/apis/apiextensions.k8s.io/")
"""Paths that the server reads of a cluster in the background, for no caller."""

FORGED = {
    "Impersonate-User": "admin",
    "impersonate-group": "system:masters",
    "Impersonate-Uid": "0",
    "Impersonate-Extra-Scopes": "all",
    "X-Remote-User": "admin",
    "X-Remote-Group": "system:masters",
    "X-Forwarded-User": "admin",
    "Forwarded": "for=127.0.0.1",
    "Cookie": "session=1",
}


IN_ONE_PROCESS = """
import json, sys
from server.cli import failures
from server.main import run
for arguments in json.loads(sys.argv[1]):
    if exit_code := failures.guarded(lambda: run(arguments)):
        sys.exit(exit_code)
    print(end="\\0")
"""


def outputs_of(environment: dict[str, str], *commands: str) -> list[str]:
    """Runs commands in one process, one after the other, and returns the output of each."""
    ran = subprocess.run(
        [sys.executable, "-c", IN_ONE_PROCESS, json.dumps([command.split() for command in commands])],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return [output.strip() for output in ran.stdout.split("\0")[:-1]]


def is_about_schemas(request: ProxiedRequest) -> bool:
    """Returns whether a request is one of the learning of custom types, which has the cluster's own credential."""
    return request.path.startswith(SCHEMAS)


def test_a_user_s_grants_from_the_command_line_to_the_wire(
    alpha: Cluster, beta: Cluster, fault_proxy: Callable[..., FaultProxy], tmp_path: Path
) -> None:
    proxy = fault_proxy(alpha)
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", [proxy.cluster, beta])
    environment = {"HOME": str(tmp_path), "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db"}
    _imported, _identity, granted, token = outputs_of(
        environment,
        f"clusters import --all --kubeconfig {kubeconfig}",
        f"clusters identity {proxy.cluster.name} impersonation",
        f"grants add --group served --cluster {proxy.cluster.name} --cluster-role view --json",
        "tokens create --name t --user served-user --group served",
    )
    bind(alpha, "served-view", {"kind": "Group", "name": "served"})
    query = "{ viewer { name clusters { cluster { name } roles } } pods { totalCount clusters { status } } }"

    with ServerProcess(environment) as server:

        def ask(asked: str, **forged: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}", **forged}
            return httpx.post(f"{server.url}/graphql", json={"query": asked}, headers=headers, timeout=60)

        proxy.requests.clear()
        answer = ask(query, **FORGED).json()
        seen = [request for request in proxy.requests if not is_about_schemas(request)]
        refused = ask('mutation { createGrant(grant: {user: "me", allClusters: true, clusterRole: "admin"}) { id } }')
        over_get = httpx.get(
            f"{server.url}/graphql",
            params={"query": 'mutation { deleteGrant(id: "x") { grant { id } } }'},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        outputs_of(environment, f"grants remove {json.loads(granted)['id']}")
        after = ask("{ clusters { name } viewer { clusters { roles } } }").json()

    assert answer["data"] == {
        "viewer": {"name": "served-user", "clusters": [{"cluster": {"name": proxy.cluster.name}, "roles": ["view"]}]},
        "pods": {"totalCount": answer["data"]["pods"]["totalCount"], "clusters": [{"status": "OK"}]},
    }
    assert seen
    for request in seen:
        sent = [(name, value) for name, value in request.headers if name not in {"host", "authorization"}]
        assert [item for item in sent if item[0].startswith("impersonate")] == [
            ("impersonate-user", "served-user"),
            ("impersonate-group", "served"),
        ]
        assert {name for name, _value in sent} <= {
            *("accept", "accept-encoding", "user-agent", "content-type", "content-length", "traceparent"),
            *("impersonate-user", "impersonate-group"),
        }
    assert refused.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert over_get.status_code == 405
    assert after["data"] == {"clusters": [], "viewer": {"clusters": []}}
