"""`python -m tests.controlplane build | up`: the test clusters for developers and for `make demo`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.controlplane.build import ADDONS, build
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.objects import FleetSize
from tests.controlplane.unavailable import ControlPlaneUnavailable
from tests.controlplane.writer import populate


def main(argv: list[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0, or 1 if control planes are unavailable."""
    arguments = _parser().parse_args(argv)
    try:
        if arguments.command == "build":
            print(build())
            _build_addons()
        else:
            _up(arguments.pods, arguments.kubeconfig)
    except ControlPlaneUnavailable as error:
        print(f"no control planes: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.controlplane", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="build the binaries into the cache, if they are not there")
    up = commands.add_parser("up", help="keep three clusters running until Ctrl-C")
    up.add_argument("--pods", type=int, default=0, help="fill the clusters with so many pods each, and what owns them")
    up.add_argument("--kubeconfig", type=Path, help="where to write the kubeconfig (default: a temporary folder)")
    return parser


def _build_addons() -> None:
    """Builds what only a few tests need; where it cannot be built, they are skipped."""
    for name in ADDONS:
        try:
            build((name,))
        except ControlPlaneUnavailable as error:
            print(f"no {name}: {error}", file=sys.stderr)


def _up(pods: int, kubeconfig: Path | None) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        began = time.monotonic()
        planes = stack.enter_context(ControlPlanes())
        if pods:
            asyncio.run(_fill(planes, pods))
        if kubeconfig is None:
            kubeconfig = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "kubeconfig"
        write_kubeconfig(kubeconfig, planes.clusters)
        _say_how_to_use(planes, kubeconfig, time.monotonic() - began)
        while True:
            signal.pause()


async def _fill(planes: ControlPlanes, pods: int) -> None:
    size = FleetSize(namespaces=6, nodes=12, deployments=max(1, pods // 10), pods=pods)
    for seed, cluster in enumerate(planes.clusters):
        await populate(cluster, size, seed)


def _say_how_to_use(planes: ControlPlanes, kubeconfig: Path, took_s: float) -> None:
    names = ", ".join(cluster.name for cluster in planes.clusters)
    print(f"ready after {took_s:.0f} s: {names}; logs in {planes.directory}")
    print(f"\n  export KUBECONFIG={kubeconfig}")
    print(f"  {planes.kubectl} --context living get pods --all-namespaces")
    print(f"  fleetgraph clusters import --kubeconfig {kubeconfig} --all")
    print("\nCtrl-C stops them.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
