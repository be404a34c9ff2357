"""Real control planes instead of the generated fleet: those of the tests, so only a checkout has them."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_CHECKOUT: Final = Path(__file__).parents[1]


class RealUnavailable(Exception):
    """No control planes are available; the message has the cause and the way out."""


@contextmanager
def real_clusters() -> Iterator[Path]:
    """Starts three clusters, fills them, and yields their kubeconfig.

    Raises:
        RealUnavailable: This is not a checkout, or they can be neither found nor built.
    """
    if not (_CHECKOUT / "tests" / "controlplane").is_dir():
        raise RealUnavailable(
            "--real needs a checkout of fleetgraph, because the control planes are those of its tests. Clone the "
            "repository and run `make demo ARGS=--real` in it; or run `fleetgraph demo`, which needs no checkout."
        )
    if str(_CHECKOUT) not in sys.path:
        sys.path.append(str(_CHECKOUT))
    yield from _clusters()


def _clusters() -> Iterator[Path]:
    from tests.controlplane.build import build, missing  # noqa: PLC0415  only a checkout has them
    from tests.controlplane.fleet import ControlPlanes  # noqa: PLC0415  likewise
    from tests.controlplane.kubeconfig import write_kubeconfig  # noqa: PLC0415  likewise
    from tests.controlplane.objects import FleetSize  # noqa: PLC0415  likewise
    from tests.controlplane.unavailable import ControlPlaneUnavailable  # noqa: PLC0415  likewise
    from tests.controlplane.writer import populate  # noqa: PLC0415  likewise

    size = FleetSize(namespaces=4, nodes=8, deployments=24, pods=240)
    try:
        if missing():
            print(
                "Real control planes are built once from source, which takes about 13 minutes; later runs reuse them."
            )
            build()
        print("Starting three control planes ...", flush=True)
        with ControlPlanes() as planes, tempfile.TemporaryDirectory() as directory:
            print("Writing some hundred objects to three clusters ...", flush=True)
            for seed, cluster in enumerate(planes.clusters):
                asyncio.run(populate(cluster, size, seed=seed))
            yield write_kubeconfig(Path(directory) / "kubeconfig", planes.clusters)
    except ControlPlaneUnavailable as error:
        raise RealUnavailable(f"No control planes: {error}") from error
