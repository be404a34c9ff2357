"""Fixtures that follow the document once for all of its tests."""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Final, TypedDict

import httpx
import pytest

from tests.clients.document import steps
from tests.clients.following import Follower
from tests.conftest import NODE_REQUIRED
from tests.demo.serving import DemoServer
from web.errors import WebError
from web.node import NodeJs
from web.npm import NpmInstallation, installed

HERE: Final = Path(__file__).parent
LIVE: Final = HERE.parents[1] / "docs" / "live.md"
EXPECTED: Final = """
{
  pods {
    totalCount
    nodes { name namespace owner { kind } restarts cluster { name } }
    clusters { error { message } }
  }
}
"""


class Named(TypedDict):
    name: str


class Owner(TypedDict):
    kind: str


class Pod(TypedDict):
    name: str
    namespace: str
    owner: Owner | None
    restarts: int
    cluster: Named


class Failure(TypedDict):
    message: str


class Report(TypedDict):
    error: Failure | None


class PodList(TypedDict):
    """The expected output of every client."""

    totalCount: int
    nodes: list[Pod]
    clusters: list[Report]


@pytest.fixture(scope="session")
def expected(demo_server: DemoServer) -> PodList:
    """Returns all pods, without a client."""
    answer = httpx.post(f"{demo_server.url}/graphql", json={"query": EXPECTED}, timeout=60)
    pods: PodList = answer.json()["data"]["pods"]
    return pods


@pytest.fixture(scope="session")
def silence(expected: PodList) -> str:
    """Returns the message for the cluster that never answers."""
    (message,) = [report["error"]["message"] for report in expected["clusters"] if report["error"]]
    return message


@pytest.fixture(scope="session")
def installation(node: NodeJs) -> NpmInstallation:
    """Installs the packages of the document and returns their folder."""
    try:
        return installed(HERE, node=node)
    except WebError as error:
        if os.environ.get(NODE_REQUIRED) == "1":
            pytest.fail(f"{error} ({NODE_REQUIRED}=1)", pytrace=False)
        pytest.skip(f"no npm packages: {error}")


@pytest.fixture(scope="session")
def plain(demo_server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Follower:
    """Returns a follower of the document without Node: curl and Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    follower = Follower(tmp_path_factory.mktemp("plain"), demo_server.url, {"PATH": path})
    follower.follow(step for step in steps() if not step.is_of_node)
    return follower


@pytest.fixture(scope="session")
def frontend(
    demo_server: DemoServer, installation: NpmInstallation, tmp_path_factory: pytest.TempPathFactory
) -> Follower:
    """Returns a follower of the document with Node."""
    folder = tmp_path_factory.mktemp("frontend")
    (folder / "node_modules").symlink_to(HERE / "node_modules")
    environment = installation.environment()
    if installation.node.version < (22, 0, 0):  # which has WebSocket, but does not show it
        environment |= {"NODE_OPTIONS": "--experimental-websocket", "NODE_NO_WARNINGS": "1"}
    follower = Follower(folder, demo_server.url, environment, npm=installation.node.npm)
    follower.follow(step for step in steps() if step.is_of_node)
    return follower


@pytest.fixture(scope="session")
def checks(frontend: Follower) -> Follower:
    """Returns the same, with programs of the tests in addition to those of the document."""
    shutil.copytree(HERE / "checks", frontend.folder, dirs_exist_ok=True)
    (component,) = re.findall(r"`src/PodTable\.tsx`:\n\n```tsx\n(.*?)```", LIVE.read_text(), re.DOTALL)
    frontend.write("src/PodTable.tsx", component)
    built = frontend.run("npx graphql-codegen && npx relay-compiler && npx tsc")
    assert built.exit_code == 0, built.stdout + built.stderr
    return frontend
