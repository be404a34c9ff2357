"""`columns` beside API servers that print in pages, badly, or not at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from graph.engine import Engine
from graph.request import GraphqlRequest
from k8s.errors import Forbidden
from k8s.kinds import builtin as kinds
from k8s.masking.maskedpaths import MaskedPath
from k8s.masking.masking import Masking
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.caller import OPERATOR
from resolvers.limits import MIB, MemoryLimits, OperationLimits
from resolvers.memory.budget import MemoryBudget
from resolvers.operation.operation import Operation
from snapshots.serving.api import SnapshotApi
from snapshots.serving.snapshotsender import SnapshotSender
from snapshots.serving.static import StaticContent
from tests.graph.fleets import CURSOR_KEY, Asking, fleet_of
from tests.resolvers.links.owning import SERVED, Json, object_of

DEFINITIONS = [{"name": "Name", "type": "string", "format": "name", "priority": 0}, {"name": "Size", "type": "integer"}]


@dataclass
class Printing:
    """A cluster with pods in two namespaces, which prints them in pages of `page`.

    Attributes:
        forbidden: paths whose Tables are forbidden.
        changes: replaces parts of each Table.
        gone: names of pods that the Tables do not have.
    """

    pods: int = 8
    page: int = 500
    forbidden: Collection[str] = ()
    changes: dict[str, Any] = field(default_factory=dict)
    gone: Collection[str] = ()
    printed: list[Call] = field(default_factory=list)
    name: str = "printing"

    def __post_init__(self) -> None:
        names = [f"p{place}" for place in range(self.pods)]
        self.objects = [object_of(kinds.POD, name, namespace="ab"[place % 2]) for place, name in enumerate(names)]
        self.objects.sort(key=lambda one: (one["metadata"]["namespace"], one["metadata"]["name"]))
        self._sender = SnapshotSender(self.name, SnapshotApi(StaticContent(self.objects, kinds=[*SERVED])))

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns a Table, or what the snapshot has."""
        if "as=Table" not in call.accept:
            return await self._sender.send(call, deadline, on_prefix=on_prefix)
        self.printed.append(call)
        if call.path in self.forbidden:
            raise Forbidden(self.name, "it does not allow the user to print.", status=403)
        *_, plural, last = call.path.split("/")
        namespace = call.path.split("/")[4] if "/namespaces/" in call.path else None
        objects = [one for one in self.objects if namespace in {None, one["metadata"]["namespace"]}]
        objects = [one for one in objects if plural != "pods" or one["metadata"]["name"] == last]
        start = int(dict(call.query).get("continue", "0"))
        rows = [self._row(one) for one in objects[start : start + self.page]]
        token = str(start + self.page) if start + self.page < len(objects) else ""
        table = {"kind": "Table", "metadata": {"continue": token}, "columnDefinitions": DEFINITIONS, "rows": rows}
        table["rows"] = [row for row in rows if row["object"]["metadata"]["name"] not in self.gone]
        return msgspec.json.encode(table | self.changes)

    def _row(self, one: Json) -> Json:
        metadata = {key: one["metadata"][key] for key in ("name", "namespace")}
        return {"cells": [metadata["name"], int(metadata["name"][1:])], "object": {"metadata": metadata}}

    @property
    def paths(self) -> list[str]:
        """The paths of the Tables."""
        return [call.path for call in self.printed]


async def printed(engine: Engine, cluster: Printing, arguments: str = "") -> Json:
    """Returns the response with the columns of all pods."""
    query = f"{{ pods{arguments} {{ nodes {{ name columns {{ name type value }} }} }} }}"
    return (await Asking(engine, fleet_of([cluster]))(query)).to_builtins()


def expected(cluster: Printing, *, gone: Collection[str] = ()) -> Json:
    """Returns the rows of a response."""
    names = [one["metadata"]["name"] for one in cluster.objects]
    return [{"name": name, "columns": None if name in gone else _columns(name)} for name in names]


def _columns(name: str) -> Json:
    return [
        {"name": "Name", "type": "string", "value": name},
        {"name": "Size", "type": "integer", "value": int(name[1:])},
    ]


@pytest.mark.parametrize("page", [1, 3, 500])
async def test_many_objects_are_one_list_in_pages(engine: Engine, page: int) -> None:
    cluster = Printing(page=page)

    answer = await printed(engine, cluster)

    assert answer == {"data": {"pods": {"nodes": expected(cluster)}}}
    assert set(cluster.paths) == {"/api/v1/pods"}
    assert {dict(call.query)["includeObject"] for call in cluster.printed} == {"Metadata"}


async def test_the_list_ends_once_all_objects_are_found(engine: Engine) -> None:
    cluster = Printing(pods=40, page=10)

    answer = await printed(engine, cluster, "(first: 5)")

    assert answer["data"]["pods"]["nodes"] == expected(cluster)[:5]
    assert len(cluster.paths) == 1


async def test_objects_of_one_namespace_are_its_list(engine: Engine) -> None:
    cluster = Printing()

    await printed(engine, cluster, '(namespaces: ["b"])')

    assert cluster.paths == ["/api/v1/namespaces/b/pods"]


async def test_a_few_objects_are_read_by_name(engine: Engine) -> None:
    cluster = Printing(pods=2)

    answer = await printed(engine, cluster)

    assert answer == {"data": {"pods": {"nodes": expected(cluster)}}}
    assert sorted(cluster.paths) == ["/api/v1/namespaces/a/pods/p0", "/api/v1/namespaces/b/pods/p1"]


