"""`query --watch`: payloads become rows, a lost server is asked again, and what is refused ends it."""

import json
from collections.abc import AsyncGenerator, Sequence

import pytest

from graph.document.followedlist import RESUME, followed_list
from graph.request import GraphqlRequest
from server.cli.query.answered import Answered
from server.cli.query.follow import Following
from server.cli.query.followedrows import FollowedRows
from server.cli.query.livescreen import lines
from server.cli.query.outputformat import OutputFormat
from server.cli.query.remoteevents import next_payloads
from server.commanderrors import ExitCode, InputError, RemoteError

QUERY = "{ pods { nodes { namespace name } totalCount } }"
Step = bytes | RemoteError


def _payload(*changes: tuple[str, str], resume: str = "r", resynced: str = "", states: str = "LIVE") -> bytes:
    """Returns a payload; each change is `cluster/name` and a namespace, which is empty for a deleted one."""
    return json.dumps(
        {
            "data": {
                "pods": {
                    "changes": [
                        {
                            "type": "ADDED" if namespace else "DELETED",
                            "id": place,
                            "cluster": place.partition("/")[0],
                            "object": {
                                "namespace": namespace,
                                "name": place.partition("/")[2],
                            }
                            if namespace
                            else None,
                        }
                        for place, namespace in changes
                    ],
                    "clusters": [
                        {"name": name, "state": states, "isResynced": name == resynced, "error": None}
                        for name in ("a", "b")
                    ],
                    "resume": resume,
                    "totalCount": None,
                }
            }
        }
    ).encode()


REFUSED = b'{"errors": [{"message": "The token has expired."}]}'


class Script:
    """Answers each subscription with one list of payloads, as a server does that is asked again."""

    def __init__(self, *connections: Sequence[Step]) -> None:
        self.resumes: list[object] = []
        self._connections = list(connections)

    async def __call__(self, request: GraphqlRequest, /) -> Answered:
        raise NotImplementedError

    async def payloads(self, request: GraphqlRequest, /) -> AsyncGenerator[bytes, None]:
        self.resumes.append((request.variables or {})[RESUME])
        for step in self._connections.pop(0):
            if isinstance(step, RemoteError):
                raise step
            yield step


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("server.cli.query.follow.sleep", sleep)
    return waits


def _rows(*payloads: bytes) -> FollowedRows:
    rows = FollowedRows(followed_list(QUERY))
    for payload in payloads:
        rows.apply(payload)
    return rows


def test_rows_are_the_state_after_all_changes_by_cluster() -> None:
    rows = _rows(
        _payload(("b/z", "shop"), ("a/y", "shop"), ("a/x", "data")),
        _payload(("a/y", ""), ("a/x", "moved"), ("a/w", "data")),
    )

    assert rows.table().rows == [["a", "data", "w"], ["a", "moved", "x"], ["b", "shop", "z"]]
    assert (rows.resume, rows.is_refused) == ("r", False)


def test_a_cluster_that_comes_again_loses_the_rows_that_it_had() -> None:
    rows = _rows(_payload(("a/x", "data"), ("b/y", "shop")), _payload(("a/new", "data"), resynced="a"))

    assert rows.table().rows == [["a", "data", "new"], ["b", "shop", "y"]]


def test_a_screen_has_the_rows_that_fit_and_says_what_is_missing() -> None:
    rows = _rows(_payload(*((f"a/pod-{number:02}", "data") for number in range(40)), states="STALE"))

    shown = list(lines(rows, 80, 20, is_wide=False))

    assert shown[0].endswith("40 rows, 0 of 2 clusters live")
    assert "pod-00" in shown[3]
    assert len(shown) < 20
    assert "a is STALE" in shown
    assert shown[-1].endswith("more lines below; select fewer, or use a larger window.")


async def test_a_lost_server_is_asked_again_behind_the_latest_payload(
    capsys: pytest.CaptureFixture[str], no_waiting: list[float]
) -> None:
    lost = RemoteError("No connection.")
    asks = Script([_payload(("a/x", "n"), resume="1"), lost], [lost], [lost], [_payload(resume="2"), REFUSED])

    code = await Following(asks, GraphqlRequest(QUERY), OutputFormat.JSON).run()

    ran = capsys.readouterr()
    assert asks.resumes == [None, "1", "1", "1"]
    assert no_waiting == [1.0, 2.0, 4.0]
    assert code is ExitCode.FAILED
    assert [json.loads(line)["data"]["pods"]["resume"] for line in ran.out.splitlines()] == ["1", "2"]
    assert ran.err.endswith("error: The token has expired.\n")


async def test_what_cannot_be_continued_begins_anew() -> None:
    lost = RemoteError("No connection.")
    asks = Script([_payload(resume="1"), lost], [REFUSED], [_payload(resume="2"), REFUSED])

    assert await Following(asks, GraphqlRequest(QUERY), OutputFormat.JSON).run() is ExitCode.FAILED
    assert asks.resumes == [None, "1", None]


async def test_the_first_refusal_is_one_of_the_query(capsys: pytest.CaptureFixture[str]) -> None:
    asked = Following(Script([REFUSED]), GraphqlRequest("{ pods(first: 3) { nodes { name } } }"), OutputFormat.TABLE)

    assert await asked.run() is ExitCode.USAGE
    assert "has no first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("query", "output", "said"),
    [
        ("{ pods { nodes { name } } nodes { nodes { name } } }", None, "One list can be followed"),
        (QUERY, OutputFormat.CSV, "--watch prints tables or JSON"),
    ],
)
def test_what_cannot_be_followed_is_said_at_once(query: str, output: OutputFormat | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Following(Script(), GraphqlRequest(query), output)


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_events_of_a_server_have_one_payload_each(size: int) -> None:
    sent = (
        b':\n\nevent: next\ndata: {"a":\ndata: 1}\n\n: beat\n\nevent: next\r\ndata:{}\r\n\r\nevent: complete\ndata:\n\n'
    )

    async def chunks() -> AsyncGenerator[bytes, None]:
        for at in range(0, len(sent), size):
            yield sent[at : at + size]

    assert [payload async for payload in next_payloads(chunks())] == [b'{"a":\n1}', b"{}"]


async def test_a_stream_that_is_cut_off_is_an_error() -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield b"event: next\ndata: {}\n\n"

    with pytest.raises(RemoteError, match="ended the connection"):
        assert [payload async for payload in next_payloads(chunks())] == []
