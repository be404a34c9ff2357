"""fleetgraph in a federated graph: composed by Apollo's own library, and queried through Apollo's gateway.

The other subgraphs and the query are those of docs/federation.md.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.demo.serving import DemoServer
from tests.docs.blocks import ROOT, blocks
from web.node import NodeJs
from web.npm import NpmInstallation, installed

FOLDER = Path(__file__).parent
DOCUMENT = ROOT / "docs" / "federation.md"
IDS = """{ checkout: deployments(namespaces: ["checkout"]) { nodes { id } }
  payments: deployments(namespaces: ["payments"]) { nodes { id } } }"""


@dataclass(frozen=True)
class Composed:
    """The gateway's answer, and its requests to fleetgraph."""

    hints: list[str]
    data: Any
    asked: list[Any]


@pytest.fixture(scope="module")
def tools(node: NodeJs) -> NpmInstallation:
    """Installs Apollo's libraries and returns their folder."""
    return installed(FOLDER)


@pytest.fixture(scope="module")
def ids(demo_server: DemoServer) -> dict[str, list[str]]:
    """Returns the deployments of two teams in all clusters."""
    data = httpx.post(f"{demo_server.url}/graphql", json={"query": IDS}, timeout=60).json()["data"]
    return {team: [node["id"] for node in found["nodes"]] for team, found in data.items()}


@pytest.fixture(scope="module")
def composed(
    tools: NpmInstallation, demo_server: DemoServer, ids: dict[str, list[str]], tmp_path_factory: Any
) -> Composed:
    """Returns the answer to the document's query through the document's graph."""
    portal, remarks, query = (block.text for block in blocks(DOCUMENT) if block.language == "gql")
    given = {"query": query, "ids": ids, "subgraphs": {"portal": portal, "remarks": remarks}}
    path: Path = tmp_path_factory.mktemp("federation") / "given.json"
    path.write_text(json.dumps(given))
    printed = json.loads(tools.run("node", "composed.mjs", f"{demo_server.url}/graphql", str(path), timeout_s=60))
    assert "errors" not in printed["answer"], printed["answer"]["errors"]
    return Composed(printed["hints"], printed["answer"]["data"], printed["asked"])


def test_a_query_goes_from_the_portal_through_the_fleet_and_back(composed: Composed, ids: dict[str, list[str]]) -> None:
    teams = {team["name"]: team["workloads"] for team in composed.data["teams"]}

    assert {name: len(workloads) for name, workloads in teams.items()} == {name: len(of) for name, of in ids.items()}
    some = teams["checkout"][0]
    assert some["runbook"] == "https://runbooks.example.com/checkout"
    assert some["replicas"]["desired"] >= some["replicas"]["ready"] >= 0
    assert some["remark"].startswith("seen ")
    assert all(workload["cluster"]["name"] for of in teams.values() for workload in of)
    pods = [pod for of in teams.values() for workload in of for pod in workload["pods"]["nodes"]]
    assert pods
    assert all(pod["node"] is None or pod["node"]["remark"].startswith("seen ") for pod in pods)


def test_the_gateway_asks_fleetgraph_once_for_all_entities(composed: Composed, ids: dict[str, list[str]]) -> None:
    (asked,) = composed.asked

    assert len(asked["variables"]["representations"]) == sum(map(len, ids.values()))


def test_composition_has_no_hints_but_for_the_portals_small_page_info(composed: Composed) -> None:
    assert set(composed.hints) <= {"INCONSISTENT_OBJECT_VALUE_TYPE_FIELD"}
