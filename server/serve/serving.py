"""The server process: ready before it listens, and stopped only after running queries have ended.

The first SIGTERM or Ctrl-C makes `/readyz` answer 503 and refuses new queries; running ones have a timeout. The second
one does not wait.
"""

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from types import FrameType
from typing import Final

import structlog
import uvicorn
from starlette.applications import Starlette

from server.app.app import GRAPHQL_PATH, create_app
from server.app.config import AppConfig
from server.app.draining import Draining
from server.commanderrors import ExitCode, InputError
from server.live.limits import LiveLimits
from server.observe.logwriter import logging_beside
from server.observe.observers import watching_loop
from server.serve.allocator import return_large_blocks
from server.serve.connectionbounds import ConnectionBounds, OpenConnections, raise_file_limit
from server.serve.garbagecollection import upkeep
from server.serve.gcthresholds import settle_memory
from server.serve.httpconnection import connection_class
from server.serve.listening import ServeOptions, url
from server.serve.tlsconnection import tls_connection_class
from server.serve.websocketconnection import websocket_class
from server.settings.settings import Settings
from server.terminal.output import note

_HEARTBEAT_S: Final = LiveLimits().heartbeat_s
_CLOSE_TIMEOUT_S = 1
"""Seconds that connections have to close when no query runs any more."""

_LOG = structlog.stdlib.get_logger("server.serving")


class StoppingServer(uvicorn.Server):
    """uvicorn's server, which keeps listening until running queries have ended, and exits with 0 after a signal."""

    def __init__(
        self, config: uvicorn.Config, draining: Draining, *, drain_timeout_s: float, announce: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._draining = draining
        self._drain_timeout_s = drain_timeout_s
        self._announce = announce
        self._finishing: asyncio.Task[None] | None = None
        self.exit_code = ExitCode.OK

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until it is stopped."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to listen, and then announces the address."""
        await super().startup(sockets)
        self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Passes the signal to the event loop, since it runs in a signal handler."""
        self._loop.call_soon_threadsafe(self._stop, sig)

    def _stop(self, sig: int) -> None:
        if self._draining.has_begun:
            self.force_exit = True
            self._cut("stopped by a second signal")
            return
        _LOG.info("stopping", signal=signal.Signals(sig).name, drain_timeout_s=self._drain_timeout_s)
        self._draining.begin()
        self._finishing = asyncio.create_task(self._finish())

    async def _finish(self) -> None:
        cancelled = await self._draining.finish(timeout_s=self._drain_timeout_s)
        if cancelled:
            self._cut("drain timeout", cancelled)
        self.should_exit = True

    def _cut(self, reason: str, count: int | None = None) -> None:
        self.exit_code = ExitCode.FAILED
        _LOG.warning("queries cut off", reason=reason, count=self._draining.cancel_all() if count is None else count)
        self.should_exit = True


async def serve_app(
    app_config: AppConfig,
    settings: Settings,
    *,
    options: ServeOptions,
    sockets: list[socket.socket],
    announce: Callable[[], None] = lambda: None,
) -> ExitCode:
    """Serves an application until it is stopped.

    Args:
        app_config: The application's configuration.
        settings: Have the timeout of running queries at the stop.
        options: Have the TLS files.
        sockets: The listening sockets.
        announce: Called after the line with the address.
    """

    def announced() -> None:
        note(f"fleetgraph listens on {url(options, sockets)}{GRAPHQL_PATH}")
        announce()

    bounds = connection_bounds(settings)
    live = app_config.live_limits
    fitting = raise_file_limit(bounds.connections + live.connections)
    of_http = min(bounds.connections, max(fitting // 2, fitting - live.connections))
    bounds = replace(bounds, connections=max(1, of_http))
    live = replace(live, connections=max(1, min(live.connections, fitting - of_http)))
    app_config = replace(app_config, live_limits=live)
    server = StoppingServer(
        _config(create_app(app_config), options, bounds, heartbeat_s=app_config.live_limits.heartbeat_s),
        app_config.draining,
        drain_timeout_s=settings.drain_timeout_s,
        announce=announced,
    )
    return_large_blocks()
    settle_memory()
    with logging_beside(), watching_loop(app_config.metrics):
        async with upkeep(app_config.memory):
            await server.serve(sockets)
    return server.exit_code


def connection_bounds(settings: Settings) -> ConnectionBounds:
    """Returns the limits of clients' connections."""
    return ConnectionBounds(
        connections=settings.max_http_connections,
        head_bytes=settings.max_head_bytes,
        head_timeout_s=settings.head_timeout_s,
        body_timeout_s=settings.body_timeout_s,
        idle_timeout_s=settings.idle_timeout_s,
        send_timeout_s=settings.send_timeout_s,
    )


def _config(
    app: Starlette, options: ServeOptions, bounds: ConnectionBounds, *, heartbeat_s: float = _HEARTBEAT_S
) -> uvicorn.Config:
    """Returns uvicorn's configuration.

    No proxy header is trusted: nothing here depends on a client's address. A pipelined request is begun by the one
    before it, and must not inherit its context. WebSockets are not compressed, which would take much memory for each.
    """
    open_connections = OpenConnections(bounds)
    connections = connection_class(open_connections)
    config = uvicorn.Config(
        app,
        http=connections,
        ws=websocket_class(open_connections),
        ws_per_message_deflate=False,
        ws_ping_interval=heartbeat_s,
        ws_ping_timeout=2 * heartbeat_s,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        reset_contextvars=True,
        timeout_keep_alive=ceil(bounds.idle_timeout_s),
        timeout_graceful_shutdown=_CLOSE_TIMEOUT_S,
        ssl_certfile=options.tls_certificate,
        ssl_keyfile=options.tls_key,
    )
    try:
        config.load()
    except (ssl.SSLError, OSError) as error:
        raise InputError(
            "--tls-certificate and --tls-key cannot be used: they must be PEM, the key without a passphrase and the "
            "certificate's own."
        ) from error
    if config.ssl is not None:
        config.http_protocol_class = tls_connection_class(connections, config.ssl)
        config.ssl = None  # not the event loop's TLS, which would decrypt everything at once
    return config
