"""A server with made-up clusters, for the start page in a real browser."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn

from graph.incremental.payloads import PayloadFormat
from graph.request import GraphqlRequest
from resolvers.caller import Caller
from server.app.app import create_app
from server.app.config import AppConfig
from server.auth.callers import Callers
from server.auth.development import DevelopmentIdentity
from server.http.graphqlexecutor import GraphqlResponse, Payloads
from server.serve.listening import ServeOptions, listen
from tests.server.http_parts import FakeAnswer, FakeStore, FakeTokens

_STOP_TIMEOUT_S = 20


@dataclass(frozen=True, kw_only=True)
class FakeCluster:
    """One cluster; if its status is UNREACHABLE, `error` is why. It may never say anything."""

    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    version: str | None = "v1.37.2"
    latency_ms: float | None = 12.3
    error: str | None = None
    status: str = "OK"
    taken_at: str | None = None
    is_hanging: bool = False
    wrong: Mapping[str, int | None] = field(default_factory=dict)
    """The counts of what is wrong, 0 by default; None: the cluster does not give the list."""

    def listed(self, name: str) -> Mapping[str, object]:
        source = "LIVE" if self.taken_at is None else "SNAPSHOT"
        about = {"description": self.description, "labels": self.labels}
        return {"name": name, **about, "source": source, "takenAt": self.taken_at}

    def state(self) -> Mapping[str, object]:
        counts = {name: self.wrong.get(name, 0) for name in ("badNodes", "badPods", "behind", "warnings")}
        return {
            name: {"totalCount": count or 0, "clusters": [{"status": "FORBIDDEN" if count is None else "OK"}]}
            for name, count in counts.items()
        }

    def health(self) -> Mapping[str, object]:
        is_up = self.status != "UNREACHABLE"
        counts = {"nodes": 3, "pods": 40} if is_up else {"nodes": None, "pods": None}
        error = None if self.error is None else {"message": self.error}
        return {
            "clusters": [
                {
                    "reachable": is_up,
                    "version": self.version,
                    "latencyMs": self.latency_ms if is_up else None,
                    "counts": counts,
                }
            ],
            "nodes": {"totalCount": 3, "clusters": [{"status": self.status, "error": error}]},
        }


@dataclass
class FakeFleet:
    """An executor for the queries of the start page, which records their clusters."""

    clusters: dict[str, FakeCluster]
    pods: Mapping[str, object] | None = field(default_factory=lambda: {"totalCount": 0, "nodes": [], "clusters": []})
    queried: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    viewer: Mapping[str, object] = field(default_factory=lambda: {"name": "ada", "administrator": True})
    lists: int = 0
    sdl: str = "type Query { ok: Boolean }"

    async def sdl_of(self, _caller: Caller) -> str:
        return self.sdl

    async def execute(self, request: GraphqlRequest, _caller: Caller) -> GraphqlResponse:
        data = await self._data(request)
        errors = [{"message": "too many pods"}] if data.get("pods", data) is None else []
        return FakeAnswer(json.dumps({"data": data, "errors": errors}).encode())

    async def deliver(
        self, request: GraphqlRequest, caller: Caller, _payload_format: PayloadFormat
    ) -> GraphqlResponse | Payloads:
        return await self.execute(request, caller)

    async def _data(self, request: GraphqlRequest) -> Mapping[str, object]:
        if request.variables:
            name = _only(request.variables["names"])
            if "query State" in request.query:
                self.states.append(name)
                return self.clusters[name].state()
            self.queried.append(name)
            if self.clusters[name].is_hanging:
                await asyncio.Event().wait()
            return self.clusters[name].health()
        if "pods(" in request.query:
            return {"pods": self.pods}
        self.lists += 1
        return {"viewer": self.viewer, "clusters": [cluster.listed(name) for name, cluster in self.clusters.items()]}


def _only(names: object) -> str:
    """Returns the one cluster of a query: the page queries one cluster at a time."""
    assert isinstance(names, list)
    (name,) = names
    return str(name)


@contextmanager
def served(fleet: FakeFleet, *, is_token_required: bool = False, contact: str = "") -> Iterator[str]:
    """Serves the fleet by the real application on a port of its own, and yields its origin."""
    (listening,) = listen(ServeOptions(port=0))
    port = listening.getsockname()[1]
    parts = AppConfig(
        executor=fleet,
        callers=Callers(FakeTokens()),
        store=FakeStore(),
        contact=contact,
        development=None if is_token_required else DevelopmentIdentity(port=port),
    )
    config = uvicorn.Config(create_app(parts), lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(_STOP_TIMEOUT_S)
        listening.close()
