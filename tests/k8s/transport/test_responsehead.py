"""The headers of an answer: read without parsing, in a time that the server cannot influence."""

import ast
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import thread_time
from typing import Final

import pytest

import k8s
import server as served
from k8s import errors
from k8s.resilience.throttle import WITHOUT_HEADER_S
from k8s.transport.responsehead import ResponseHead
from k8s.transport.transport import Transport
from tests.k8s.transports import LIST, Connect
from tests.k8s.wireserver import WireServer, http

_FIELD_BYTES: Final = 8000
"""A little less than aiohttp accepts of one header."""


def _head(status: int = 200, **headers: str) -> ResponseHead:
    return ResponseHead.of(status, {name.replace("_", "-"): text for name, text in headers.items()})


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json;stream=watch",
        'application/json ; a="',
        "application/json;",
    ],
)
def test_json_is_json_with_any_parameters(content_type: str) -> None:
    _head(Content_Type=content_type).require_json("made")


@pytest.mark.parametrize(
    "content_type", ["", "text/html", ";application/json", "application/json-seq", "json", "text/json"]
)
def test_anything_else_is_not(content_type: str) -> None:
    with pytest.raises(errors.ProtocolBroken, match="its answer is not JSON"):
        _head(Content_Type=content_type).require_json("made", as_text=True)


def test_text_is_json_only_where_a_server_calls_it_so() -> None:
    head = _head(Content_Type="text/plain; charset=utf-8")

    head.require_json("made", as_text=True)
    with pytest.raises(errors.ProtocolBroken, match="its answer is not JSON"):
        head.require_json("made")


def test_an_answer_without_headers() -> None:
    assert _head() == ResponseHead(200, media_type="", is_gzip=False, body_bytes=0, audit_id="", retry_after_s=None)


@pytest.mark.parametrize(
    ("said", "size_bytes"), [("2", 2), ("9" * 18, int("9" * 18)), ("9" * 8000, 0), ("-1", 0), ("x", 0)]
)
def test_a_length_is_a_number_of_few_digits(said: str, size_bytes: int) -> None:
    assert _head(Content_Length=said).body_bytes == size_bytes


@pytest.mark.parametrize(
    ("status", "said", "seconds"),
    [(429, "3", 3.0), (503, "3", 3.0), (429, "soon", WITHOUT_HEADER_S), (503, "soon", None), (500, "3", None)],
)
def test_how_long_it_wants_to_be_left_alone(status: int, said: str, seconds: float | None) -> None:
    assert _head(status, Retry_After=said).retry_after_s == seconds


_HOSTILE: Final = {
    "quotation marks": 'Content-Type: application/json;{0}""""',
    "escaped quotation marks": 'Content-Type: application/json;{0}a="\\"',
    "semicolons": "Content-Type: application/json;{0};",
    "parameters": 'Content-Type: application/json;{0}|a="b";',
    "encoded words": "Content-Type: application/json;a{0}=|=?utf-8?q?=41?=",
    "links": "Link: {0}<a>;",
    "a disposition": 'Content-Disposition: a;{0}"',
    "a file name": 'Content-Disposition: a; filename="{0}|\\"',
    "cookies": "Set-Cookie: a{0}=b; |expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/x ",
    "an open cookie": 'Set-Cookie: a{0}="|\\x',
    "an id": "Audit-Id: {0}a",
    "warnings": 'Warning: 299 - "{0}|\\"" ',
    "a date": "Retry-After: Thu, {0}|1:1 ",
}
"""The beginning of each header, with a placeholder for a number, and the repeated part: behind `|`, or the last
character."""


def _line(hostile: str, number: int) -> str:
    beginning, bar, repeated = hostile.partition("|")
    if not bar:
        beginning, repeated = hostile[:-1], hostile[-1]
    beginning = beginning.format(number)
    return beginning + repeated * ((_FIELD_BYTES - len(beginning)) // len(repeated)) + "\r\n"


async def _fastest_s(transport: Transport, answers: Iterator[bytes], server: WireServer) -> float:
    """Returns the processor time of one exchange, both sides of it."""
    taken_s = []
    for _ in range(5):
        server.answers = [next(answers)]
        since_s = thread_time()
        with suppress(errors.TooManyRequests):
            await transport.exchange(LIST, timeout_s=60)
        taken_s.append(thread_time() - since_s)
    return min(taken_s)


@pytest.mark.parametrize("hostile", _HOSTILE.values(), ids=_HOSTILE)
@pytest.mark.parametrize("status", ["200 OK", "429 Too Many"])
async def test_no_header_takes_long(server: WireServer, connect: Connect, hostile: str, status: str) -> None:
    transport = connect(server.endpoint)
    numbers = count(int(status[:3]) * 1000)  # all different, because parsed headers may be cached

    def with_header(header: str) -> bytes:
        if header.startswith("Content-Type"):
            return f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n{header}\r\n{{}}".encode()
        return http(status=status, headers=header)

    plain_s = await _fastest_s(transport, (http(status=status) for _ in numbers), server)
    hostile_s = await _fastest_s(transport, (with_header(_line(hostile, number)) for number in numbers), server)

    assert hostile_s < 30 * plain_s  # by aiohttp's properties: from 200 to 1000 times as long


_PARSING: Final = frozenset(
    {"charset", "content_disposition", "content_length", "content_type", "cookies", "get_encoding", "links"}
)


def _modules_with_responses() -> Iterator[tuple[str, ast.Module]]:
    for package in (k8s, served):
        for file in sorted(Path(package.__path__[0]).rglob("*.py")):
            module = ast.parse(file.read_text())
            imported = {
                name.partition(".")[0]
                for node in ast.walk(module)
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in (
                    [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
                )
            }
            if imported & {"aiohttp", "httpx", "requests", "urllib3"}:
                yield "/".join((*package.__name__.split("."), *file.relative_to(package.__path__[0]).parts)), module


def test_of_a_response_nothing_is_read_that_parses_its_headers() -> None:
    read = [
        (name, node)
        for name, module in _modules_with_responses()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute)
    ]

    assert {node.attr for _name, node in read} & _PARSING == set()
    assert {(name, node.attr) for name, node in read if ast.unparse(node.value) == "response"} == {
        ("k8s/transport/streaming.py", "close"),
        ("k8s/transport/streaming.py", "content"),
        ("k8s/transport/streaming.py", "headers"),
        ("k8s/transport/streaming.py", "status"),
        ("k8s/transport/transport.py", "content"),
        ("k8s/transport/transport.py", "headers"),
        ("k8s/transport/transport.py", "status"),
        ("server/auth/oidc/fetching.py", "content"),
        ("server/auth/oidc/fetching.py", "status"),
        ("server/cli/query/remoteserver.py", "content"),
        ("server/cli/query/remoteserver.py", "headers"),
        ("server/cli/query/remoteserver.py", "reason"),
        ("server/cli/query/remoteserver.py", "status"),
        ("server/cli/query/remoteserver.py", "data"),  # of the decoded body
        ("server/cli/query/remoteserver.py", "errors"),
    }
