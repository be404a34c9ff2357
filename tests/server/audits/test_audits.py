"""The GraphQL-over-HTTP specification as the audits of the npm package graphql-http see it: all of them, by name."""

import json
from pathlib import Path
from typing import TypedDict

import pytest

from tests.demo.serving import DemoServer
from tests.server.commandline import Cli
from tests.server.serverprocess import ServerProcess
from web.node import NodeJs
from web.npm import NpmInstallation, installed

FOLDER = Path(__file__).parent
AUDITS = 61


class Audit(TypedDict):
    """The result of one audit."""

    id: str
    name: str
    status: str
    reason: str


@pytest.fixture(scope="module")
def tools(node: NodeJs) -> NpmInstallation:
    return installed(FOLDER, node=node)


def failed(tools: NpmInstallation, url: str, token: str) -> tuple[int, list[Audit]]:
    """Returns the number of audits, and those that failed."""
    audits: list[Audit] = json.loads(tools.run("node", "audit.mjs", f"{url}/graphql", token, timeout_s=120))
    return len(audits), [audit for audit in audits if audit["status"] != "ok"]


def test_every_audit_is_passed_with_a_token(tools: NpmInstallation, cli: Cli, tmp_path: Path) -> None:
    token = cli("tokens", "create", "--name", "audits", "--admin").out.strip()
    environment = {"FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db", "HOME": str(tmp_path)}

    with ServerProcess(environment) as server:
        assert failed(tools, server.url, token) == (AUDITS, [])


def test_every_audit_is_passed_by_the_demo_without_a_token(tools: NpmInstallation, demo_server: DemoServer) -> None:
    assert failed(tools, demo_server.url, "") == (AUDITS, [])
