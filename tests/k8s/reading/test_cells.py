"""Lists of names and types of Secrets: the API server's Table has them, so no value is sent."""

from typing import Any

import msgspec
import pytest

from k8s.errors import ProtocolBroken
from k8s.kinds.builtin import CONFIG_MAP, SECRET
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import STANDARD, Masking
from k8s.reading.cells import needs_only_cells, rows_on
from k8s.reading.listing import ListRequest
from k8s.reading.pages import METADATA_ONLY, list_call
from k8s.reading.reader import ClusterReader
from k8s.reading.selection import selection_of
from k8s.transport.call import JSON
from tests.k8s.listsender import ListSender
from tests.k8s.wholelist import read_whole

IDENTITY = ("metadata.namespace", "metadata.name")
REQUEST = ListRequest(SECRET, "Secret", selection_of([*IDENTITY, "type"]))
COLUMNS = ("Name", "Type", "Data", "Age")


def _row(name: str, cells: list[Any], kind: str = "PartialObjectMetadata") -> dict[str, Any]:
    return {"cells": cells, "object": {"kind": kind, "metadata": {"namespace": "shop", "name": name}}}


def _table(*rows: dict[str, Any], columns: tuple[str, ...] = COLUMNS, token: str = "") -> bytes:
    metadata = {"resourceVersion": "7"} | ({"continue": token, "remainingItemCount": 1} if token else {})
    definitions = [{"name": column, "type": "string", "description": "x" * 100} for column in columns]
    return msgspec.json.encode(
        {"kind": "Table", "metadata": metadata, "columnDefinitions": definitions, "rows": list(rows)}
    )


async def _read(*pages: bytes, masking: Masking = STANDARD) -> list[tuple[str, str | None]]:
    answers = {("" if number == 0 else f"t{number}"): [page, page] for number, page in enumerate(pages)}
    whole = await read_whole(ClusterReader(ListSender(answers), masking), REQUEST)
    return [(row.metadata.name, row.type) for row in whole.rows]


@pytest.mark.parametrize(
    ("kind", "paths", "is_enough"),
    [
        (SECRET, ("type",), True),
        (SECRET, ("type", "metadata.labels"), True),
        (SECRET, (), False),
        (SECRET, ("type", "data"), False),
        (SECRET, ("immutable",), False),
        (CONFIG_MAP, ("type",), False),
    ],
)
def test_a_table_is_read_if_it_has_all_that_is_selected(kind: Kind, paths: tuple[str, ...], is_enough: bool) -> None:
    selection = selection_of([*IDENTITY, *paths])
    call = list_call(ListRequest(kind, kind.name, selection), "")

    assert needs_only_cells(kind, selection) is is_enough
    assert ("as=Table" in call.accept) is is_enough
    assert (("includeObject", "Metadata") in call.query) is is_enough
    assert is_enough or call.accept == (METADATA_ONLY if not paths else JSON)


async def test_types_are_those_of_the_cells() -> None:
    table = _table(_row("a", ["a", "Opaque", 2, "5d"]), _row("b", ["b", "kubernetes.io/tls", 2, "5d"]))

    assert await _read(table) == [("a", "Opaque"), ("b", "kubernetes.io/tls")]


async def test_pages_of_tables_follow_each_other() -> None:
    first = _table(_row("a", ["a", "Opaque", 2, "5d"]), token="t1")

    assert await _read(first, _table(_row("b", ["b", None, 0, "5d"]))) == [("a", "Opaque"), ("b", None)]


async def test_the_columns_may_have_any_order() -> None:
    table = _table(_row("a", ["Opaque", "a"]), columns=("Type", "Name"))

    assert await _read(table) == [("a", "Opaque")]


async def test_a_plain_list_is_read_as_well() -> None:
    item = {"metadata": {"namespace": "shop", "name": "a"}, "type": "Opaque", "data": {"password": "s3cr3t"}}

    assert await _read(msgspec.json.encode({"kind": "SecretList", "metadata": {}, "items": [item]})) == [
        ("a", "Opaque")
    ]


@pytest.mark.parametrize("rows", [None, []])
async def test_an_empty_table_is_an_empty_list(rows: list[Any] | None) -> None:
    assert (
        await _read(msgspec.json.encode({"kind": "Table", "columnDefinitions": [{"name": "Type"}], "rows": rows})) == []
    )


async def test_a_type_that_the_operator_masks_is_null() -> None:
    table = _table(_row("a", ["a", "Opaque", 2, "5d"]))

    assert await _read(table, masking=Masking(masked_paths("secrets:type"))) == [("a", None)]


@pytest.mark.parametrize(
    "table",
    [
        _table(_row("a", ["a", "5d"]), columns=("Name", "Age")),
        _table(_row("a", ["a"])),
        _table({"cells": ["a", "Opaque"], "object": None}),
        _table({"cells": ["a", "Opaque"], "object": {}}),
        _table({"cells": ["a", "Opaque"]}),
        _table({"cells": None, "object": {"metadata": {"name": "a"}}}),
    ],
)
async def test_a_table_without_them_is_an_error_and_no_empty_type(table: bytes) -> None:
    with pytest.raises(ProtocolBroken):
        await _read(table)


def test_rows_are_counted() -> None:
    assert rows_on(_table(_row("a", ["a"]), _row("b", ["b"]))) == 2
    assert rows_on(b'{"kind":"SecretList","items":[{},{},{}]}') == 3
    assert rows_on(b"no JSON") == 0
