"""kubectl against a snapshot and against its original, a real API server."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from k8s.kinds.builtin import NAMESPACE, POD
from snapshots.serving.api import SnapshotApi
from snapshots.serving.watching.live import LiveContent
from tests.controlplane.client import connect
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate
from tests.snapshots.serving.allobjects import read_all
from tests.snapshots.serving.asking import pod
from tests.snapshots.serving.served import served

pytestmark = pytest.mark.controlplane

_KINDS = (NAMESPACE, POD)
_TIMEOUT_S = 30
_AGE = re.compile(r"(?<= )(?=\d)(?:(\d+)m)?(?:(\d+)s)?(?=\s)")
Ran: TypeAlias = tuple[int | None, str, str]
"""Exit code, stdout and stderr."""


@dataclass(frozen=True)
class Kubectl:
    """kubectl with a kubeconfig or a server."""

    command: tuple[str, ...]
    home: Path

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Starts kubectl; the caller ends it."""
        return await asyncio.create_subprocess_exec(
            *self.command,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"]},
        )

    async def __call__(self, *arguments: str) -> Ran:
        """Runs kubectl and returns its exit code and output."""
        process = await self.start(*arguments)
        async with asyncio.timeout(_TIMEOUT_S):
            output, errors = await process.communicate()
        return process.returncode, output.decode(), errors.decode()


@dataclass(frozen=True)
class Sides:
    """kubectl on both sides, and the snapshot's content."""

    real: Kubectl
    ours: Kubectl
    live: LiveContent


@pytest.fixture(scope="module")
async def sides(
    control_planes: ControlPlanes, beta: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Sides]:
    home = tmp_path_factory.mktemp("kubectl")
    await populate(beta, FleetSize(namespaces=2, nodes=3, deployments=3, pods=15), prefix="kubectl")
    async with connect(beta) as session:
        taken = await read_all(session, _KINDS)
    live = LiveContent(taken.objects, resource_version=taken.resource_version)
    kubeconfig = write_kubeconfig(home / "kubeconfig", [beta])
    program = str(control_planes.kubectl)
    async with served(SnapshotApi(live)) as url:
        real = Kubectl((program, f"--kubeconfig={kubeconfig}"), home)
        yield Sides(real, Kubectl((program, f"--server={url}"), home), live)


@pytest.mark.parametrize(
    "arguments",
    [
        ("get", "pods", "-A", "--server-print=false"),
        ("get", "po", "-n", "kubectl-000", "-o", "json"),
        ("get", "pods", "-n", "kubectl-000", "-o", "name", "--chunk-size=2"),
        ("get", "pods", "-n", "kubectl-001", "-o", "wide", "--server-print=false"),
        ("get", "pods", "-A", "-l", "tier in (frontend,batch),!absent", "-o", "name"),
        ("get", "pods", "-A", "-l", "tier=frontend,app.kubernetes.io/name!=cart", "-o", "name"),
        ("get", "pods", "-A", "--field-selector", "spec.nodeName=kubectl-node-001,status.phase!=Pending", "-o", "name"),
        ("get", "pods", "-A", "--field-selector", "spec.wrong=1"),
        ("get", "pods", "-A", "-l", "tier in (frontend"),
        ("get", "pod", "none", "-n", "kubectl-000"),
        ("get", "pods", "-n", "none"),
        ("get", "wrong"),
    ],
    ids=" ".join,
)
async def test_kubectl_sees_the_same(sides: Sides, arguments: tuple[str, ...]) -> None:
    before = await sides.real(*arguments)
    ours = await sides.ours(*arguments)

    after = await sides.real(*arguments) if _ages_s(before) else before

    assert "".join(ours[1:])
    assert _without_ages(ours) == _without_ages(before) == _without_ages(after)
    ages_s = zip(_ages_s(before), _ages_s(ours), _ages_s(after), strict=True)
    assert all(sooner_s <= age_s <= later_s for sooner_s, age_s, later_s in ages_s)


async def test_kubectl_watches(sides: Sides) -> None:
    watching = await sides.ours.start("get", "pods", "-n", "watched", "-w", "-o", "name", "--output-watch-events=false")
    try:
        lines: list[str] = []
        assert watching.stdout is not None
        async with asyncio.timeout(_TIMEOUT_S):
            while not lines:  # until its watch has begun
                sides.live.apply(pod("first", "watched", labels={"at": sides.live.resource_version}))
                lines += await _line_within(watching.stdout, 0.2)
            sides.live.delete(POD, "watched", "first")
            sides.live.apply(pod("second", "watched"))
            while lines[-1] != "pod/second":
                lines += await _line_within(watching.stdout, 0.2)
    finally:
        watching.kill()
        await watching.communicate()

    assert lines[0] == "pod/first"


async def test_kubectl_writes_nothing(sides: Sides) -> None:
    before = await sides.live.listed(POD)

    code, output, errors = await sides.ours("delete", "pods", "--all", "-n", "kubectl-000")

    assert (code, output) == (1, "")
    assert "the server does not allow this method on the requested resource" in errors
    assert (await sides.live.listed(POD)).objects is before.objects


def _without_ages(ran: Ran) -> Ran:
    """Returns the output without ages and without the width of their column."""
    code, output, errors = ran
    return code, re.sub(" +", " ", _AGE.sub("", output)), errors


def _ages_s(ran: Ran) -> list[int]:
    return [60 * int(minutes or 0) + int(seconds or 0) for minutes, seconds in _AGE.findall(ran[1])]


async def _line_within(stream: asyncio.StreamReader, timeout_s: float) -> list[str]:
    try:
        async with asyncio.timeout(timeout_s):
            return [(await stream.readline()).decode().strip()]
    except TimeoutError:
        return []
