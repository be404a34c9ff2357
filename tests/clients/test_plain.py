"""docs/clients.md for HTTP and Python, without Node."""

import json

import httpx
import pytest

from tests.clients.conftest import PodList
from tests.clients.document import Command, steps
from tests.clients.following import Follower
from tests.demo.serving import DemoServer

INCOMPLETE = """
{
  deployments(clusters: {labels: "env=prod"}, where: [{path: "rollout.complete", value: false}]) {
    nodes { cluster { name } namespace name rollout { reason } }
  }
  nodes(where: [{path: "ready", value: false}]) { nodes { name } }
}
"""


def test_curl_gets_a_partial_answer(plain: Follower, expected: PodList, silence: str) -> None:
    (command,) = [ran.command for ran in plain.ran if ran.command.startswith("curl -s ")]

    answer = json.loads("".join(plain.output_of(command)))

    assert answer["data"]["pods"]["totalCount"] == expected["totalCount"]
    assert answer["data"]["pods"]["nodes"] == [{"name": pod["name"]} for pod in expected["nodes"][:2]]
    assert [(error["message"], error["extensions"]["retryable"]) for error in answer["errors"]] == [(silence, True)]


def test_curl_follows_a_list(plain: Follower) -> None:
    (command,) = [step.text for step in steps() if isinstance(step, Command) and step.is_endless]

    lines = plain.lines_until(command, '"type":"ADDED"')

    first, last = (json.loads(line.removeprefix("data: "))["data"]["nodes"] for line in (lines[3], lines[-1]))
    assert lines[:3] == [":", "", "event: next"]
    assert (first["changes"], {one["state"] for one in first["clusters"]}) == ([], {"SYNCING"})
    assert all(change["object"]["name"] for change in last["changes"])


def test_httpx_shows_rows_and_what_is_missing(plain: Follower, demo_server: DemoServer, silence: str) -> None:
    answer = httpx.post(f"{demo_server.url}/graphql", json={"query": INCOMPLETE}, timeout=60).json()
    lines = [
        f"{node['cluster']['name']} {node['namespace']}/{node['name']}: {node['rollout']['reason']}"
        for node in answer["data"]["deployments"]["nodes"]
    ]

    assert plain.output_of("python ask.py") == [*lines, f"missing: {silence}"]


def test_gql_shows_rows_and_what_is_missing(plain: Follower, demo_server: DemoServer, silence: str) -> None:
    answer = httpx.post(f"{demo_server.url}/graphql", json={"query": INCOMPLETE}, timeout=60).json()
    names = [node["name"] for node in answer["data"]["nodes"]["nodes"]]

    assert plain.output_of("python ask_gql.py") == [str(names), str([silence])]


@pytest.mark.parametrize(
    ("accept", "query", "status"),
    [
        ("application/graphql-response+json", "{ clusters { name } }", 200),
        ("application/graphql-response+json", "{ pods(first: 1) { nodes { name } } }", 200),
        ("application/graphql-response+json", "{ nothing }", 400),
        ("application/json", "{ nothing }", 200),
    ],
)
def test_statuses_are_those_of_the_table(demo_server: DemoServer, accept: str, query: str, status: int) -> None:
    answer = httpx.post(f"{demo_server.url}/graphql", json={"query": query}, headers={"Accept": accept}, timeout=60)

    assert answer.status_code == status


def test_batches_are_refused(demo_server: DemoServer) -> None:
    answer = httpx.post(f"{demo_server.url}/graphql", json=[{"query": "{ clusters { name } }"}], timeout=60)

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("origin", ["http://localhost:5173", None])
def test_the_demo_answers_pages_of_its_own_origin_only(demo_server: DemoServer, origin: str | None) -> None:
    headers = {"Origin": origin or demo_server.url}

    answer = httpx.post(
        f"{demo_server.url}/graphql", json={"query": "{ clusters { name } }"}, headers=headers, timeout=60
    )

    assert answer.status_code == (403 if origin else 200)
    assert "Access-Control-Allow-Origin" not in answer.headers
