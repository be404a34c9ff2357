"""The shipped examples find something in the demo fleet."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from graph.live.subscription import LiveSubscription
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.operationexecutor import OperationExecutor
from server.serve.demofleet import opened_demo_executor
from server.settings.settings import Settings

FOLDER = Path(__file__).parents[3] / "web" / "graphiql" / "src" / "examples"
EXAMPLES = {file.stem: file.read_text() for file in sorted(FOLDER.glob("*.graphql"))}
LIVE = "Live"
VERSIONS = '{ kinds(group: "gateway.networking.k8s.io") { nodes { typeName versions { version clusters { name } } } } }'


@pytest.fixture(scope="module")
async def executor() -> AsyncIterator[OperationExecutor]:
    async with opened_demo_executor(Settings(), is_frozen=True) as executor:
        yield executor


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != LIVE])
async def test_an_example_finds_something(executor: OperationExecutor, name: str) -> None:
    answer = await executor.execute(GraphqlRequest(EXAMPLES[name]), OPERATOR)

    body: dict[str, Any] = json.loads(answer.to_json())
    (found,) = body["data"].values()
    assert found if isinstance(found, list) else found["nodes"]
    assert {error["extensions"]["cluster"] for error in body.get("errors", ())} <= {"dr-us-2"}


async def test_the_live_example_begins_with_all_rows(executor: OperationExecutor) -> None:
    question = await executor.subscribe(GraphqlRequest(EXAMPLES[LIVE]), OPERATOR)
    assert isinstance(question, LiveSubscription)

    found, states = set[str](), dict[str, str]()
    async with aclosing(question.payloads(OPERATOR)) as payloads:
        async for payload in payloads:
            pods: dict[str, Any] = json.loads(payload)["data"]["pods"]
            found |= {change["cluster"] for change in pods["changes"] if change["object"]["reason"]}
            states |= {cluster["name"]: cluster["state"] for cluster in pods["clusters"]}
            if "SYNCING" not in states.values():
                break

    assert len(found) > 1
    assert [name for name, state in states.items() if state != "LIVE"] == ["dr-us-2"]


async def test_typed_custom_kinds_are_known_to_the_first_query(executor: OperationExecutor) -> None:
    answer = await executor.execute(GraphqlRequest(VERSIONS), OPERATOR)

    nodes = json.loads(answer.to_json())["data"]["kinds"]["nodes"]
    served = {
        version["version"]: {cluster["name"] for cluster in version["clusters"]} for version in nodes[0]["versions"]
    }
    assert [node["typeName"] for node in nodes] == ["GatewayNetworkingK8sGateway", "GatewayNetworkingK8sHTTPRoute"]
    assert served == {
        "v1": {"prod-eu-1", "prod-us-1", "staging-eu-1"},
        "v1beta1": {"prod-ap-1", "prod-eu-1", "prod-us-1", "staging-eu-1"},
    }
