"""READY, STATUS and RESTARTS beside an API server's own Table, which is what kubectl prints, for a thousand pods.

Covered are, each with and without the conditions Ready and Initialized:

- one and two containers in each order of seven states;
- states that kubelets hardly write, alone, before and after each of the seven;
- ephemeral containers beside a container in each state;
- an init container or sidecar in each of its states before one container in each state;
- a seventh each, and the same ones each time: of three containers, of an init container or sidecar before two
  containers, and of two init containers or sidecars before a container in three states, each in every order.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, product
from random import Random
from typing import NamedTuple

import aiohttp
import msgspec
import pytest

from k8s.kinds.builtin import POD
from k8s.reading.rowdecoders import object_decoder
from k8s.reading.selection import selection_of
from resolvers.kinds.core.pod import total_containers
from resolvers.kinds.core.podstatus import (
    LAST_RESTART_READS,
    READY_READS,
    last_restart,
    ready_column,
    restarts_column,
    status_column,
)
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject
from tests.controlplane.writer import create_objects
from tests.resolvers.podstates import DONE, RUNNING, PodState, condition, container, terminated, waiting

pytestmark = pytest.mark.controlplane

NAMESPACE = "podtable"
_PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
NOW = datetime.now(UTC)
_TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io", "Content-Type": "application/json"}
_UNWRITTEN = {"dryRun": "All", "includeObject": "Object"}
_CELL = re.compile(r"([0-9]+)(?: \(([0-9]+)d ago\))?")
_READS = ("metadata.name", "metadata.namespace", "spec.containers.name", *LAST_RESTART_READS, *READY_READS)
_POD = object_decoder("Pod", selection_of(_READS), POD)
_AT_ONCE = 32

READY = container(RUNNING, ready=True)
FAILED = container(terminated(1, "Error"))
CONTAINERS = (
    READY,
    container(RUNNING),
    container(DONE),
    FAILED,
    container(terminated(2)),
    container(terminated(137, "OOMKilled")),
    container(waiting("CrashLoopBackOff")),
)
ODD = (
    container({}),
    container({"waiting": {}}),
    container(terminated(0)),
    container(terminated(1, "Completed")),
    container(terminated(137, signal=9)),
)
INIT = (
    container(DONE),
    container(RUNNING),
    FAILED,
    container(terminated(137, signal=9)),
    container(waiting("ImagePullBackOff")),
    container(waiting("PodInitializing")),
)
SIDECARS = (*INIT, container(RUNNING, ready=True, started=True), container(RUNNING, started=True))
AFTER_TWO = (READY, container(DONE), container(waiting("PodInitializing")))
EPHEMERAL = (container(RUNNING), FAILED)

Before = tuple[JsonObject, bool]
"""The status of an init container, and whether it is a sidecar."""
BEFORE: tuple[Before, ...] = (*((one, False) for one in INIT), *((one, True) for one in SIDECARS))


class Columns(NamedTuple):
    """READY, STATUS and RESTARTS of a pod; RESTARTS has a number and the days since the last one."""

    ready: str
    status: str
    restarts: int
    last_days_ago: int | None


async def test_api_servers_print_the_same(alpha: Cluster) -> None:
    cases = [
        *_pods(chain.from_iterable(product(CONTAINERS, repeat=count) for count in (1, 2))),
        *_some(_pods(product(CONTAINERS, repeat=3))),
        *_pods(chain(product(ODD), product(ODD, CONTAINERS), product(CONTAINERS, ODD))),
        *_pods(product(CONTAINERS), ephemeral=EPHEMERAL),
        *chain.from_iterable(_pods(product(CONTAINERS), before=(one,)) for one in BEFORE),
        *_some(chain.from_iterable(_pods(product(CONTAINERS, repeat=2), before=(one,)) for one in BEFORE)),
        *_some(chain.from_iterable(_pods(product(AFTER_TWO), before=two) for two in product(BEFORE, repeat=2))),
    ]
    await create_objects(alpha, _objects(cases))

    async with connect(alpha) as session:
        slots = asyncio.Semaphore(_AT_ONCE)
        try:
            printed = await asyncio.gather(*(_printed(session, case, slots) for case in cases))
        finally:
            for name in {_name(case) for case in cases}:
                await session.delete(f"{_PODS}/{name}", params={"gracePeriodSeconds": "0"})

    different = [(case.pod_status, cells, _ours(pod)) for case, (cells, pod) in zip(cases, printed, strict=True)]
    assert [one for one in different if one[1] != one[2]] == []


def _some(pods: Iterable[PodState]) -> list[PodState]:
    """Returns a seventh of the pods, the same ones each time."""
    every = list(pods)
    return Random(7).sample(every, len(every) // 7)  # noqa: S311  reproducible, not secret


def _pods(
    statuses: Iterable[tuple[JsonObject, ...]],
    *,
    before: tuple[Before, ...] = (),
    ephemeral: tuple[JsonObject, ...] = (),
) -> Iterator[PodState]:
    """Yields a pod for each tuple of container statuses, with and without conditions."""
    sidecars = tuple(f"init-{place}" for place, (_, is_sidecar) in enumerate(before) if is_sidecar)
    init = tuple(_restarted(one, place) for place, (one, _) in enumerate(before))
    debug = tuple(_restarted(one, 9) for one in ephemeral)
    for containers in statuses:
        own = tuple(_restarted(one, len(before) + place) for place, one in enumerate(containers))
        for conditions in ((), (condition("Ready"), condition("Initialized"))):
            yield PodState("", 0, "Running", own, init, ephemeral=debug, conditions=conditions, sidecars=sidecars)


def _restarted(status: JsonObject, place: int) -> JsonObject:
    """Returns the status with restarts that differ from place to place, as does the day of the last one."""
    ended = (NOW - timedelta(days=10 + 7 * place % 10, hours=12)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return status | {"restartCount": 10**place, "lastState": {"terminated": {"exitCode": 1, "finishedAt": ended}}}


def _objects(cases: Iterable[PodState]) -> list[JsonObject]:
    """Returns one pod for all with the same declared containers: statuses may name others."""
    specs = {_name(case): case.spec for case in cases}
    namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    pods: list[JsonObject] = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
        for name, spec in specs.items()
    ]
    return [namespace, *pods]


def _name(case: PodState) -> str:
    return "-".join(["pod", str(len(case.init)), *case.sidecars])


async def _printed(session: aiohttp.ClientSession, case: PodState, slots: asyncio.Semaphore) -> tuple[Columns, bytes]:
    """Returns the columns that the API server prints for a status, and the pod; nothing is written."""
    name = _name(case)
    path = f"{_PODS}/{name}/status"
    item: JsonObject = {"metadata": {"name": name, "namespace": NAMESPACE}, "status": case.pod_status}
    async with slots, session.put(path, json=item, params=_UNWRITTEN, headers=_TABLE) as response:
        body = await response.read()
        assert response.ok, body
    table = msgspec.json.decode(body, type=_Table)
    ((_, ready, status, restarts, *_),) = (row.cells for row in table.rows)
    cell = _CELL.fullmatch(str(restarts))
    assert cell is not None
    return Columns(str(ready), str(status), int(cell[1]), int(cell[2]) if cell[2] else None), bytes(
        table.rows[0].object
    )


def _ours(pod: bytes) -> Columns:
    row = _POD.decode(pod)
    last = last_restart(row)
    days = (NOW - datetime.fromisoformat(last)).days if last is not None else None
    ready = f"{ready_column(row)}/{total_containers(row)}"
    return Columns(ready, status_column(row), restarts_column(row), days)


class _TableRow(msgspec.Struct):
    cells: list[str | int]
    object: msgspec.Raw


class _Table(msgspec.Struct):
    rows: list[_TableRow]
