"""The schema has every generated field, and every generated object fits it."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from graphql import GraphQLSchema, build_schema

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from resolvers.caller import OPERATOR
from resolvers.names import list_name
from server.operationexecutor import OperationExecutor
from server.serve.demofleet import opened_demo_executor
from server.settings.settings import Settings
from tests.demo.fleet.selections import everything_of
from tests.demo.fleet.worlds import NAMES, objects


@pytest.fixture(scope="module")
def kinds() -> list[Kind]:
    """Those that have objects."""
    filled = {(item["apiVersion"], item["kind"]) for name in NAMES for item in objects(name)}
    return [kind for kind in BUILT_IN if (kind.api_version, kind.name) in filled]


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(Engine().sdl, assume_valid_sdl=True)


@pytest.fixture(scope="module")
async def executor() -> AsyncIterator[OperationExecutor]:
    wide = Settings(
        max_selected_fields=100_000,
        max_tokens=100_000,
        max_aliases=1000,
        max_depth=50,
        operation_timeout_s=600,  # a busy machine is slow
        cluster_timeout_s=600,
        memory_wait_s=600,
    )
    async with opened_demo_executor(wide, is_frozen=True) as executor:
        yield executor


async def test_every_field_of_every_object_is_answered(
    executor: OperationExecutor, schema: GraphQLSchema, kinds: list[Kind]
) -> None:
    answers = await asyncio.gather(
        *(executor.execute(GraphqlRequest(everything_of(schema, kind)), OPERATOR) for kind in kinds)
    )  # at once, because the slow cluster takes its time for each

    for kind, answer in zip(kinds, answers, strict=True):
        body = json.loads(answer.to_json())
        assert {error["extensions"]["cluster"] for error in body["errors"]} == {"dr-us-2"}, kind
        assert len(body["data"][list_name(kind)]["nodes"]) == _count(kind), kind


def _count(kind: Kind) -> int:
    return sum(
        (item["apiVersion"], item["kind"]) == (kind.api_version, kind.name) for name in NAMES for item in objects(name)
    )


def test_most_kinds_have_objects(kinds: list[Kind]) -> None:
    assert len(kinds) >= 35
