"""Unexpected errors anywhere: masked, with a code and an id, and in the log once (ER-1)."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from graph.engine import Engine
from graph.schema.catalogue import catalogue
from resolvers.grants.managedgrants import ManagedGrants
from resolvers.limits import OperationLimits
from resolvers.links.members import Member
from server.app.app import create_app
from server.app.config import AppConfig
from server.auth.callers import Callers
from server.observe.logs import configure_logging
from server.operationexecutor import OperationExecutor
from server.settings.settings import Settings
from tests.graph.bodies import MadeObjects
from tests.graph.fleets import CURSOR_KEY, fleet_of
from tests.graph.senders import ObjectsSender
from tests.server.http_parts import AUTHORIZED, FakeExecutor, Fakes, FakeStore, FakeTokens

MULTIPART = 'multipart/mixed; deferSpec="20220824"'


def fail(*_arguments: object, **_keywords: object) -> Any:
    raise RuntimeError("secret")


async def fail_later(*_arguments: object, **_keywords: object) -> Any:
    raise RuntimeError("secret")


class BrokenGrants:
    """Grants that raise an error."""

    add = all = remove = staticmethod(fail_later)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture
def app(engine: Engine) -> Starlette:
    executor = OperationExecutor(
        engine,
        fleet_of([ObjectsSender("one", MadeObjects(2))]),
        cursor_key=CURSOR_KEY,
        limits=OperationLimits(),
        timeout_s=30,
        grants=cast(ManagedGrants, BrokenGrants()),
    )
    return create_app(AppConfig(executor=executor, callers=Callers(FakeTokens()), store=FakeStore()))


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces one derived field, one link and one root field by functions that raise."""
    members: dict[tuple[str, str], Callable[..., Any]] = {
        ("Node", "internalIP"): fail,
        ("Pod", "node"): fail_later,
        ("Cluster", "version"): fail_later,
    }
    for (owner, name), function in members.items():
        member = cast(dict[str, Member], catalogue()[owner].members)
        monkeypatch.setitem(member, name, replace(member[name], function=function))  # type: ignore[arg-type]  # any


async def _text(app: Starlette, query: str, **headers: str) -> str:
    request_headers = {**AUTHORIZED, "Content-Type": "application/json", **headers}
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://fleetgraph.test") as client:
        return (await client.post("/graphql", json={"query": query}, headers=request_headers)).text


def _parts(text: str) -> Iterator[Mapping[str, Any]]:
    """Returns the payloads of a response, one or many."""
    lines = [line for line in text.splitlines() if line.startswith("{")]
    yield from (json.loads(line) for line in lines)


def _errors(value: object) -> Iterator[Mapping[str, Any]]:
    """Returns all errors of payloads, at any place."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            if key == "errors":
                yield from member
            else:
                yield from _errors(member)
    elif isinstance(value, list):
        for member in value:
            yield from _errors(member)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    "query",
    [
        "{ nodes(first: 1) { nodes { internalIP } } }",
        "{ pods(first: 1) { nodes { node { name } } } }",
        "{ clusters { version } }",
        "{ grants { id } }",
        'mutation { createGrant(grant: {user: "a", allClusters: true, clusterRole: "view"}) { id } }',
        'mutation { deleteGrant(id: "1") { grant { id } } }',
        "{ clusters { name ... @defer { version } } }",
        "{ pods(first: 1) { nodes { name ... @defer { node { name } } } } }",
        "{ nodes { nodes @stream(initialCount: 0) { internalIP } } }",
    ],
)
async def test_er_1_in_an_operation(app: Starlette, query: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())

    text = await _text(app, query, Accept=MULTIPART)

    errors = [error for part in _parts(text) for error in _errors(part)]
    assert errors
    assert {error["extensions"]["code"] for error in errors} == {"INTERNAL"}
    assert "secret" not in text
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    unexpected = [event for event in logged if "RuntimeError" in str(event.get("exception"))]
    assert sorted(event["id"] for event in unexpected) == sorted(error["extensions"]["id"] for error in errors)
    assert {event["request_id"] for event in unexpected} == {logged[-1]["request_id"]}


async def test_er_1_where_the_answer_is_encoded(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())

    class Unencodable:
        executed = True
        to_json = staticmethod(fail)

    await _is_masked(Fakes(FakeExecutor(answer=cast(Any, Unencodable()))), capsys)


async def test_er_1_where_the_caller_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())

    await _is_masked(Fakes(tokens=FakeTokens(error=RuntimeError("secret"))), capsys)


async def _is_masked(fakes: Fakes, capsys: pytest.CaptureFixture[str]) -> None:
    response = await fakes.post()

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (500, "INTERNAL")
    assert "secret" not in response.text
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (unexpected,) = (event for event in logged if "exception" in event)
    assert unexpected["id"] == error["extensions"]["id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    "body", ['{"query": 5}', '{"query": "{ ok }", "variables": 5}', '{"query": null}', "5", '"x"', "null", "[5]"]
)
async def test_er_2_a_wrong_body_is_told_without_our_internals(body: str) -> None:
    response = await Fakes().post(body.encode())

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    assert "has no len()" not in error["message"]
    assert "object of type" not in error["message"]
