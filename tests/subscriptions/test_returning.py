"""A page with many subscriptions on one WebSocket, before and after a restart of the server."""

import json
import socket
import subprocess
from typing import Any, Final

from tests.demo.serving import DemoServer
from tests.subscriptions.test_clients import FOLDER
from web.node import NodeJs
from web.npm import installed

COUNT: Final = 150
"""More than the operations of one caller that run and wait over HTTP."""
_TIMEOUT_S: Final = 90


def test_fa_13_graphql_ws_comes_back_after_a_stop_with_all_its_subscriptions(node: NodeJs) -> None:
    tools, port = installed(FOLDER), _free_port()
    with DemoServer("--frozen", "--port", str(port)) as first:
        command = tools.command("node", "returning.mjs", f"{first.url}/graphql", str(COUNT))
        client = subprocess.Popen(command, cwd=FOLDER, env=tools.environment(), stdout=subprocess.PIPE, text=True)
        try:
            assert client.stdout is not None
            begun: Any = json.loads(client.stdout.readline())
            first.terminate()
            assert first.exit_code() == 0
            with DemoServer("--frozen", "--port", str(port)):
                returned: Any = json.loads(client.communicate(timeout=_TIMEOUT_S)[0])
        finally:
            client.kill()
            client.wait()

    assert begun == {"connections": 1, "codes": [], "errors": []}
    assert returned == {"connections": 2, "codes": [1012], "errors": []}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
