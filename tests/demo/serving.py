"""`fleetgraph demo` as a process, for tests of clients."""

import os

from tests.server.serverprocess import ServerProcess

_HOME = ("HOME", "XDG_CACHE_HOME")
"""The folder of the schema's cache between starts; the demo itself stores nothing."""


class DemoServer(ServerProcess):
    """A server that listens while its context is open, and is killed at the end if it still runs.

    Attributes:
        url: Where it listens, as `http://127.0.0.1:43125`.
    """

    def __init__(self, *options: str, **settings: str) -> None:
        """Prepares the process; `--frozen` unless other options are given. Settings are named as in the environment."""
        home = {name: os.environ[name] for name in _HOME if name in os.environ}
        environment = {"FLEETGRAPH_LOG_LEVEL": "info", "FLEETGRAPH_LOG_FORMAT": "json", **home, **settings}
        super().__init__(environment, "--no-open", *(options or ("--frozen",)), command="demo")
