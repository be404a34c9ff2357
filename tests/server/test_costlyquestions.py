"""Costly queries of one caller leave time for probes and other callers."""

import asyncio
import json
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.server.commandline import Cli
from tests.server.dumps import node, pod, write
from tests.server.outside import Outside
from tests.server.serverprocess import ServerProcess
from tests.server.sockets import exchange, post

pytestmark = pytest.mark.alone

PODS = 2000
SLOW = "(" + "|".join(f"[ab]{{{times}}}c" for times in range(1, 75)) + ")$"
"""More states than RE2's automaton has: each character of a text takes it 30 us and more."""
TYPES = "__schema { types { name fields { name args { name type { name ofType { name } } } type { name } } } }"
TWENTY = "{" + " ".join(f"a{number}: {TYPES}" for number in range(20)) + "}"
PRODUCT = 'where: data["two"] MATCHES: the pattern has a program of '
VALUES = "The paths of where, orderBy and groups lead to more than 2000000 values through links"
FIELDS = "The answer has more than 300000 fields of the schema's own types"


def comparing(kind: str, path: str, op: str = "EQ", value: str = "x", times: int = 1) -> str:
    """Returns a query for objects of which any of `times` equal comparisons holds."""
    comparison = f"{{path: {json.dumps(path)}, op: {op}, value: {json.dumps(value)}}}"
    return f"{{ {kind}(where: [{{or: [{' '.join([comparison] * times)}]}}]) {{ totalCount }} }}"


COSTLY = [
    (comparing("pods", "cluster.pods.cluster.pods.name"), VALUES),
    (comparing("pods", "node.pods.node.pods.node.pods.name"), VALUES),
    (comparing("pods", "cluster.pods.cluster.pods.cluster.pods.name"), "Estimated values that paths of where"),
    ('{ pods { groups(by: ["cluster.pods.name"]) { count } } }', VALUES),
    (comparing("nodes", "metadata.name", "MATCHES", SLOW, times=100), None),
    (comparing("configMaps", 'data["ten"]', "MATCHES", SLOW), None),
    (comparing("configMaps", 'data["two"]', "MATCHES", SLOW), PRODUCT),
    (f"{{ {TYPES} }}", None),
    (TWENTY, FIELDS),
]
"""Queries, and the beginning of the error that ends each."""


def test_costly_questions_hold_nobody_up(cli: Cli, tmp_path: Path) -> None:
    pods = [pod(f"pod-{number:04}", node=f"{'ab' * 20}-{number % 20}") for number in range(PODS)]
    nodes = [node(f"{'ab' * 20}-{number}") for number in range(20)]
    dump = write(tmp_path / "dump.json", *pods, *nodes, _texts("c", ten="ab" * 5000, two="ab" * 100_000))
    assert cli("clusters", "import", "--snapshot", str(dump), "--name", "one").exit_code == 0
    attacker = cli("tokens", "create", "--name", "attacker", "--admin").out.strip()
    other = cli("tokens", "create", "--name", "other").out.strip()
    environment = {"HOME": str(tmp_path), "FLEETGRAPH_DATABASE_URL": f"sqlite:///{tmp_path}/fleetgraph.db"}

    with ServerProcess(environment) as server:
        port = urlsplit(server.url).port or 0
        _ask(port, other, "{ clusters { name } }")
        with Outside(server, token=other) as outside:
            took_s = [_took_s(port, attacker, query, error) for query, error in COSTLY]

    assert not outside.failures
    assert len(outside.probe_s) > 20
    assert max(outside.probe_s) < max(took_s) / 3
    assert max(outside.query_s) < max(took_s) / 3


def _took_s(port: int, token: str, query: str, error: str | None) -> float:
    started_s = perf_counter()
    answer = _ask(port, token, query)
    messages = [error["message"] for error in answer.get("errors", ())]
    assert all(message.startswith(error or "nothing") for message in messages), (query, messages)
    assert bool(messages) is (error is not None), query
    return perf_counter() - started_s


def _ask(port: int, token: str, query: str) -> Any:
    return json.loads(asyncio.run(exchange(port, post(token, query))).body)


def _texts(name: str, **data: str) -> object:
    metadata = {"name": name, "namespace": "shop", "resourceVersion": "5"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
