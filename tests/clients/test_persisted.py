"""Persisted documents of docs/clients.md: the manifests of the tools, and a server that executes nothing else."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.document import DOCUMENT
from tests.clients.following import Follower
from tests.server.serverprocess import ServerProcess

MANIFEST = "src/gql/persisted-documents.json"
VARIABLES = {"first": 2}
_HOME = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME") if name in os.environ}


@pytest.fixture(scope="module")
def built(frontend: Follower, tmp_path_factory: pytest.TempPathFactory) -> Follower:
    """Builds the document's frontend with the commands of the section."""
    folder = tmp_path_factory.mktemp("persisted") / "frontend"
    shutil.copytree(frontend.folder, folder, symlinks=True)
    follower = Follower(folder, frontend.url, frontend.environment, npm=frontend.npm)
    (line,) = re.findall(r"^    (presetConfig: .*)$", DOCUMENT.read_text(), re.MULTILINE)
    code = (folder / "codegen.ts").read_text()
    follower.write("codegen.ts", code.replace('preset: "client",', f'preset: "client",\n      {line}'))
    relay = json.loads((folder / "relay.config.json").read_text())
    follower.write("relay.config.json", json.dumps({**relay, "persistConfig": {"file": "persisted.json"}}))
    follower.write("persisted.json", "{}")
    done = follower.run("npx graphql-codegen && npx relay-compiler")
    assert done.exit_code == 0, done.stdout + done.stderr
    return follower


@pytest.fixture(scope="module")
def server(built: Follower) -> Iterator[ServerProcess]:
    """Yields a demo that executes the frontend's documents only."""
    folder = built.folder / "manifests"
    folder.mkdir()
    shutil.copy(built.folder / MANIFEST, folder / "gql.json")
    shutil.copy(built.folder / "persisted.json", folder / "relay.json")
    environment = {**_HOME, "FLEETGRAPH_DOCUMENTS": str(folder), "FLEETGRAPH_DOCUMENTS_ONLY": "true"}
    with ServerProcess(environment, "--no-open", "--frozen", command="demo") as running:
        yield running


def manifest(path: Path) -> Mapping[str, str]:
    texts: Mapping[str, str] = json.loads(path.read_text())
    return texts


def ask(server: ServerProcess, body: Mapping[str, object]) -> httpx.Response:
    return httpx.post(f"{server.url}/graphql", json=body, timeout=60)


def first_payload(server: ServerProcess, body: Mapping[str, object]) -> Any:
    """Returns the first payload of a subscription by server-sent events."""
    headers = {"Accept": "text/event-stream"}
    with httpx.stream("POST", f"{server.url}/graphql", json=body, headers=headers, timeout=60) as response:
        lines = response.iter_lines()
        return json.loads(next(line for line in lines if line.startswith("data: {")).removeprefix("data: "))


def test_the_code_generator_s_documents_are_executed_by_their_hash(built: Follower, server: ServerProcess) -> None:
    texts = manifest(built.folder / MANIFEST)
    (name, text) = next((name, text) for name, text in texts.items() if "query Pods(" in text)

    answer = ask(server, {"documentId": name, "variables": VARIABLES})

    assert name == f"sha256:{sha256(text.encode()).hexdigest()}"
    assert name in (built.folder / "src/gql/graphql.ts").read_text()
    assert len(answer.json()["data"]["pods"]["edges"]) == 2


def test_relay_s_documents_are_executed_by_their_names(built: Follower, server: ServerProcess) -> None:
    texts = manifest(built.folder / "persisted.json")
    followed = {name for name, text in texts.items() if "subscription " in text}

    answers = [ask(server, {"documentId": name, "variables": {}}) for name in texts.keys() - followed]
    first_payloads = [first_payload(server, {"documentId": name}) for name in followed]  # of checks, if they came first

    assert answers
    assert {answer.status_code for answer in answers} == {200}
    assert not [answer.json() for answer in answers if "documentId" in answer.text]
    assert all(list(payload["data"]) == ["pods"] for payload in first_payloads)


def test_a_subscription_is_followed_by_its_hash(built: Follower, server: ServerProcess) -> None:
    texts = manifest(built.folder / MANIFEST)
    name = next(name for name, text in texts.items() if "subscription Live(" in text)

    payload = first_payload(server, {"documentId": name, "variables": {}})

    assert payload["data"]["pods"]["resume"]


def test_nothing_else_is_executed(server: ServerProcess) -> None:
    refused = ask(server, {"query": "{ clusters { name } }"})

    assert refused.status_code == 403
    assert "Only persisted documents" in refused.text
