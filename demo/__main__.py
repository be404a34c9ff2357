"""Starts and fills three clusters, imports them, asks one query over all, then serves until Ctrl-C."""

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from demo.steps import QUERY, program, step
from tests.controlplane.build import build
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.objects import FleetSize
from tests.controlplane.unavailable import ControlPlaneUnavailable
from tests.controlplane.writer import populate

_SIZE = FleetSize(namespaces=4, nodes=8, deployments=24, pods=240)


def main() -> int:
    """Runs the demo; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="where to serve (default 8000)")
    port = parser.parse_args().port
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        print("Real control planes are built once from source, which takes about 13 minutes; later runs reuse them.")
        build()
        with ControlPlanes() as planes, tempfile.TemporaryDirectory() as directory:
            print("Writing some hundred objects to three clusters ...", flush=True)
            asyncio.run(_fill(planes))
            kubeconfig = write_kubeconfig(Path(directory) / "kubeconfig", planes.clusters)
            _show_and_serve(Path(directory), kubeconfig, port)
    except ControlPlaneUnavailable as error:
        print(f"no control planes: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(map(str, error.cmd))} failed with exit code {error.returncode}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped")
    return 0


async def _fill(planes: ControlPlanes) -> None:
    for seed, cluster in enumerate(planes.clusters):
        await populate(cluster, _SIZE, seed=seed)


def _show_and_serve(directory: Path, kubeconfig: Path, port: int) -> None:
    environment = os.environ | {
        "FLEETGRAPH_DATABASE_URL": f"sqlite:///{directory / 'fleetgraph.db'}",
        "KUBECONFIG": str(kubeconfig),
    }
    step(["clusters", "import", "--all", "--label", "env=demo"], environment)
    step(["query", QUERY], environment)
    token = step(["tokens", "create", "--name", "demo", "--admin"], environment)
    print("\nAsk it over HTTP, in another terminal:\n")
    print(f"curl -s http://127.0.0.1:{port}/graphql -H 'Authorization: Bearer {token}' \\")
    body = '{"query": "{ clusters { name version counts { pods nodes } } }"}'
    print(f"  -H 'Content-Type: application/json' -d '{body}'\n")
    print(f"$ fleetgraph serve --port {port}", flush=True)
    server = subprocess.Popen([str(program()), "serve", "--port", str(port)], env=environment)
    with contextlib.suppress(KeyboardInterrupt):
        server.wait()
    server.terminate()
    server.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
