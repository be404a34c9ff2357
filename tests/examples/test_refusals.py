"""Errors of the examples: messages, never a traceback."""

import json

import pytest

from tests.demo.serving import DemoServer
from tests.examples.otherserver import Reply, replying
from tests.examples.running import run

PROGRAMS = ("trouble.py", "images.py", "pages.py")
NO_POD = {
    "totalCount": 0,
    "nodes": [],
    "clusters": [],
    "pageInfo": {"hasNextPage": False, "endCursor": None},
}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[::"])
def test_an_address_where_nothing_is(program: str, url: str) -> None:
    ran = run(program, url=url)

    assert (ran.stdout, ran.exit_code, len(ran.stderr)) == ([], 2, 1)
    assert ran.stderr[0].startswith(f"No answer from {url} (")
    assert ran.stderr[0].endswith("FLEETGRAPH_URL says where fleetgraph is.")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_token_that_is_not_valid(program: str, demo_server: DemoServer) -> None:
    ran = run(program, url=demo_server.url, token="wrong")

    assert ran.stderr == ["A valid token is needed: Authorization: Bearer <token>."]
    assert (ran.stdout, ran.exit_code) == ([], 2)


def test_an_argument_that_fleetgraph_refuses(demo_server: DemoServer) -> None:
    ran = run("trouble.py", "--labels", "env===", url=demo_server.url)

    assert ran.stderr == ["clusters.labels: 'env===' is no label; write key=value,key=value."]
    assert (ran.stdout, ran.exit_code) == ([], 2)


@pytest.mark.parametrize("program", ["trouble.py", "pages.py"])
@pytest.mark.parametrize(
    "reply",
    [Reply(502, b"<h1>Bad gateway</h1>", "text/html"), Reply(502, b"[]"), Reply(502, b'{"message": "no"}')],
    ids=["html", "list", "other"],
)
def test_something_else_answers(program: str, reply: Reply) -> None:
    with replying([reply]) as url:
        ran = run(program, url=url)

    assert ran.stderr == [f"{url} answered HTTP 502, but not as fleetgraph does."]
    assert (ran.stdout, ran.exit_code) == ([], 2)


def test_something_else_answers_gql() -> None:
    with replying([Reply(502, b"<h1>Bad gateway</h1>", "text/html")]) as url:
        ran = run("images.py", url=url)

    assert ran.stderr[0].startswith(f"No answer from {url} (TransportServerError: ")
    assert (ran.stdout, ran.exit_code) == ([], 2)


def test_pages_asks_a_server_that_stops_again() -> None:
    stopping = Reply(503, b'{"errors": [{"message": "The server stops."}]}', headers={"Retry-After": "0"})

    with replying([stopping, stopping, Reply(200, json.dumps({"data": {"pods": NO_POD}}).encode())]) as url:
        ran = run("pages.py", url=url)

    assert (ran.stdout, ran.stderr, ran.exit_code) == ([], [], 0)


def test_pages_gives_up_on_a_server_that_stays_away() -> None:
    stopping = Reply(503, b'{"errors": [{"message": "The server stops."}]}', headers={"Retry-After": "0"})

    with replying([stopping, stopping, stopping, Reply(200, json.dumps({"data": {"pods": NO_POD}}).encode())]) as url:
        ran = run("pages.py", url=url)

    assert (ran.stdout, ran.stderr, ran.exit_code) == ([], ["The server stops."], 2)
