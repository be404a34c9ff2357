"""Every query in the README and the manual, sent to the demo fleet."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from graph.document.operations import is_subscription
from graph.live.subscription import LiveSubscription
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.operationexecutor import OperationExecutor
from server.serve.demofleet import opened_demo_executor
from server.settings.settings import Settings
from tests.docs.blocks import Block, blocks_in

DEAD = "dr-us-2"
FINDING = {"README.md", "concepts.md", "environment.md", "links.md", "usage.md"}
"""Documents of which each query finds something; `tests/demo/fleet/test_document.py` has those of the demo."""


@pytest.fixture(scope="module")
async def executor() -> AsyncIterator[OperationExecutor]:
    """Yields the executor of the frozen demo fleet."""
    async with opened_demo_executor(Settings(), is_frozen=True) as opened:
        yield opened


def _blocks(*, are_subscriptions: bool) -> list[Block]:
    return [block for block in blocks_in("graphql") if is_subscription(block.text) is are_subscriptions]


@pytest.mark.parametrize("block", _blocks(are_subscriptions=False), ids=str)
async def test_a_query_has_an_answer_and_no_error_but_the_dead_clusters(
    block: Block, executor: OperationExecutor
) -> None:
    answer = json.loads((await executor.execute(GraphqlRequest(block.text), OPERATOR)).to_json())

    assert {error["extensions"].get("cluster") for error in answer.get("errors", [])} <= {DEAD}, answer["errors"]
    assert answer["data"]
    assert None not in [field for name, field in answer["data"].items() if isinstance(field, dict | None)]
    if block.file.name in FINDING:
        assert [] not in [field["nodes"] for field in answer["data"].values() if "nodes" in field]


@pytest.mark.parametrize("block", _blocks(are_subscriptions=True), ids=str)
async def test_a_subscription_begins_with_rows_of_all_clusters_but_the_dead_one(
    block: Block, executor: OperationExecutor
) -> None:
    live = await executor.subscribe(GraphqlRequest(block.text), OPERATOR)
    assert isinstance(live, LiveSubscription), live

    found, states = 0, dict[str, str]()
    async with aclosing(live.payloads(OPERATOR)) as payloads:
        async for payload in payloads:
            (data,) = json.loads(payload)["data"].values()
            found += len(data["changes"])
            states |= {cluster["name"]: cluster["state"] for cluster in data["clusters"]}
            if "SYNCING" not in states.values():
                break

    assert found
    assert [name for name, state in states.items() if state != "LIVE"] == [DEAD]


@pytest.mark.parametrize(("name", "count"), [("Wrong", 95), ("Right", 0)])
async def test_comparisons_of_one_element_differ_from_those_of_several(
    name: str, count: int, executor: OperationExecutor
) -> None:
    (query,) = [block.text for block in blocks_in("graphql") if block.text.startswith(f"query {name} ")]

    answer = json.loads((await executor.execute(GraphqlRequest(query), OPERATOR)).to_json())

    assert answer["data"]["nodes"]["totalCount"] == count
    assert ("warnings" in answer.get("extensions", {})) is (name == "Wrong")


async def test_the_answer_in_the_readme_is_that_of_the_demo(executor: OperationExecutor) -> None:
    first, *_ = (block.text for block in _blocks(are_subscriptions=False) if block.file.name == "README.md")
    row, *_ = (block.text for block in blocks_in("json") if block.file.name == "README.md")

    answer = json.loads((await executor.execute(GraphqlRequest(first), OPERATOR)).to_json())

    assert json.loads(row) in answer["data"]["secrets"]["nodes"]


@pytest.mark.parametrize("block", blocks_in("json"), ids=str)
def test_json_is_json(block: Block) -> None:
    assert json.loads(block.text) is not None