async def test_a_caller_without_the_whole_list_has_those_of_namespaces(engine: Engine) -> None:
    cluster = Printing(forbidden=["/api/v1/pods"])

    answer = await printed(engine, cluster)

    assert answer == {"data": {"pods": {"nodes": expected(cluster)}}}
    assert cluster.paths == ["/api/v1/pods", "/api/v1/namespaces/a/pods", "/api/v1/namespaces/b/pods"]


@pytest.mark.parametrize("pods", [2, 8])
async def test_an_object_that_is_gone_has_none(engine: Engine, pods: int) -> None:
    cluster = Printing(pods=pods, gone=["p1"])

    answer = await printed(engine, cluster)

    assert answer == {"data": {"pods": {"nodes": expected(cluster, gone=["p1"])}}}


@pytest.mark.parametrize(
    ("changes", "reason", "is_retryable"),
    [
        ({"kind": "PodList"}, "NotPrinted", False),
        ({"kind": None}, "ProtocolBroken", True),
        ({"rows": [{"cells": "p0"}]}, "ProtocolBroken", True),
        ({"columnDefinitions": {}}, "ProtocolBroken", True),
    ],
)
async def test_an_answer_that_is_no_table_costs_the_columns_only(
    engine: Engine, changes: Json, reason: str, is_retryable: bool
) -> None:
    cluster = Printing(changes=changes)

    answer = await printed(engine, cluster)

    assert answer["data"]["pods"]["nodes"] == [row | {"columns": None} for row in expected(cluster)]
    (error,) = [error["extensions"] for error in answer["errors"]]
    assert (error["cluster"], error["reason"], error["retryable"]) == ("printing", reason, is_retryable)


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": None},
        {"rows": [{"cells": ["p0", 0]}, {"cells": ["p0", 0], "object": None}, {"object": {"metadata": {}}}]},
        {"columnDefinitions": None, "rows": []},
    ],
    ids=str,
)
async def test_rows_without_objects_are_left_out(engine: Engine, changes: Json) -> None:
    cluster = Printing(changes=changes)

    answer = await printed(engine, cluster)

    assert answer == {"data": {"pods": {"nodes": [row | {"columns": None} for row in expected(cluster)]}}}


async def test_cells_and_columns_that_do_not_agree_are_as_many_as_both_have(engine: Engine) -> None:
    metadata = {"name": "p0", "namespace": "a"}
    cluster = Printing(pods=1, changes={"rows": [{"cells": ["p0"], "object": {"metadata": metadata}}]})

    answer = await printed(engine, cluster)

    assert answer["data"]["pods"]["nodes"] == [{"name": "p0", "columns": _columns("p0")[:1]}]


async def test_columns_are_paths_of_where_and_groups(engine: Engine) -> None:
    answer = await Asking(engine, fleet_of([Printing()]))(
        """{ pods(where: [{path: "columns", some: [
          {path: "name", value: "Size"}, {path: "value", op: GE, value: 6}
        ]}]) { totalCount groups(by: ["columns[name=Size].value"]) { key count } } }"""
    )

    assert answer.to_builtins() == {
        "data": {"pods": {"totalCount": 2, "groups": [{"key": [6], "count": 1}, {"key": [7], "count": 1}]}}
    }


async def test_a_list_that_never_ends_is_an_error(engine: Engine) -> None:
    cluster = Printing(gone=["p1"], changes={"metadata": {"continue": "0"}})

    answer = await printed(engine, cluster)

    assert [error["message"] for error in answer["errors"]] == ["cluster 'printing': its list of pods never ends."]
    assert len(cluster.paths) == 2


async def test_a_list_over_the_limit_is_an_error(engine: Engine) -> None:
    cluster = Printing(gone=["p1"], page=4)
    asking = Asking(engine, fleet_of([cluster]))

    answer = await asking("{ pods(first: 6) { nodes { columns { value } } } }", limits=OperationLimits(objects=6))

    (error,) = answer.to_builtins()["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("cell", ["x" * MIB, ["x" * MIB]], ids=["text", "list"])
async def test_large_cells_count_as_memory(engine: Engine, cell: object) -> None:
    objects = [{"metadata": {"namespace": "ab"[place % 2], "name": f"p{place}"}} for place in range(8)]
    cluster = Printing(changes={"rows": [{"cells": [cell], "object": one} for one in objects]})
    memory = MemoryBudget(MemoryLimits(operation_bytes=4 * MIB)).share(OPERATOR.name)
    operation = Operation(fleet_of([cluster]), caller=OPERATOR, cursor_key=CURSOR_KEY, memory=memory)
    query = '{ pods(where: [{path: "columns", some: [{path: "value", value: "a"}]}]) { totalCount } }'

    answer = await engine.execute(GraphqlRequest(query), operation)

    (error,) = answer.to_builtins()["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "memory" in error["message"]


async def test_kinds_of_which_the_operator_masks_values_have_none(engine: Engine) -> None:
    cluster, masking = Printing(), Masking([MaskedPath("", "pods", ("spec", "password"))])
    asking = Asking(engine, fleet_of([cluster], masking=masking), masking=masking)

    answer = (await asking("{ pods { nodes { name columns { value } } } }")).to_builtins()

    assert answer == {"data": {"pods": {"nodes": [row | {"columns": None} for row in expected(cluster)]}}}
    assert cluster.paths == []
