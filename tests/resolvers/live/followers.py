"""Lists of pods with their nodes over simulated API servers, and clients that apply their payloads."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from k8s.errors import ClusterError, Forbidden
from k8s.kinds import builtin as kinds
from k8s.kinds.models import structure_names
from k8s.reading.listing import WHOLE, ListRequest, Window
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import selection_of
from k8s.transport.deadline import Deadline
from k8s.watches.sharedwatches import SharedWatches
from resolvers.fleet.cluster import FleetCluster
from resolvers.live.changes import Place, RowChange
from resolvers.live.evaluation import Changed, ClusterState, Evaluation, Failure
from resolvers.live.livelist import LiveList
from resolvers.live.livereader import LiveReader
from resolvers.live.members import Member
from resolvers.live.resuming.resumetokens import ResumeTokens, digest_of
from resolvers.live.subscriber import Subscriber
from tests.graph.fleets import cluster_of
from tests.resolvers.live.simulatedapi import Object, SimulatedApi

KEY = b"a key of tests, of 32 bytes only"
_PODS = ListRequest(
    kinds.POD,
    structure_names()[kinds.POD],
    selection_of(["metadata.name", "metadata.namespace", "spec.nodeName", "status.phase"]),
)
_NODES = ListRequest(kinds.NODE, structure_names()[kinds.NODE], selection_of(["metadata.name", "spec.unschedulable"]))


@dataclass(frozen=True)
class Question:
    """The list: pods, with the schedulability of their nodes.

    Attributes:
        phase: The only phase of pods that are listed; None for all.
        is_linked: Whether nodes are selected.
        only_schedulable: Whether pods of unschedulable nodes are left out.
    """

    phase: str | None = None
    is_linked: bool = False
    only_schedulable: bool = False

    def row(self, pod: Mapping[str, Any], node: Mapping[str, Any] | None) -> dict[str, object] | None:
        """Returns the row of a pod; None if it is not listed."""
        if self.phase is not None and pod["phase"] != self.phase:
            return None
        is_open = None if node is None else not node["unschedulable"]
        if self.only_schedulable and not is_open:
            return None
        return {**pod, "isOpen": is_open} if self.is_linked else {**pod}

    def fresh(self, api: SimulatedApi) -> dict[Place, object]:
        """Returns all rows of a cluster, as a fresh query finds them."""
        if "pods" not in api.allowed:
            return {}
        nodes = api.objects["nodes"] if "nodes" in api.allowed else {}
        rows: dict[Place, object] = {}
        for key, pod in api.objects["pods"].items():
            node = nodes.get(("", pod["spec"]["nodeName"]))
            if (row := self.row(_pod(key[1], pod), None if node is None else _node(node))) is not None:
                rows[api.name, key] = row
        return rows


def _pod(name: str, pod: Object) -> dict[str, object]:
    return {"name": name, "node": pod["spec"]["nodeName"], "phase": pod["status"]["phase"]}


def _node(node: Object) -> dict[str, object]:
    return {"unschedulable": node["spec"].get("unschedulable", False)}


class Server:
    """One process: its watches, and one list."""

    def __init__(self, apis: Sequence[SimulatedApi], question: Question, *, evaluation_s: float = 0.0) -> None:
        self.apis = {api.name: api for api in apis}
        self.evaluated: list[int] = []
        self.encoded = 0
        self.hidden: set[str] = set()
        self.edits: Counter[str] = Counter()
        self._question = question
        self._evaluation_s = evaluation_s
        self._watches = {api.name: SharedWatches(api, linger_s=1.0) for api in apis}
        tokens = ResumeTokens(KEY, repr(question).encode())
        self.tokens = tokens
        self.list = LiveList(self._evaluate, self._encode, members=self._members, tokens=tokens)
        self._clusters: dict[str, FleetCluster] = {api.name: cluster_of(api) for api in apis}
        self._running: asyncio.Task[None] | None = None

    def subscribe(self, token: str = "") -> Subscriber:
        subscriber = self.list.subscribe(self.tokens.read(token) if token else None)
        if self._running is None:
            self._running = asyncio.create_task(self.list.run())
        return subscriber

    async def kill(self) -> None:
        """Ends everything, as the end of the process does."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await asyncio.gather(*(watches.close() for watches in self._watches.values()))

    async def _members(self) -> Mapping[str, Member]:
        return {
            name: Member(f"id-{name}", digest_of(name, str(self.edits[name])), watches=watches)
            for name, watches in self._watches.items()
            if name not in self.hidden
        }

    async def _evaluate(self, changed: Changed) -> Evaluation:
        objects: dict[Place, bytes] = {}
        failures: dict[str, Failure] = {}
        self.evaluated.append(sum(map(len, changed.values())))
        if self._evaluation_s:
            await asyncio.sleep(self._evaluation_s)
        for name, keys in changed.items():
            try:
                objects |= await self._of_cluster(name, keys)
            except ClusterError as error:
                failures[name] = Failure(error.code.value, str(error))
        return Evaluation(objects, failures)

    async def _of_cluster(self, name: str, keys: frozenset[tuple[str, str]]) -> dict[Place, bytes]:
        watches = self._watches[name]
        reader = LiveReader(self._clusters[name], lambda: watches, self.list.dependencies)
        pods = await _read(reader, _PODS, Window(only=keys))
        nodes: dict[str, Row] = {}
        if pods and self._question.is_linked:
            with contextlib.suppress(Forbidden):
                nodes = {node.metadata.name: node for node in await _read(reader, _NODES, WHOLE)}
        rows: dict[Place, bytes] = {}
        for pod in pods:
            node = nodes.get(pod.spec.nodeName)
            linked = None if node is None else {"unschedulable": bool(node.spec and node.spec.unschedulable)}
            shown = {"name": pod.metadata.name, "node": pod.spec.nodeName, "phase": pod.status.phase}
            if (row := self._question.row(shown, linked)) is not None:
                rows[name, (pod.metadata.namespace, pod.metadata.name)] = json.dumps(row).encode()
        return rows

    def _encode(self, changes: Sequence[RowChange], clusters: Mapping[str, ClusterState], resume: str) -> bytes:
        self.encoded += 1
        body = {
            "changes": [
                [one.type.value, one.place, None if one.object is None else json.loads(one.object), one.is_initial]
                for one in changes
            ],
            "clusters": {
                name: [one.freshness.value, one.is_resynced, None if one.error is None else one.error.code]
                for name, one in clusters.items()
            },
            "resume": resume,
        }
        return json.dumps(body).encode()


