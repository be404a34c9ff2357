"""The requests to clusters that the start page costs."""

import json
import re
from collections.abc import Sequence

import pytest

from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.pages.landing import LANDING_FOLDER
from server.serve.demofleet import opened_demo_executor
from server.settings.settings import Settings
from snapshots.serving.snapshotsender import SnapshotSender

SCRIPT = (LANDING_FOLDER / "cluster.js").read_text()


async def _asked(monkeypatch: pytest.MonkeyPatch, request: GraphqlRequest) -> Sequence[tuple[str, str]]:
    """Returns cluster and path of each request that a query of the page costs."""
    requests: list[tuple[str, str]] = []
    send = SnapshotSender.send

    async def noted(self, call, *arguments, **more):  # type: ignore[no-untyped-def]  # passes its arguments on
        requests.append((self.name, call.path))
        return await send(self, call, *arguments, **more)

    async with opened_demo_executor(Settings(), is_frozen=True) as executor:  # learns the types of custom kinds
        monkeypatch.setattr(SnapshotSender, "send", noted)
        answer = json.loads((await executor.execute(request, OPERATOR)).to_json())
    assert "errors" not in answer
    return requests


async def test_the_list_of_clusters_asks_none(monkeypatch: pytest.MonkeyPatch) -> None:
    (query,) = re.findall(r"LIST = '(.*)'", SCRIPT)

    assert await _asked(monkeypatch, GraphqlRequest(query)) == []


async def test_the_health_of_a_cluster_is_three_requests_to_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    (query,) = re.findall(r"HEALTH = `(.*?)`", SCRIPT, re.DOTALL)

    requests = await _asked(monkeypatch, GraphqlRequest(query, {"names": ["prod-eu-1"]}))

    assert sorted(requests) == [("prod-eu-1", path) for path in ("/api/v1/nodes", "/api/v1/pods", "/version")]
