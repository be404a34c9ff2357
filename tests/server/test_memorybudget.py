"""Large answers, many at once: the process stays within its budget, and others are answered."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from socket import SO_RCVBUF, SOL_SOCKET, socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from resolvers.limits import MIB, MemoryLimits
from resolvers.memory.budget import MemoryBudget
from tests.server.commandline import Cli
from tests.server.dumps import pod, write
from tests.server.http_parts import Fakes, code_of
from tests.server.outside import Outside
from tests.server.serverprocess import ServerProcess

LIMIT_MIB = 256
AT_ONCE = 10
NOTE_BYTES = 10_000
CALLERS = 3
SLOW_EACH = 20
Served = tuple[ServerProcess, list[str], str]
"""A server, the tokens of callers with large queries, and that of another caller."""
LISTS = " ".join(
    f'l{number}: pods(labelSelector: "app!=x{number}") {{ nodes {{ name id uid: metadata {{ uid labels }}'
    " spec { nodeName containers { name image } } status { phase } } }"
    for number in range(6)
)


async def test_503_where_others_hold_the_memory_that_a_request_needs() -> None:
    memory = MemoryBudget(MemoryLimits(process_bytes=900 * MIB, wait_s=0.01), settled_bytes=0)
    fakes = Fakes(memory=memory)
    for caller in ("robot", "another"):
        memory.share(caller).charge(300 * MIB)

    refused = await fakes.post()

    assert (refused.status_code, code_of(refused)) == (503, "TOO_MANY_REQUESTS")
    assert refused.headers["retry-after"] == "5"
    assert fakes.executor.requests == []


async def test_an_answer_that_was_sent_holds_no_memory() -> None:
    fakes = Fakes()

    assert (await fakes.post()).status_code == 200
    assert fakes.memory.held_bytes == 0


@pytest.fixture
def server(cli: Cli, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    """Runs a server with a small budget over a cluster of 2,000 pods with annotations of some bytes."""
    pods = [pod(f"pod-{number:04}") for number in range(2000)]
    for annotated in pods:
        annotated["metadata"]["annotations"] = {"note": "n" * request.param}
    dump = write(tmp_path / "dump.json", *pods)
    assert cli("clusters", "import", "--snapshot", str(dump), "--name", "one").exit_code == 0
    many = [cli("tokens", "create", "--name", f"many-{place}", "--admin").out.strip() for place in range(CALLERS)]
    other = cli("tokens", "create", "--name", "other").out.strip()
    environment = {
        "HOME": str(tmp_path),
        "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db",
        "FLEETGRAPH_MAX_MEMORY_BYTES": str(LIMIT_MIB * MIB),
        "FLEETGRAPH_MEMORY_WAIT_S": "5" if request.param else "60",
        "FLEETGRAPH_OPERATION_TIMEOUT_S": "120",
        "FLEETGRAPH_CLUSTER_TIMEOUT_S": "60",
    }
    with ServerProcess(environment) as process:
        yield process, many, other


@pytest.mark.slow
@pytest.mark.parametrize("server", [0], indirect=True)
def test_many_large_answers_at_once_stay_within_the_budget(server: Served) -> None:
    process, (many, *_), other = server

    def ask(_number: int) -> Any:
        connection = HTTPConnection(urlsplit(process.url).netloc, timeout=120)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {many}"}
        connection.request("POST", "/graphql", json.dumps({"query": f"{{ {LISTS} }}"}), headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    with Outside(process, token=other) as outside, ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))

    assert outside.failures == []
    assert [answer.get("errors") for answer in answers] == [None] * AT_ONCE
    assert all(len(answer["data"]["l5"]["nodes"]) == 2000 for answer in answers)
    assert outside.peak_bytes < 1.5 * LIMIT_MIB * MIB  # bodies on their way are bounded by themselves


@pytest.mark.slow
@pytest.mark.parametrize("server", [NOTE_BYTES], indirect=True)
def test_answers_that_nobody_reads_stay_within_the_budget(server: Served) -> None:
    process, many, other = server
    address = urlsplit(process.url)
    body = json.dumps({"query": "{ pods { nodes { metadata { annotations } } } }"})
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"

    with ExitStack() as ending, Outside(process, token=other) as outside:
        readers = [ending.enter_context(socket()) for _ in range(SLOW_EACH * len(many))]
        for reader, token in zip(readers, many * SLOW_EACH, strict=True):
            reader.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
            reader.settimeout(120)
            reader.connect((address.hostname, address.port))
            reader.sendall(f"{head}Authorization: Bearer {token}\r\n\r\n{body}".encode())
        with ThreadPoolExecutor(len(readers)) as pool:
            statuses = set(pool.map(lambda reader: reader.recv(12)[-3:], readers))

    assert outside.failures == []
    assert b"200" in statuses
    assert outside.peak_bytes < 1.5 * LIMIT_MIB * MIB  # together the answers take 1,200 MB
