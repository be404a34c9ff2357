"""The requests to clusters that the start page costs."""

import asyncio
import json
import re
from contextlib import AsyncExitStack, aclosing

import pytest

from graph.live import clusterrows
from graph.live.subscription import LiveSubscription
from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.operationexecutor import OperationExecutor
from server.pages.landing import LANDING_FOLDER
from server.serve.demofleet import opened_demo_executor
from server.settings.settings import Settings
from snapshots.serving.snapshotsender import SnapshotSender

_CLUSTER = "prod-eu-1"
_LISTS = "nodes", "pods", "deployments", "events"


def _queries() -> tuple[str, str]:
    """Returns the query of the registered clusters, and the subscription to how they answer."""
    script = (LANDING_FOLDER / "cluster.js").read_text()
    (registration,) = re.findall(r"REGISTRATION = '(.*)'", script)
    found = re.findall(r"(?:REGISTERED|FLEET) = `(.*?)`", script, re.DOTALL)
    registered, fleet = (text.replace("${REGISTRATION}", registration) for text in found)
    return registered, fleet


def _troubles() -> list[str]:
    """Returns subscriptions to the lists that the page follows."""
    script = (LANDING_FOLDER / "questions.js").read_text()
    found = re.findall(r"list: '(\w+)',\n    where: '(.*)'", script)
    assert [name for name, _where in found] == [*_LISTS]
    payload = "changes { type id cluster } clusters { name state isResynced error { code message } }"
    return [f"subscription {{ {name}(where: {where}) {{ {payload} }} }}" for name, where in found]


async def test_the_page_costs_a_cluster_four_watches_and_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusterrows, "EVERY_S", 0.2)
    sent: list[tuple[str, str]] = []
    watched: list[tuple[str, str]] = []
    send, stream = SnapshotSender.send, SnapshotSender.stream

    async def noted(self, call, *arguments, **more):  # type: ignore[no-untyped-def]  # passes its arguments on
        sent.append((self.name, str(call.path)))
        return await send(self, call, *arguments, **more)

    def streamed(self, call, *arguments, **more):  # type: ignore[no-untyped-def]  # passes its arguments on
        watched.append((self.name, str(call.path)))
        return stream(self, call, *arguments, **more)

    registered, fleet = _queries()
    async with opened_demo_executor(Settings(), is_frozen=True) as executor, AsyncExitStack() as following:
        monkeypatch.setattr(SnapshotSender, "send", noted)
        monkeypatch.setattr(SnapshotSender, "stream", streamed)
        answer = json.loads((await executor.execute(GraphqlRequest(registered), OPERATOR)).to_json())
        assert "errors" not in answer
        assert (sent, watched) == ([], [])

        for trouble in _troubles():
            payloads = await _followed(executor, trouble, following)
            async with asyncio.timeout(30):
                while not await _is_live(payloads):
                    pass
        before = len(sent)
        rows = await _followed(executor, fleet, following)
        async with asyncio.timeout(30):
            while len([path for name, path in sent[before:] if (name, path) == (_CLUSTER, "/version")]) < 3:
                assert "errors" not in json.loads(await anext(rows))

    paths = [path for name, path in watched if name == _CLUSTER]
    assert sorted(path.rpartition("/")[2] for path in paths) == sorted(_LISTS)
    assert {path for name, path in sent[before:] if name == _CLUSTER} == {"/version"}


async def _followed(executor: OperationExecutor, text: str, following: AsyncExitStack):  # type: ignore[no-untyped-def]  # a generator
    found = await executor.subscribe(GraphqlRequest(text), OPERATOR)
    assert isinstance(found, LiveSubscription), found
    return await following.enter_async_context(aclosing(found.payloads(OPERATOR)))


async def _is_live(payloads) -> bool:  # type: ignore[no-untyped-def]  # a generator
    (listed,) = json.loads(await anext(payloads))["data"].values()
    return any(one["name"] == _CLUSTER and one["state"] == "LIVE" for one in listed["clusters"])
