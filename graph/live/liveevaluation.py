"""Evaluations of a subscription: its queries, executed as ordinary ones over watched objects."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from graph.answer import Answer
from graph.engine import Engine
from graph.live.livedocument import LIST_KEY, LiveDocument
from graph.live.totalsjson import Errors, with_errors
from graph.planning.listfield import KeptList
from graph.request import GraphqlRequest
from k8s.turns.turns import Pace
from k8s.watches.heldobjects import Key
from resolvers.arguments.globalids import parse_object_id, place_in
from resolvers.fleet.fleetofcaller import FleetOfCaller
from resolvers.kinds.ages import times_heard
from resolvers.lists.kindkeys import key_of_kind
from resolvers.live.changes import Place
from resolvers.live.evaluation import Evaluation, Failure
from resolvers.live.followedcluster import CLUSTER_ROW
from resolvers.operation.operation import Operation

Reads: TypeAlias = Mapping[str, frozenset[Key] | None]
"""The objects of an evaluation, by cluster; None for all."""
OperationOf = Callable[[FleetOfCaller, Reads], Operation]


class SubscriptionFailed(Exception):
    """An evaluation that gave nothing; the subscription ends with its errors.

    Attributes:
        errors: As the response shows them.
    """

    def __init__(self, errors: Errors) -> None:
        super().__init__("no data")
        self.errors = errors

    @property
    def is_retryable(self) -> bool:
        """Returns whether it may succeed a little later."""
        return bool(self.errors) and all(one.get("extensions", {}).get("retryable") for one in self.errors)


class LiveEvaluation:
    """Evaluates the queries of one subscription.

    Attributes:
        depends_on_time: Whether something that was evaluated depends on the time.
    """

    def __init__(self, engine: Engine, live: LiveDocument, request: GraphqlRequest, operation_of: OperationOf) -> None:
        """Takes what is evaluated.

        Args:
            engine: Executes the evaluations.
            live: The queries.
            request: The request of the subscription.
            operation_of: Returns an operation that reads some objects of the list from some clusters.
        """
        self.depends_on_time = b'"now' in live.variables or '"now' in live.query + live.totals
        self._kept = None if self.depends_on_time else KeptList()  # times such as now-1h are read as it is planned
        self._engine = engine
        self._key = live.root.key
        self._has_kinds = live.has_kinds
        self._rows, *totals = live.requests(request)
        self._totals = next(iter(totals), None)
        self._operation_of = operation_of

    async def refusal(self, fleet: FleetOfCaller) -> Errors:
        """Returns the errors of the queries, evaluated for no object; empty if there are none."""
        for request in filter(None, (self._rows, self._totals)):
            answer = await self._answer(request, self._operation_of(fleet, {}))
            if _data(answer) is None:
                return self._sent(answer.errors)
        return ()

    async def rows(self, fleet: FleetOfCaller, reads: Reads) -> tuple[Evaluation, Mapping[Place, Errors]]:
        """Returns those of the objects that are in the list now, and the errors of their fields.

        An error that several rows have in common is that of the first one.

        Raises:
            SubscriptionFailed: There is no answer.
        """
        operation = self._operation_of(fleet, reads)
        answer = await self._answer(self._rows, operation)
        if (data := _data(answer)) is None:
            raise SubscriptionFailed(self._sent(answer.errors))
        names = {cluster.id: cluster.name for cluster in await fleet.clusters(operation.caller)}
        rows, places, pace = dict[Place, bytes](), list[Place](), Pace()
        for node in data.value0:
            cluster_id, namespace, name = place_in(node.value0)
            place = names[cluster_id], (namespace, name)
            if self._has_kinds:
                kind = parse_object_id(node.value0, operation.kinds).kind
                place = place[0], key_of_kind(kind.group, kind.name, place[1])
            places.append(place)
            rows[place] = _without_id(msgspec.json.encode(node), node.value0)
            await pace.breathe()
        of_rows, failures = _sorted(self._sent(answer.errors))
        errors = {places[index]: own for index, own in of_rows.items()}
        return Evaluation(rows, failures, tuple(errors)), errors

    async def cluster(
        self, fleet: FleetOfCaller, name: str, note: Callable[[str, str], None]
    ) -> tuple[Evaluation, Mapping[Place, Errors]]:
        """Returns a cluster as a row of the list of clusters, if it is in that now, and its errors.

        `note` hears of its id.

        Raises:
            SubscriptionFailed: There is no answer.
        """
        answer = await self._answer(self._rows, self._operation_of(fleet, {name: None}))
        if (data := _data(answer)) is None:
            raise SubscriptionFailed(self._sent(answer.errors))
        sent = self._sent(answer.errors)
        errors, failures = _sorted([{**one, "path": [self._key, "nodes", *one["path"][1:]]} for one in sent])
        place = name, CLUSTER_ROW
        objects = dict[Place, bytes]()
        for row in data:
            note(name, row.value0)
            objects[place] = _without_id(msgspec.json.encode(row), row.value0)
        return Evaluation(objects, failures), {place: errors[0]} if 0 in errors else {}

    async def totals(self, fleet: FleetOfCaller, clusters: frozenset[str]) -> bytes:
        """Returns `totalCount` and `groups` over some clusters; raises as `rows`."""
        assert self._totals is not None  # noqa: S101  they are selected
        answer = await self._answer(self._totals, self._operation_of(fleet, dict.fromkeys(clusters)))
        if (data := _data(answer)) is None:
            raise SubscriptionFailed(self._sent(answer.errors))
        errors = [error for error in self._sent(answer.errors) if len(error["path"]) > 1]
        return with_errors(msgspec.json.encode(data), errors)

    def _sent(self, errors: Errors) -> Errors:
        """Returns errors of the list's query as those of the subscription, whose text has other places."""
        kept = [{name: value for name, value in error.items() if name != "locations"} for error in errors]
        return [error | {"path": [self._key, *list(error.get("path", ()))[1:]]} for error in kept]

    async def _answer(self, request: GraphqlRequest, operation: Operation) -> Answer:
        def hear() -> None:
            self.depends_on_time = True

        try:
            with times_heard(hear):
                return await self._engine.evaluate(request, operation, self._kept if request is self._rows else None)
        finally:
            await operation.close()
            operation.memory.close()


def _data(answer: Answer) -> Any:
    return answer.data.get(LIST_KEY) if isinstance(answer.data, dict) else None


def _sorted(errors: Errors) -> tuple[Mapping[int, Errors], Mapping[str, Failure]]:
    """Returns the errors of rows by their indexes, and those of clusters."""
    of_rows, failures = dict[int, Sequence[Mapping[str, Any]]](), dict[str, Failure]()
    for error in errors:
        path, extensions = error["path"], error.get("extensions", {})
        if len(path) > 3 and path[1] == "nodes":
            of_rows[path[2]] = [*of_rows.get(path[2], ()), error]
        elif "cluster" in extensions:
            failures[extensions["cluster"]] = Failure(extensions["code"], error["message"])
    return of_rows, failures


def _without_id(json: bytes, global_id: str) -> bytes:
    """Returns an object's JSON without its first field, the id that was added to the selection."""
    rest = json[len('{"liveId":""') + len(global_id) :]
    return b"{" + rest.removeprefix(b",")
