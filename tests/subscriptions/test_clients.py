"""Real clients, unchanged, follow a list of the demo fleet that changes; all in one process of Node."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.demo.serving import DemoServer
from web.node import NodeJs
from web.npm import NpmInstallation, installed

FOLDER: Final = Path(__file__).parent
OVER_HTTP: Final = ("graphqlSse", "eventSource", "persisted", "apolloMultipart", "urqlFetch", "relaySse", "hiveSse")
OVER_WEBSOCKET: Final = ("graphqlWs", "graphqlWsResumed", "apolloWs", "urqlWs", "relayWs", "hiveWs")
CLIENTS: Final = OVER_HTTP + OVER_WEBSOCKET
_TIMEOUT_S: Final = 90


@pytest.fixture(scope="module")
def tools(node: NodeJs) -> NpmInstallation:
    """Installs the clients and returns their folder."""
    return installed(FOLDER)


@pytest.fixture(scope="module")
def seen(tools: NpmInstallation) -> Mapping[str, Any]:
    """Returns what the clients saw until the server was stopped."""
    with DemoServer("--no-open", FLEETGRAPH_DOCUMENTS=str(FOLDER / "documents")) as server:
        command = tools.command("node", "follow.mjs", f"{server.url}/graphql")
        with subprocess.Popen(
            command, cwd=FOLDER, env=tools.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as following:
            assert following.stdout is not None
            begun = following.stdout.readline()
            server.terminate()
            ended, errors = following.communicate(timeout=_TIMEOUT_S)
        assert (following.returncode, errors) == (0, "")
        assert server.exit_code() == 0
    return {**json.loads(begun), **json.loads(ended)}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_rows_of_a_client_are_those_of_a_fresh_query(seen: Mapping[str, Any], client: str) -> None:
    """The program goes on only when they are; faults are rows that were added twice, or changed without being there."""
    assert seen["faults"][client] == []


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_sees_why_a_subscription_is_refused(seen: Mapping[str, Any], client: str) -> None:
    validated_by_gateway = "GRAPHQL_VALIDATION_FAILED"
    assert seen["refused"][client] == (validated_by_gateway if client.startswith("hive") else "BAD_USER_INPUT")


@pytest.mark.parametrize("client", OVER_HTTP)
def test_fa_13_a_client_over_http_is_told_that_the_server_stops(seen: Mapping[str, Any], client: str) -> None:
    assert seen["ended"][client]["code"] == "INTERNAL"  # of the last payload, not the code of a cut


@pytest.mark.parametrize("client", ["graphqlWs", "apolloWs", "urqlWs", "relayWs"])
def test_fa_13_a_client_over_websocket_is_told_to_connect_again(seen: Mapping[str, Any], client: str) -> None:
    """Their reconnecting is switched off in the test. Hive gateway ends its own clients without a word."""
    assert "1012" in str(seen["ended"][client]["code"])


def test_every_client_is_followed(seen: Mapping[str, Any]) -> None:
    assert set(seen["ended"]) == set(CLIENTS)
