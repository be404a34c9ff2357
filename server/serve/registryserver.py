"""The process of `fleetgraph serve`: the server over the clusters of the registry."""

import asyncio
import ctypes
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop
from pydantic import SecretStr

from server.app.config import AppConfig
from server.auth.bearer import TokenAuthenticator
from server.auth.callers import Callers
from server.commanderrors import ExitCode
from server.composition.executor import opened_executor
from server.composition.registry import opened_registry
from server.observe.logs import configure_logging
from server.serve.expirywarnings import watching_expiry
from server.serve.listening import ServeOptions, is_reachable_from_elsewhere, listen, url
from server.serve.reconciler import reconciling
from server.serve.serving import serve_app
from server.serve.typelearning import learning_types
from server.settings.clusterlimits import without_loopback
from server.settings.settings import Settings, load_settings
from server.settings.types import PREFIX
from server.terminal.output import note
from store.registry import Registry


def run_server(options: ServeOptions) -> ExitCode:
    """Serves until it is stopped.

    Raises:
        CommandError: It cannot listen, or the options or settings contradict each other.
        StoreError: The store cannot be opened.
    """
    settings = load_settings()
    forget_secrets()
    configure_logging(settings)
    sockets = listen(options)
    if is_reachable_from_elsewhere(sockets):
        settings = without_loopback(settings)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(settings, options, sockets))
    finally:
        for bound in sockets:
            bound.close()


async def _serve(settings: Settings, options: ServeOptions, sockets: list[socket.socket]) -> ExitCode:
    async with (
        opened_registry(settings) as registry,
        opened_callers(settings, registry) as callers,
        opened_executor(settings, registry) as executor,
        reconciling(executor.grants, interval_s=settings.reconcile_interval_s),
        watching_expiry(registry.clusters, executor.fleet),
        learning_types(executor.learning, interval_s=settings.types_interval_s),
    ):
        config = AppConfig.of(
            settings, executor, callers=callers, store=registry, is_traced=settings.otlp_endpoint is not None
        )
        has_clusters = bool(await registry.clusters.select())
        return await serve_app(
            config,
            settings,
            options=options,
            sockets=sockets,
            announce=lambda: print_welcome(url(options, sockets), has_clusters=has_clusters),
        )


def print_welcome(address: str, *, has_clusters: bool) -> None:
    """Prints the pages and the first steps on a terminal; elsewhere stderr is the log alone."""
    if not sys.stderr.isatty():
        return
    note("")
    note(f"  Start page  {address}/")
    note(f"  GraphiQL    {address}/graphiql")
    if not has_clusters:
        note("  Clusters    none yet; register some with: fleetgraph clusters import")
    note("  Token       of a user: fleetgraph tokens create --name NAME")
    note("              A user sees granted clusters only: fleetgraph grants add --help")
    note("              of an administrator: fleetgraph tokens create --name me --admin")
    note("")
    sys.stderr.flush()


@asynccontextmanager
async def opened_callers(settings: Settings, registry: Registry) -> AsyncIterator[TokenAuthenticator]:
    """Opens all ways to authenticate that the settings allow.

    Raises:
        SettingsError: The authentication configuration is invalid.
    """
    callers = Callers(registry.tokens)
    if settings.authentication_config is None:
        yield callers
        return
    from server.auth.oidc.configuredcallers import opened_configured_callers  # noqa: PLC0415  JWTs: only where configured

    async with opened_configured_callers(settings, settings.authentication_config, callers) as configured:
        yield configured


def forget_secrets() -> None:
    """Removes secret settings from the environment: child processes and `/proc` must not show them.

    Settings that were loaded stay valid.
    """
    for name, field in Settings.model_fields.items():
        if field.annotation in (SecretStr, SecretStr | None):
            _forget(f"{PREFIX}{name.upper()}")


def _forget(name: str) -> None:
    """Overwrites a variable, then removes it: `/proc/PID/environ` shows the memory that the process started with."""
    if name not in os.environ:
        return
    try:
        libc = ctypes.CDLL(None)
        libc.getenv.restype = ctypes.c_void_p
        address = libc.getenv(os.fsencode(name))
        if address:
            ctypes.memset(address, 0, len(ctypes.string_at(address)))
    except (OSError, AttributeError):
        pass  # without the C library, it is removed all the same
    del os.environ[name]
