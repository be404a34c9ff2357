"""One subscription to a list: its payloads, as JSON."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

import msgspec

from graph.answer import Answer
from graph.engine import Engine
from graph.live.livedocument import LIST_KEY, LiveDocument, Shown
from graph.request import GraphqlRequest
from k8s.turns.turns import Pace
from resolvers.arguments.globalids import parse_object_id
from resolvers.caller import Caller
from resolvers.fleet.fleet import Fleet
from resolvers.live.changes import Change, Place
from resolvers.live.evaluation import Changed, ClusterState, Evaluation, Failure
from resolvers.live.livefleet import LiveFleet
from resolvers.live.livelist import LiveList
from resolvers.live.members import Member
from resolvers.live.resumetokens import ResumePlace, ResumeTokens
from resolvers.operation.operation import FleetOfCaller, Operation

OperationOf = Callable[[FleetOfCaller, Changed], Operation]
Errors = Sequence[Mapping[str, Any]]


class SubscriptionFailed(Exception):
    """An evaluation that gave nothing; the subscription ends with its errors.

    Attributes:
        errors: As the response shows them.
    """

    def __init__(self, errors: Errors) -> None:
        super().__init__("no data")
        self.errors = errors


class LiveQuestion:
    """A list that is followed for all who ask the same with the same rights."""

    def __init__(
        self,
        engine: Engine,
        fleet: Fleet,
        live: LiveDocument,
        request: GraphqlRequest,
        operation_of: OperationOf,
        *,
        tokens: ResumeTokens | None = None,
    ) -> None:
        """Takes what is evaluated.

        Args:
            engine: Executes the evaluations.
            fleet: The clusters.
            live: The parts of the document.
            request: The request, for its variables.
            operation_of: Returns an operation of the caller over clusters whose objects are watched.
            tokens: Writes resume tokens.
        """
        self._engine = engine
        self._live = live
        self._variables = {name: value for name, value in (request.variables or {}).items() if f"${name}" in live.query}
        self._list = LiveList(self._evaluate, self._payload, members=self._members, tokens=tokens)
        self._fleet = LiveFleet(fleet, self._list.dependencies)
        self._operation_of = operation_of
        self._ids: dict[Place, str] = {}
        self._row_errors: dict[Place, Errors] = {}
        self._following: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Returns whether it has ended, so that it takes no further subscriber."""
        return self._following is not None and self._following.done()

    async def payloads(self, caller: Caller, place: ResumePlace | None = None) -> AsyncGenerator[bytes, None]:
        """Yields the bodies of responses to one subscriber, one for each payload; continues at a place.

        Raises:
            SubscriptionFailed: The list cannot be evaluated.
            StoreError: The registry cannot be read.
        """
        self._fleet.join(caller)
        subscriber = self._list.subscribe(place)
        if self._following is None:
            self._following = asyncio.create_task(self._list.run(), name=f"live {self._live.name}")
        try:
            while True:
                yield (await subscriber.next()).body
        finally:
            self._fleet.leave(caller)
            if self._list.unsubscribe(subscriber):
                self._following.cancel()
                await asyncio.gather(self._following, return_exceptions=True)

    async def _evaluate(self, changed: Changed) -> Evaluation:
        operation = self._operation_of(self._fleet, changed)
        try:
            answer = await self._engine.evaluate(GraphqlRequest(self._live.query, self._variables), operation)
            if not isinstance(answer.data, dict) or answer.data.get(LIST_KEY) is None:
                raise SubscriptionFailed(answer.errors)
            return await self._found(answer, operation)
        finally:
            await operation.close()
            operation.memory.close()

    async def _found(self, answer: Answer, operation: Operation) -> Evaluation:
        names = {cluster.id: cluster.name for cluster in await operation.clusters()}
        objects, failures, places = dict[Place, bytes](), dict[str, Failure](), list[Place]()
        pace = Pace()
        data: Any = answer.data
        for node in data[LIST_KEY].value0:
            global_id = parse_object_id(node.value0, operation.kinds)
            place = names[global_id.cluster_id], (global_id.namespace or "", global_id.name)
            places.append(place)
            self._ids[place] = node.value0
            self._row_errors.pop(place, None)
            objects[place] = _without_id(msgspec.json.encode(node), node.value0)
            await pace.breathe()
        errors: Errors = answer.errors
        for error in errors:
            path, extensions = list(error.get("path", ())), error.get("extensions", {})
            if len(path) > 3 and path[:2] == [LIST_KEY, "nodes"]:
                place = places[path[2]]
                self._row_errors[place] = [*self._row_errors.get(place, ()), error]
            elif "cluster" in extensions:
                failures[extensions["cluster"]] = Failure(extensions["code"], error["message"])
        return Evaluation(objects, failures, tuple(place for place in objects if place in self._row_errors))

    async def _members(self) -> Mapping[str, Member]:
        return await self._fleet.members()

    def _payload(self, changes: Sequence[Change], clusters: Mapping[str, ClusterState], resume: str) -> bytes:
        shown: dict[str, object] = {}
        errors: list[Mapping[str, object]] = []
        for one in self._live.fields:
            match one.name:
                case "changes":
                    errors += self._errors(one.key, changes)
                    shown[one.key] = [self._change(change) for change in changes]
                case "clusters":
                    shown[one.key] = [self._report(name, state) for name, state in sorted(clusters.items())]
                case "resume":
                    shown[one.key] = resume
                case "__typename":
                    shown[one.key] = f"{self._live.type_name}Changes"
                case _:
                    shown[one.key] = None
        body = {"data": {self._live.key: shown}}
        return msgspec.json.encode(body | ({"errors": errors} if errors else {}))

    def _change(self, change: Change) -> Mapping[str, object]:
        values = {
            "type": change.type.value,
            "id": self._ids.get(change.place),
            "isInitial": change.is_initial,
            "cluster": change.place[0],
            "object": None if change.object is None else msgspec.Raw(change.object),
        }
        return _picked(self._live.changes, values)

    def _report(self, name: str, state: ClusterState) -> Mapping[str, object]:
        values = {
            "name": name,
            "state": state.freshness.value,
            "since": state.since,
            "isResynced": state.is_resynced,
            "error": None if state.error is None else {"code": state.error.code, "message": state.error.message},
        }
        return _picked(self._live.reports, values)

    def _errors(self, key: str, changes: Sequence[Change]) -> list[Mapping[str, object]]:
        """Returns the errors of the objects of changes, at their paths in the payload."""
        object_key = next((one.key for one in self._live.changes if one.name == "object"), "object")
        errors: list[Mapping[str, object]] = []
        for index, change in enumerate(changes):
            for error in self._row_errors.get(change.place, ()):
                errors.append({**error, "path": [self._live.key, key, index, object_key, *error["path"][3:]]})
        return errors


def _picked(fields: Sequence[Shown], values: Mapping[str, object]) -> Mapping[str, object]:
    return {one.key: values.get(one.name) for one in fields}


def _without_id(json: bytes, global_id: str) -> bytes:
    """Returns an object's JSON without its first field, the id that was added to the selection."""
    rest = json[len('{"liveId":""') + len(global_id) :]
    return b"{" + rest.removeprefix(b",")