async def _read(reader: LiveReader, request: ListRequest, window: Window) -> list[Row]:
    rows: list[Row] = []
    async for page in reader.pages(request, deadline=Deadline(10), limit=100_000, window=window):
        rows += page.rows
    return rows


@dataclass
class Client:
    """A client that applies what it takes, up to a number of payloads; it objects to what it has or has not already."""

    server: Server
    pause: Callable[[], float] = lambda: 0.0
    state: dict[Place, object] = field(default_factory=dict)
    clusters: dict[str, list[Any]] = field(default_factory=dict)
    token: str = ""
    changes: list[str] = field(default_factory=list)
    resynced: list[str] = field(default_factory=list)
    payloads: int = 0
    limit: int | None = None
    _subscriber: Subscriber | None = None
    _task: asyncio.Task[None] | None = None

    def begin(self, server: Server | None = None) -> None:
        """Subscribes, or continues at the last token."""
        self.server = server or self.server
        if not self.token:
            self.state.clear()
        self._subscriber = self.server.subscribe(self.token)
        self._task = asyncio.create_task(self._run(self._subscriber))

    async def cut(self) -> None:
        """Loses the connection: what was not taken is lost."""
        assert self._task is not None
        assert self._subscriber is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.server.list.unsubscribe(self._subscriber)

    def check(self) -> None:
        """Raises the error of a payload that could not be applied."""
        if self._task is not None and self._task.done():
            self._task.result()

    async def _run(self, subscriber: Subscriber) -> None:
        while self.limit is None or self.payloads < self.limit:
            self.apply(json.loads((await subscriber.next()).body))
            if wait_s := self.pause():
                await asyncio.sleep(wait_s)

    def apply(self, payload: dict[str, Any]) -> None:
        self.payloads += 1
        for name, (_state, is_resynced, _code) in payload["clusters"].items():
            if is_resynced:
                self.resynced.append(name)
                self.state = {place: row for place, row in self.state.items() if place[0] != name}
        places = [(one[1][0], tuple(one[1][1])) for one in payload["changes"]]
        assert len(set(places)) == len(places), "an object has two changes in one payload"
        for (change, _place, row, _is_initial), place in zip(payload["changes"], places, strict=True):
            self.changes.append(change)
            assert (place in self.state) is (change != "ADDED"), f"{change} {place}"
            if change == "DELETED":
                del self.state[place]
            else:
                self.state[place] = row
        self.clusters, self.token = payload["clusters"], payload["resume"]


def random_change(api: SimulatedApi, random: Random) -> None:
    """Changes something of a cluster."""
    pods, nodes = api.objects["pods"], api.objects["nodes"]
    choice = random.random()
    if choice < 0.15 and pods:
        api.delete("pods", random.choice([*pods]))
    elif choice < 0.6:
        namespace, name = random.choice("ab"), f"p{random.randrange(30)}"
        phase = random.choice(("Running", "Pending", "Failed"))
        noise = {"noise": str(random.random())}
        api.put(
            "pods", namespace, name, spec={"nodeName": f"n{random.randrange(6)}"}, status={"phase": phase}, labels=noise
        )
    elif choice < 0.65 and nodes:
        api.delete("nodes", random.choice([*nodes]))
    else:
        spec = {"unschedulable": True} if random.random() < 0.15 else {}
        api.put("nodes", "", f"n{random.randrange(6)}", spec=spec, labels={"beat": str(random.random())})
