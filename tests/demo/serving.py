"""`fleetgraph demo` as a process of its own, for tests of clients."""

import os

from tests.server.serverprocess import ServerProcess

_HOME = ("HOME", "XDG_CACHE_HOME")
"""Where the schema's structures are kept between starts; the demo itself keeps nothing."""


class DemoServer(ServerProcess):
    """Starts on entering, and is listening then; killed at the end if it still runs.

    Attributes:
        url: Where it listens, as `http://127.0.0.1:43125`.
    """

    def __init__(self, *options: str) -> None:
        """Prepares it; `--frozen` unless other options are given."""
        home = {name: os.environ[name] for name in _HOME if name in os.environ}
        environment = {"FLEETGRAPH_LOG_LEVEL": "info", "FLEETGRAPH_LOG_FORMAT": "json", **home}
        super().__init__(environment, "--no-open", *(options or ("--frozen",)), command="demo")
