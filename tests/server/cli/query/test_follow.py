"""`query --watch`: payloads become rows, a lost server is asked again, and what is refused ends it."""

import json
import sys
from collections.abc import AsyncGenerator, Sequence

import pytest
from rich.cells import cell_len

from graph.document.followedlist import RESUME, followed_list
from graph.request import GraphqlRequest
from server.cli.query.answered import Answered
from server.cli.query.follow import Following
from server.cli.query.followedrows import FollowedRows
from server.cli.query.livescreen import LiveScreen
from server.cli.query.outputformat import OutputFormat
from server.cli.query.remoteevents import next_payloads
from server.commanderrors import ExitCode, InputError, RemoteError, RemoteRefusal

QUERY = "{ pods { nodes { namespace name } totalCount } }"
Step = bytes | RemoteError
TWO = ("a", "b")


def _payload(
    *changes: tuple[str, str],
    resume: str = "r",
    resynced: str = "",
    states: str = "LIVE",
    clusters: Sequence[str] = TWO,
    cause: str = "",
) -> bytes:
    """Returns a payload; each change is `cluster/name` and a namespace, which is empty for a deleted one."""
    error = {"message": cause} if cause else None
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
                        {"name": name, "state": states, "isResynced": name == resynced, "error": error}
                        for name in clusters
                    ],
                    "resume": resume,
                    "totalCount": None,
                }
            }
        }
    ).encode()


def _ended(message: str, code: str, *, retryable: bool = False) -> bytes:
    """Returns a payload that ends a subscription."""
    return json.dumps({"errors": [{"message": message, "extensions": {"code": code, "retryable": retryable}}]}).encode()


EXPIRED = _ended("The token has expired.", "UNAUTHENTICATED")
INVALID = _ended("The token of resume is of another key.", "BAD_USER_INPUT")
STOPPING = _ended("The server is stopping; ask again.", "INTERNAL", retryable=True)
LOST = RemoteError("No connection.")


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
    monkeypatch.setattr("server.cli.query.follow.uniform", lambda _least, most: most)
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
    assert rows.resume == "r"


def test_a_cluster_that_comes_again_loses_the_rows_that_it_had() -> None:
    rows = _rows(_payload(("a/x", "data"), ("b/y", "shop")), _payload(("a/new", "data"), resynced="a"))

    assert rows.table().rows == [["a", "data", "new"], ["b", "shop", "y"]]


def _screen(rows: FollowedRows, width: int, height: int, *, is_wide: bool = False, lost: str = "") -> Sequence[str]:
    return LiveScreen(["has no first"], is_wide=is_wide).screen(rows, width, height, lost=lost)


def test_a_screen_has_the_rows_that_fit_and_says_what_is_missing() -> None:
    rows = _rows(_payload(*((f"a/pod-{number:02}", "data") for number in range(40)), states="STALE"))

    shown = _screen(rows, 80, 20)

    assert shown[0].endswith("40 rows, 0 of 2 clusters live")
    assert "pod-00" in shown[3]
    assert len(shown) == 19
    assert shown[-4:] == [
        "a is STALE",
        "b is STALE",
        "has no first",
        "More rows below; select fewer, or use a larger window.",
    ]


@pytest.mark.parametrize("is_wide", [False, True])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 6), (200, 50), (20, 3)])
@pytest.mark.parametrize("number", [0, 1, 12, 300])
def test_a_screen_never_scrolls(number: int, width: int, height: int, *, is_wide: bool) -> None:
    names = [f"cluster-{number:02}" for number in range(40)]
    cause = "The certificate of the API server is signed by an authority that is not known. " * 3
    changes = [(f"{names[at % 40]}/pod-{at}-{'long' * at}", f"名前空間-{at}" * 3) for at in range(number)]
    rows = _rows(_payload(*changes, states="FAILED", clusters=names, cause=cause))

    shown = _screen(rows, width, height, is_wide=is_wide)

    assert len(shown) < height
    assert max(cell_len(line.replace("\x1b[1m", "").replace("\x1b[22m", "")) for line in shown) <= width


def test_a_screen_of_many_failures_has_rows_and_counts_the_failures() -> None:
    names = [f"cluster-{number:02}" for number in range(40)]
    rows = _rows(_payload(*((f"cluster-00/pod-{at}", "data") for at in range(9)), states="STALE", clusters=names))

    shown = _screen(rows, 80, 24)

    assert "pod-8" in shown[11]
    assert shown[-1] == "... and 35 more such lines"


