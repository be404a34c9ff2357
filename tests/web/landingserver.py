"""A server with made-up clusters, for the start page in a real browser."""

import asyncio
import json
import re
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn

from graph.incremental.payloads import PayloadFormat
from graph.request import GraphqlRequest
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from server.app.app import create_app
from server.app.config import AppConfig
from server.auth.callers import Callers
from server.auth.development import DevelopmentIdentity
from server.http.graphqlexecutor import GraphqlResponse, Payloads
from server.serve import serving
from server.serve.connectionbounds import ConnectionBounds
from server.serve.listening import ServeOptions, listen
from tests.server.http_parts import FakeAnswer, FakeStore, FakeTokens

_STOP_TIMEOUT_S = 20
_BETWEEN_LOOKS_S = 0.05
_CODES = {"UNREACHABLE": "CLUSTER_UNREACHABLE", "TIMEOUT": "CLUSTER_TIMEOUT", "FORBIDDEN": "FORBIDDEN"}


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

    def row(self, name: str) -> Mapping[str, object]:
        """Returns the cluster as it answers."""
        is_up = self.status != "UNREACHABLE"
        counts = {"nodes": 3, "pods": 40} if is_up else {"nodes": None, "pods": None}
        latency_ms = self.latency_ms if is_up else None
        answer = {"reachable": is_up, "version": self.version, "latencyMs": latency_ms, "counts": counts}
        return {**self.listed(name), **answer}

    def report(self, name: str, trouble: str) -> Mapping[str, object]:
        """Returns the cluster in the envelope of one of the lists of troubles."""
        state, error = "LIVE", None
        if self.is_hanging:
            state = "SYNCING"
        elif self.status != "OK":
            state, error = "FAILED", {"code": _CODES[self.status], "message": self.error or ""}
        elif self.wrong.get(trouble, 0) is None:
            state, error = "FAILED", {"code": "LIMIT_EXCEEDED", "message": "there are too many watches"}
        return {"name": name, "state": state, "isResynced": False, "error": error}

    def troubles(self, name: str, trouble: str) -> Mapping[str, str]:
        """Returns the ids of what is wrong, and the cluster's name for each."""
        count = self.wrong.get(trouble, 0) if self.status == "OK" and not self.is_hanging else 0
        return {f"{name}/{trouble}/{n}": name for n in range(count or 0)}


@dataclass
class FakeFleet:
    """An executor for the operations of the start page, which records them.

    Attributes:
        known: The clusters; those who follow are told of others.
        followers: The names of the subscriptions that run.
        asked: The names of all subscriptions so far.
        lists: How often the list of registered clusters was asked for.
    """

    known: dict[str, FakeCluster]
    pods: Mapping[str, object] | None = field(default_factory=lambda: {"totalCount": 0, "nodes": [], "clusters": []})
    followers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    viewer: Mapping[str, object] = field(default_factory=lambda: {"name": "ada", "administrator": True})
    lists: int = 0
    sdl: str = "type Query { ok: Boolean }"

    async def clusters(self, _caller: Caller) -> Sequence[FleetCluster]:
        return ()

    async def sdl_of(self, _caller: Caller) -> str:
        return self.sdl

    async def execute(self, request: GraphqlRequest, _caller: Caller) -> GraphqlResponse:
        if request.query.startswith("subscription"):
            return FakeAnswer(executed=False, needs_stream=True)
        data = await self._data(request)
        errors = [{"message": "too many pods"}] if data.get("pods", data) is None else []
        return FakeAnswer(json.dumps({"data": data, "errors": errors}).encode())

    async def deliver(
        self, request: GraphqlRequest, caller: Caller, _payload_format: PayloadFormat
    ) -> GraphqlResponse | Payloads:
        return await self.execute(request, caller)

    async def subscribe(self, request: GraphqlRequest, _caller: Caller) -> "FakeFollowing | GraphqlResponse | None":
        match = re.match(r"subscription (\w)(\w+)", request.query)
        if match is None:
            return None
        name = match[1].lower() + match[2]
        self.asked.append(name)
        return FakeFollowing(self, name)

    async def _data(self, request: GraphqlRequest) -> Mapping[str, object]:
        if "pods(" in request.query:
            return {"pods": self.pods}
        self.lists += 1
        return {"viewer": self.viewer, "clusters": [cluster.listed(name) for name, cluster in self.known.items()]}


@dataclass(frozen=True)
class FakeFollowing:
    """One of the subscriptions of the page: to the clusters, or to one kind of troubles."""

    fleet: FakeFleet
    name: str

    async def payloads(self, _caller: Caller) -> AsyncGenerator[bytes, None]:
        self.fleet.followers.append(self.name)
        try:
            sent: Mapping[str, object] = {}
            shown: object = None
            while True:
                clusters = dict(self.fleet.known)
                rows = self._rows(clusters)
                reports = [cluster.report(name, self.name) for name, cluster in clusters.items()]
                if (rows, reports) != shown:
                    data = {"changes": list(_changes(sent, rows)), "clusters": reports}
                    yield json.dumps({"data": {"list": data} if self.name != "fleet" else {"clusters": data}}).encode()
                    sent, shown = rows, (rows, reports)
                await asyncio.sleep(_BETWEEN_LOOKS_S)
        finally:
            self.fleet.followers.remove(self.name)

    def _rows(self, clusters: Mapping[str, FakeCluster]) -> Mapping[str, tuple[str, object]]:
        """Returns cluster and object of each row, by its id."""
        if self.name == "fleet":
            return {name: (name, cluster.row(name)) for name, cluster in clusters.items() if not cluster.is_hanging}
        troubles = [cluster.troubles(name, self.name) for name, cluster in clusters.items()]
        return {key: (name, None) for each in troubles for key, name in each.items()}


def _changes(before: Mapping[str, object], after: Mapping[str, tuple[str, object]]) -> Iterator[Mapping[str, object]]:
    for key in before.keys() - after.keys():
        yield {"type": "DELETED", "id": key, "cluster": key, "object": None}
    for key, (cluster, row) in after.items():
        if before.get(key) != (cluster, row):
            kind = "MODIFIED" if key in before else "ADDED"
            yield {"type": kind, "id": key, "cluster": cluster, "object": row}


@contextmanager
def served(fleet: FakeFleet, *, is_token_required: bool = False, contact: str = "", port: int = 0) -> Iterator[str]:
    """Serves the fleet by the real application on a port of its own, or on `port`, and yields its origin."""
    (listening,) = listen(ServeOptions(port=port))
    port = listening.getsockname()[1]
    parts = AppConfig(
        executor=fleet,
        callers=Callers(FakeTokens()),
        store=FakeStore(),
        contact=contact,
        development=None if is_token_required else DevelopmentIdentity(port=port),
    )
    config = serving._config(create_app(parts), ServeOptions(port=port), ConnectionBounds())
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(_STOP_TIMEOUT_S)
        listening.close()
