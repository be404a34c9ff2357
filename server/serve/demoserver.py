"""The process of `fleetgraph demo`: the server over the demo fleet, on loopback, where it needs no token."""

import asyncio
import json
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

import uvloop

from resolvers.caller import Caller
from server.app.config import AppConfig
from server.auth.development import DevelopmentIdentity
from server.commanderrors import ExitCode, NotLoopback, PortInUse
from server.observe.logs import configure_logging
from server.operationexecutor import OperationExecutor
from server.serve.demofleet import opened_demo_executor
from server.serve.listening import ServeOptions, listen, url
from server.serve.serving import serve_app
from server.settings.observation import LogFormat, LogLevel
from server.settings.settings import Settings, load_settings
from server.terminal.output import note

_ABOUT: Final = "Six made-up clusters; the faults in them are on purpose (docs/demo.md)."
_FIRST_QUERY: Final = "{ clusters { name version reachable counts { pods nodes } } }"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """The options of `fleetgraph demo`.

    Attributes:
        opens_browser: None: only if there is a desktop.
        is_frozen: Whether nothing moves, and all times count from a fixed moment.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    opens_browser: bool | None = None
    is_frozen: bool = False


class NoStore:
    """A substitute for the database, which the demo does not have: no token is known, and nothing can fail."""

    async def caller(self, token: str) -> Caller | None:
        """Returns None: no token is valid."""
        return None

    async def check(self) -> None:
        """Raises nothing: the demo has no dependencies."""


def run_demo(options: DemoOptions) -> ExitCode:
    """Serves the generated fleet until it is stopped.

    Raises:
        CommandError: It cannot listen on the address, or the settings are invalid.
    """
    settings = demo_settings(load_settings())
    with listening(options) as sockets:
        opened = opened_demo_executor(settings, is_frozen=options.is_frozen)
        return serve_without_token(settings, options, opened, sockets=sockets)


def demo_settings(settings: Settings) -> Settings:
    """Returns the settings with a log for people, of warnings only, unless something else was set."""
    quiet = {"log_level": LogLevel.WARNING, "log_format": LogFormat.CONSOLE}
    return settings.model_copy(update={k: v for k, v in quiet.items() if k not in settings.model_fields_set})


@contextmanager
def listening(options: DemoOptions) -> Iterator[list[socket.socket]]:
    """Opens listening sockets, and closes them at the end.

    Raises:
        ListenError: The host can be reached from other machines, the port is in use, or there is no such address.
    """
    try:
        sockets = listen(_serve_options(options))
    except NotLoopback as error:
        raise NotLoopback(
            f"The demo needs no token, so it listens on this machine's own addresses only. {options.host} can be "
            "reached from other machines. Leave --host out; or serve your own clusters with `fleetgraph serve`."
        ) from error
    except PortInUse as error:
        raise PortInUse(
            f"{error} Give another port, such as --port {options.port + 1 if options.port < 65535 else 8001}; "
            "--port 0 takes a free one."
        ) from error
    try:
        yield sockets
    finally:
        for bound in sockets:
            bound.close()


def serve_without_token(
    settings: Settings,
    options: DemoOptions,
    opened: AbstractAsyncContextManager[OperationExecutor],
    *,
    sockets: list[socket.socket],
    about: str = _ABOUT,
) -> ExitCode:
    """Serves an executor to everybody on this machine until it is stopped."""
    configure_logging(settings, always_audits=False)  # the clusters are made up, and the log is the reader's own
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, options, opened, sockets=sockets, about=about))


async def _serve(
    settings: Settings,
    options: DemoOptions,
    opened: AbstractAsyncContextManager[OperationExecutor],
    *,
    sockets: list[socket.socket],
    about: str,
) -> ExitCode:
    serve_options, store = _serve_options(options), NoStore()
    address = url(serve_options, sockets)
    async with opened as executor, _learning(executor, settings):
        development = DevelopmentIdentity(port=sockets[0].getsockname()[1], origins=settings.cors_origins)
        config = AppConfig.of(settings, executor, callers=store, store=store, development=development)
        return await serve_app(
            config,
            settings,
            options=serve_options,
            sockets=sockets,
            announce=lambda: _welcome(address, options, about=about),
        )


@asynccontextmanager
async def _learning(executor: OperationExecutor, settings: Settings) -> AsyncIterator[None]:
    """Learns custom types for as long as the context lasts; the made-up fleet has none, and no store."""
    if executor.learning is None:
        yield
        return
    from server.serve.typelearning import learning_types  # noqa: PLC0415  imports the store

    async with learning_types(executor.learning, interval_s=settings.types_interval_s):
        yield


def _serve_options(options: DemoOptions) -> ServeOptions:
    return ServeOptions(host=options.host, port=options.port)


def _welcome(address: str, options: DemoOptions, *, about: str) -> None:
    """Prints the addresses and a first query, for a new user."""
    body = json.dumps({"query": _FIRST_QUERY})
    for line in (
        "",
        about,
        "",
        f"  GraphiQL    {address}/graphiql",
        f"  Start page  {address}/",
        f"  curl        curl -s {address}/graphql -H 'Content-Type: application/json' -d '{body}'",
        "",
        "No token is needed on this machine. Ctrl-C stops it.",
    ):
        note(line)
    sys.stderr.flush()
    if options.opens_browser or (options.opens_browser is None and _has_desktop()):
        threading.Thread(target=webbrowser.open, args=(f"{address}/graphiql",), daemon=True).start()


def _has_desktop() -> bool:
    """Returns whether a person uses a desktop: a browser in a terminal, or on a server, would be in the way."""
    is_graphical = sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return sys.stderr.isatty() and is_graphical