def test_a_screen_without_a_connection_says_so_instead_of_the_clusters() -> None:
    shown = _screen(_rows(_payload(("a/x", "n"), states="STALE")), 80, 24, lost="No connection")

    assert shown[0].endswith("1 row, NOT CONNECTED")
    assert shown[-2].startswith("Retrying; the rows are those of ")
    assert shown[-2].endswith(" No connection.")
    assert "STALE" not in "".join(shown)


async def test_a_lost_server_is_asked_again_behind_the_latest_payload(
    capsys: pytest.CaptureFixture[str], no_waiting: list[float]
) -> None:
    asks = Script([_payload(("a/x", "n"), resume="1"), LOST], [LOST], [LOST], [_payload(resume="2"), EXPIRED])

    code = await Following(asks, GraphqlRequest(QUERY), OutputFormat.JSON).run()

    ran = capsys.readouterr()
    assert asks.resumes == [None, "1", "1", "1"]
    assert no_waiting == [1.0, 2.0, 4.0]
    assert code is ExitCode.FAILED
    assert [json.loads(line)["data"]["pods"]["resume"] for line in ran.out.splitlines()] == ["1", "2"]
    assert ran.err == "error: No connection.\nerror: The token has expired.\n"


async def test_a_server_that_stops_is_asked_again(capsys: pytest.CaptureFixture[str], no_waiting: list[float]) -> None:
    asks = Script([_payload(resume="1"), STOPPING], [STOPPING], [_payload(resume="2"), EXPIRED])

    await Following(asks, GraphqlRequest(QUERY), OutputFormat.JSON).run()

    assert asks.resumes == [None, "1", "1"]
    assert no_waiting == [1.0, 2.0]
    assert "The server is stopping" in capsys.readouterr().err


async def test_what_cannot_be_continued_begins_anew(capsys: pytest.CaptureFixture[str]) -> None:
    asks = Script([_payload(resume="1"), LOST], [INVALID], [_payload(resume="2"), EXPIRED])

    assert await Following(asks, GraphqlRequest(QUERY), OutputFormat.JSON).run() is ExitCode.FAILED
    assert asks.resumes == [None, "1", None]
    assert "begins anew" in capsys.readouterr().err


@pytest.mark.parametrize("last", [EXPIRED, RemoteRefusal("The token is refused.")])
async def test_what_would_be_refused_again_ends_the_command(last: Step) -> None:
    asks = Script([_payload(resume="1"), LOST], [last])
    following = Following(asks, GraphqlRequest(QUERY), OutputFormat.JSON)

    if isinstance(last, RemoteRefusal):
        with pytest.raises(RemoteRefusal):
            await following.run()
    else:
        assert await following.run() is ExitCode.FAILED
    assert asks.resumes == [None, "1"]


async def test_the_first_refusal_is_one_of_the_query(capsys: pytest.CaptureFixture[str]) -> None:
    asked = Following(Script([INVALID]), GraphqlRequest("{ pods(first: 3) { nodes { name } } }"), OutputFormat.TABLE)

    assert await asked.run() is ExitCode.USAGE
    assert "has no first" in capsys.readouterr().err


async def test_nothing_is_drawn_over_the_reason_of_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", sys.stdout)

    await Following(Script([_payload(("a/x", "n")), EXPIRED]), GraphqlRequest(QUERY), OutputFormat.TABLE).run()

    assert capsys.readouterr().out.endswith("\x1b[Jerror: The token has expired.\n")


async def test_a_payload_is_one_line_that_no_terminal_executes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = _payload(("a/x", "n")).replace(b'"n"', '"\u009b2J\u202e"'.encode()).replace(b'{"type"', b'{\n"type"')
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    await Following(Script([payload, EXPIRED]), GraphqlRequest(QUERY), OutputFormat.JSON).run()

    (line,) = capsys.readouterr().out.splitlines()
    assert r'"\u009b2J\u202e"' in line


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


async def test_a_payload_that_is_too_large_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.cli.query.remoteevents._MOST_PAYLOAD_BYTES", 100)

    async def chunks(piece: bytes) -> AsyncGenerator[bytes, None]:
        while True:
            yield piece

    for piece in (b"data: " + 60 * b"x", b"data: x\n"):
        with pytest.raises(RemoteRefusal, match="Select fewer"):
            assert [payload async for payload in next_payloads(chunks(piece))] == []
