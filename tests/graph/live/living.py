"""Clusters in memory whose objects change, and subscribers to their lists."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from graph.answer import Answer
from graph.engine import Engine
from graph.live.subscription import LiveSubscription
from graph.request import GraphqlRequest
from k8s import errors
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from k8s.watches.sharedwatches import SharedWatches
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.limits import OperationLimits
from resolvers.memory.budget import MemoryBudget
from server.operationexecutor import OperationExecutor
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.watching.live import LiveContent
from tests.graph.fleets import CURSOR_KEY, Clusters, cluster_of
from tests.graph.senders import DownSender

Json = dict[str, Any]


class DownSource(DownSender):
    """A cluster that is unreachable, also for watches."""

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Any]:
        raise errors.Unreachable(self.name, "no connection (refused).")
        yield

    async def close(self) -> None:
        """Has nothing to close."""


class HangingSource(DownSource):
    """A cluster that accepts requests and never answers."""

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError


class RefusingSource(SnapshotSender):
    """A cluster that refuses some resources, by their plurals."""

    refused: frozenset[str] = frozenset()

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self._check(call)
        return await super().send(call, deadline, on_prefix=on_prefix)

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Any]:
        self._check(call)
        async with super().stream(call, answer_s=answer_s, silence_s=silence_s) as stream:
            yield stream

    def _check(self, call: Call) -> None:
        if str(call.path).rpartition("/")[2] in self.refused:
            raise errors.Forbidden(self.name, "its RBAC does not allow it.", status=403)


@dataclass
class Living:
    """An executor over clusters in memory, by name."""

    executor: OperationExecutor
    contents: Mapping[str, LiveContent]
    evaluated: list[str] = field(default_factory=list)

    async def ask(self, query: str) -> Json:
        answer = await self.executor.execute(GraphqlRequest(query), OPERATOR)
        assert not answer.errors, answer.errors
        return json.loads(answer.to_json())["data"]  # type: ignore[no-any-return]  # an object

    async def subscribe(
        self, text: str, variables: Json | None = None, caller: Caller = OPERATOR, **request: Any
    ) -> LiveSubscription:
        found = await self.executor.subscribe(GraphqlRequest(text, variables, **request), caller)
        assert isinstance(found, LiveSubscription), found
        return found

    async def refusal(self, text: str, variables: Json | None = None) -> Mapping[str, Any]:
        """Returns the only error of a subscription that is refused."""
        found = await self.executor.subscribe(GraphqlRequest(text, variables), OPERATOR)
        assert isinstance(found, Answer), found
        (error,) = json.loads(found.to_json())["errors"]
        return cast(Mapping[str, Any], error)


@dataclass
class Taken:
    """The payloads that a subscriber has taken; their changes, applied, are `state` by id."""

    payloads: list[Json] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, body: bytes) -> None:
        payload = json.loads(body)
        self.payloads.append(payload)
        (listed,) = payload["data"].values()
        for change in listed.get("changes", ()):
            if "id" in change:
                assert (change["id"] in self.state) is (change["type"] != "ADDED"), change
                self.state.pop(change["id"], None)
                if change["type"] != "DELETED":
                    self.state[change["id"]] = change["object"]
        self._more.set()

    def fail(self, error: BaseException) -> None:
        self.error = error
        self._more.set()

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not is_so():
                if self.error is not None:
                    raise self.error
                self._more.clear()
                await self._more.wait()

    @property
    def lists(self) -> list[Json]:
        """Returns the payloads without the name of the root field."""
        return [value for payload in self.payloads for value in payload["data"].values()]

    @property
    def changes(self) -> list[Json]:
        """Returns all changes, in order."""
        return [change for listed in self.lists for change in listed.get("changes", ())]

    def last(self, name: str) -> Any:
        """Returns the last value of a field of payloads that was not null."""
        return next((listed[name] for listed in reversed(self.lists) if listed.get(name) is not None), None)

    def states(self) -> dict[str, str]:
        """Returns the state of each cluster by name; `clusters { name state }` is selected."""
        return {one["name"]: one["state"] for one in self.last("clusters") or ()}


@asynccontextmanager
async def taking(question: LiveSubscription, caller: Caller = OPERATOR) -> AsyncIterator[Taken]:
    """Takes the payloads of a subscriber in the background."""
    taken = Taken()

    async def take() -> None:
        try:
            async with aclosing(question.payloads(caller)) as payloads:
                async for body in payloads:
                    taken.take(body)
        except Exception as error:  # noqa: BLE001  the test looks at it
            taken.fail(error)

    task = asyncio.create_task(take())
    try:
        yield taken
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def living(
    engine: Engine,
    objects: Mapping[str, Iterable[Json]],
    *,
    kinds: Sequence[Kind] = BUILT_IN,
    down: Sequence[str] = (),
    hanging: Sequence[str] = (),
    refused: Iterable[str] = (),
    limits: OperationLimits | None = None,
    memory: MemoryBudget | None = None,
) -> AsyncIterator[Living]:
    """Opens clusters of some objects, and some that are down or hang."""
    contents = {name: LiveContent(items, kinds=kinds) for name, items in objects.items()}
    senders = {name: RefusingSource(name, SnapshotApi(content)) for name, content in contents.items()}
    for sender in senders.values():
        sender.refused = frozenset(refused)
    watches = {name: SharedWatches(sender, linger_s=0) for name, sender in senders.items()}
    broken = [*map(DownSource, down), *map(HangingSource, hanging)]
    watches |= {one.name: SharedWatches(one, linger_s=0) for one in broken}

    def watched(cluster: FleetCluster) -> FleetCluster:
        return replace(cluster, watches=lambda: watches[cluster.name], rights="administrator")

    every: list[Sender] = [*senders.values(), *broken]
    known = sorted((watched(cluster_of(sender)) for sender in every), key=lambda cluster: cluster.name)
    executor = OperationExecutor(
        engine,
        cast(Fleet, Clusters(tuple(known))),
        cursor_key=CURSOR_KEY,
        limits=limits or OperationLimits(),
        timeout_s=30,
        memory=memory,
    )
    try:
        yield Living(executor, contents)
    finally:
        for one in watches.values():
            await one.close()


def pod(name: str, *, namespace: str = "a", node: str = "n1", phase: str = "Running", **labels: str) -> Json:
    """Returns a pod."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}", "labels": labels},
        "spec": {"nodeName": node, "containers": [{"name": "c", "image": "i"}]},
        "status": {"phase": phase},
    }


def node(name: str, *, is_ready: bool = True) -> Json:
    """Returns a node."""
    ready = {"type": "Ready", "status": "True" if is_ready else "False"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "uid": f"uid-{name}"},
        "status": {"conditions": [ready]},
    }
