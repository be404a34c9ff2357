"""`fleetgraph demo --real`: the demo with real control planes, started for it."""

import os
import signal
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_bytes

from demo.real import RealUnavailable, real_clusters
from server.cli.clusters.allowing import ImportOptions
from server.cli.clusters.importing import import_clusters
from server.commanderrors import CommandError, ExitCode, InputError
from server.composition.executor import opened_executor
from server.composition.registry import opened_registry
from server.operationexecutor import OperationExecutor
from server.serve.demoserver import DemoOptions, demo_settings, listening, serve_without_token
from server.settings.settings import Settings, load_settings
from server.terminal.output import note


def run_real_demo(options: DemoOptions) -> ExitCode:
    """Starts the clusters, registers them in a temporary database, and serves them until SIGTERM or Ctrl-C.

    Raises:
        CommandError: There are no control planes, the port is not free, or the options contradict each other.
    """
    if options.is_frozen:
        raise InputError("--frozen and --real contradict each other; give one of them.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with (
            listening(options) as sockets,
            real_clusters() as kubeconfig,
            tempfile.TemporaryDirectory() as directory,
        ):
            settings = _registered(kubeconfig, Path(directory))
            return serve_without_token(
                settings, options, _opened(settings), sockets=sockets, about="Three real control planes, just started."
            )
    except RealUnavailable as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        note("stopped")
        return ExitCode.OK


def _registered(kubeconfig: Path, directory: Path) -> Settings:
    """Registers the clusters in a temporary database and returns its settings; the user's own is not touched."""
    os.environ["FLEETGRAPH_DATABASE_URL"] = f"sqlite:///{directory / 'fleetgraph.db'}"
    os.environ["FLEETGRAPH_ENCRYPTION_KEYS"] = f"v1:{b64encode(token_bytes(32)).decode()}"
    options = ImportOptions(
        kubeconfig=kubeconfig, contexts=(), all_contexts=True, name=None, labels=("env=demo",), is_checked=True
    )
    if import_clusters(options, as_json=False) is not ExitCode.OK:
        raise CommandError("The control planes were started, but could not be imported; see the lines above.")
    return demo_settings(load_settings())


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[OperationExecutor]:
    async with opened_registry(settings) as registry, opened_executor(settings, registry) as executor:
        yield executor
