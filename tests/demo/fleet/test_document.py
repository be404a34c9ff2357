"""The outputs in docs/demo.md are real."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from demo.fleet.company.profile import PROFILES
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.operationexecutor import OperationExecutor
from server.serve.demofleet import opened_demo_executor
from server.settings.settings import Settings

DOCUMENT = (Path(__file__).parents[3] / "docs" / "demo.md").read_text()
QUERIES = {
    re.findall(r"query (\w+)", query)[0]: query
    for query in re.findall(r"^```graphql\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
}
Answer = dict[str, Any]  # JSON of any shape


@pytest.fixture(scope="module")
async def answers() -> AsyncIterator[dict[str, Answer]]:
    """Returns the answer to each query of the document."""
    async with opened_demo_executor(Settings(), is_frozen=True) as executor:
        found = await asyncio.gather(*(_answer(executor, query) for query in QUERIES.values()))
        yield dict(zip(QUERIES, found, strict=True))


async def _answer(executor: OperationExecutor, query: str) -> Answer:
    found: Answer = json.loads((await executor.execute(GraphqlRequest(query), OPERATOR)).to_json())
    return found


def _names(nodes: list[Answer]) -> set[str]:
    return {f"{node['cluster']['name']} {node.get('namespace', '')}/{node['name']}" for node in nodes}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_finds_something_and_fails_for_the_cluster_that_is_down_alone(
    answers: dict[str, Answer], name: str
) -> None:
    answer = answers[name]

    assert {error["extensions"]["cluster"] for error in answer.get("errors", ())} <= {"dr-us-2"}
    for found in answer["data"].values():
        assert found if isinstance(found, list) else found["nodes"]


def test_every_cluster_is_in_the_table() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| ([\w-]+) \| ([\w.+-]+) \|", DOCUMENT, re.MULTILINE)

    assert rows == [
        (profile.name, profile.region, profile.version if profile.is_reachable else "-") for profile in PROFILES
    ]


def test_the_worst_pods(answers: dict[str, Answer]) -> None:
    pods = answers["WorstPods"]["data"]["pods"]

    restarts = [node["restarts"] for node in pods["nodes"]]
    assert restarts == sorted(restarts, reverse=True)
    assert restarts[0] > 40
    assert {"CrashLoopBackOff"} == {node["reason"] for node in pods["nodes"]}
    assert {
        cluster["cluster"]["name"]: cluster["status"] for cluster in pods["clusters"] if cluster["status"] != "OK"
    } == {"dr-us-2": "UNREACHABLE"}


def test_stuck_rollouts(answers: dict[str, Answer]) -> None:
    found = {
        f"{node['cluster']['name']} {node['name']}": node
        for node in answers["StuckRollouts"]["data"]["deployments"]["nodes"]
    }

    stuck = found["prod-eu-1 checkout-api"]
    assert stuck["rollout"] == {"reason": "It exceeded its progress deadline."}
    assert {pod["reason"] for pod in stuck["pods"]["nodes"]} == {"ImagePullBackOff"}
    assert {"staging-eu-1 pricing", "staging-eu-1 query-api", "prod-us-1 ledger-worker"} <= found.keys()


def test_nodes_in_trouble(answers: dict[str, Answer]) -> None:
    nodes = answers["Nodes"]["data"]["nodes"]["nodes"]

    assert [(node["cluster"]["name"], node["ready"]) for node in nodes] == [("prod-eu-1", False), ("prod-us-1", True)]
    reasons = {pod["name"]: pod["reason"] for pod in nodes[0]["pods"]["nodes"]}
    assert reasons["kafka-3"] == "Terminating"


def test_which_image_runs_where(answers: dict[str, Answer]) -> None:
    nodes = answers["WhichImageWhere"]["data"]["deployments"]["nodes"]
    images = {node["cluster"]["name"]: node["spec"]["template"]["spec"]["containers"][0]["image"] for node in nodes}

    assert len(images) == 5
    assert len(set(images.values())) >= 3


def test_what_waits(answers: dict[str, Answer]) -> None:
    found = answers["Waiting"]["data"]

    assert {name.rpartition("-")[0] for name in _names(found["pods"]["nodes"])} >= {"edge-berlin data/telemetry-buffer"}
    assert _names(found["persistentVolumeClaims"]["nodes"]) == {"edge-berlin data/data-telemetry-buffer-1"}
    assert {name.rpartition("-")[0] for name in _names(found["jobs"]["nodes"])} == {
        "prod-us-1 search/reindex-catalogue",
        "staging-eu-1 payments/settlement-report",
    }


def test_what_has_no_room(answers: dict[str, Answer]) -> None:
    found = answers["OutOfRoom"]["data"]

    applications = {name.rsplit("-", 2)[0] for name in _names(found["pods"]["nodes"])}
    assert applications == {"prod-eu-1 payments/invoice-renderer", "prod-us-1 search/indexer"}
    assert _names(found["horizontalPodAutoscalers"]["nodes"]) == {"prod-ap-1 checkout/checkout-api"}


def test_warnings(answers: dict[str, Answer]) -> None:
    reasons = {node["reason"] for node in answers["Warnings"]["data"]["events"]["nodes"]}

    assert {"BackOff", "FailedScheduling"} <= reasons
