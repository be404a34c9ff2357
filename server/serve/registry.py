"""The process of `fleetgraph serve`: the server over the clusters of the registry."""

import asyncio
import socket

import uvloop

from server.app.app import AppParts
from server.app.documents import PersistedDocuments
from server.app.metrics import MetricsPolicy
from server.app.requestlimits import admission_limits, http_limits, stranger_limits
from server.auth.callers import opened_callers
from server.composition import opened_registry
from server.errors import ExitCode
from server.fleet import opened_executor
from server.observe.logs import configure_logging
from server.serve.environment import forget_secrets
from server.serve.expiry import watching_expiry
from server.serve.listening import ServeOptions, is_reachable_from_elsewhere, listen
from server.serve.reconciler import reconciling
from server.serve.serving import serve_parts
from server.settings.clusterlimits import without_loopback
from server.settings.settings import Settings, load_settings


def run_server(options: ServeOptions) -> ExitCode:
    """Serves until it is told to stop.

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
        reconciling(executor.granting, interval_s=settings.reconcile_interval_s),
        watching_expiry(registry.clusters, executor.fleet),
    ):
        parts = AppParts(
            executor=executor,
            callers=callers,
            store=registry,
            limits=http_limits(settings),
            documents=PersistedDocuments.read(settings.documents, are_the_only_ones=settings.documents_only),
            admission=admission_limits(settings),
            strangers=stranger_limits(settings),
            cors_origins=settings.cors_origins,
            is_schema_served=settings.introspection,
            metrics=executor.metrics,
            memory=executor.memory,
            auditor=executor.auditor,
            is_traced=settings.otlp_endpoint is not None,
            metrics_policy=MetricsPolicy(access=settings.metrics_access, token=settings.metrics_token),
        )
        return await serve_parts(parts, settings, options=options, sockets=sockets)
