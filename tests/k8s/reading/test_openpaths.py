"""Raw JSON at open paths: any form at any level, exactly as it was sent, and nothing that was not selected."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s.kinds.builtin import POD, SECRET
from k8s.kinds.kind import Kind
from k8s.masking.masking import STANDARD
from k8s.reading.decoder import Undecodable
from k8s.reading.listing import ListRequest
from k8s.reading.openpaths import open_value
from k8s.reading.rowdecoders import Row, object_decoder, page_decoder
from k8s.reading.selection import Selection, SelectionBuilder

GENERIC = "GenericObject"
KIND = Kind("acme.example", "v1", "Machine", "machines")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc*"), inner, max_size=3),
    max_leaves=12,
)
KEYS = st.lists(st.sampled_from("abc*"), max_size=4).map(tuple)


def _selection(paths: Sequence[Sequence[str]], *typed: str) -> Selection:
    builder = SelectionBuilder()
    for path in ("metadata.name", *typed):
        builder.add(path)
    for keys in paths:
        builder.add_open(keys)
    return builder.freeze()


async def _row(value: dict[str, Any], paths: Sequence[Sequence[str]], *typed: str, structure: str = GENERIC) -> Row:
    body = msgspec.json.encode({"metadata": {"name": "a"}, **value})
    decoder = object_decoder(structure, _selection(paths, *typed), KIND)
    row = await decoder.read(body)
    assert msgspec.json.encode(decoder.decode(body)) == msgspec.json.encode(row)
    return row


def _expected(value: Any, keys: Sequence[str]) -> Any:
    if not keys:
        return value
    if isinstance(value, list):
        return [_expected(element, keys) for element in value]
    return _expected(value.get(keys[0]), keys[1:]) if isinstance(value, dict) else None


@given(JSON_VALUES, st.lists(KEYS, min_size=1, max_size=4))
async def test_every_path_of_any_json_gives_its_value(value: object, paths: list[tuple[str, ...]]) -> None:
    whole = {"metadata": {"name": "a"}, "spec": value}
    selected = [("spec", *path) for path in paths]

    row = await _row({"spec": value}, selected)
    (listed,) = (await page_decoder(GENERIC, _selection(selected), KIND).read(_page([whole]))).items

    for path in selected:
        assert open_value(row, path) == open_value(listed, path) == _expected(whole, path)


@given(JSON_VALUES, KEYS)
async def test_paths_beside_fields_of_the_same_keys_give_their_values(value: object, path: tuple[str, ...]) -> None:
    pod = {"spec": {"nodeName": "n", "more": value}}

    row = await _row(pod, [("spec", "more", *path), ("metadata", "name"), ()], "spec.nodeName", structure="Pod")

    assert row.spec.nodeName == open_value(row, "spec.nodeName") == "n"
    assert open_value(row, ("spec", "more", *path)) == _expected(value, path)
    assert open_value(row, "") == {"metadata": {"name": "a"}, **pod}
    assert open_value(row, "metadata.name") == "a"


@pytest.mark.parametrize(
    "text", ["9007199254740993", "-9223372036854775808", "18446744073709551616", "1.5", "1.0", "1e2", "-0.0"]
)
@pytest.mark.parametrize("place", ['{"a":%s}', '[{"a":%s},{"a":%s}]', "%s", "[%s]"])
async def test_numbers_are_those_that_were_sent(text: str, place: str) -> None:
    body = b'{"metadata":{"name":"a"},"spec":%b}' % place.replace("%s", text).encode()

    row = await object_decoder(GENERIC, _selection([("spec", "a")]), KIND).read(body)

    value, expected = open_value(row, "spec.a"), _expected(json.loads(body), ("spec", "a"))
    assert (value, repr(value)) == (expected, repr(expected))


async def test_paths_that_are_not_selected_are_not_decoded() -> None:
    row = await _row({"spec": {"a": 1, "b": [2] * 100}, "status": {"c": 3}}, [("spec", "a"), ("status", "c")])

    assert b"2" not in msgspec.json.encode(row)
    assert (open_value(row, "spec.a"), open_value(row, "status.c")) == (1, 3)


async def test_a_value_of_an_unusual_form_costs_only_itself() -> None:
    """Checks a fraction in the place of an object, for which the classes have no place: its page is decoded apart."""
    objects = [{"metadata": {"name": str(number)}, "spec": {"a": {"b": number}, "c": "x"}} for number in range(3)]
    objects[1]["spec"] = {"a": 1.5, "c": [2.5, {"d": 1}]}

    page = await page_decoder(GENERIC, _selection([("spec", "a", "b"), ("spec", "c", "d")]), KIND).read(_page(objects))

    assert [open_value(row, "spec.a.b") for row in page.items] == [0, None, 2]
    assert [open_value(row, "spec.c.d") for row in page.items] == [None, [None, 1], None]
    assert b"x" not in msgspec.json.encode(page.items[1])


async def test_masked_values_are_in_no_row() -> None:
    """Checks Secrets and their copies: whole, at a path above, at the path itself, and below it."""
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"key":"c2VjcmV0"}}', "a": "b"}
    secret = {"metadata": {"name": "s", "annotations": annotations}, "data": {"key": "c2VjcmV0"}, "type": "Opaque"}
    selection = _selection([(), ("data",), ("data", "key"), ("metadata", "annotations"), ("type",)])
    decoder = object_decoder("Secret", selection, SECRET, masks=STANDARD.of(SECRET))

    row = await decoder.read(msgspec.json.encode(secret))

    assert open_value(row, "data") == {"key": None}
    assert (open_value(row, "data.key"), open_value(row, "type")) == (None, "Opaque")
    assert b"c2VjcmV0" not in msgspec.json.encode(row)
    assert open_value(row, ("metadata", "annotations", "a")) == "b"


async def test_invalid_unicode_is_replaced() -> None:
    body = b'{"metadata":{"name":"a"},"spec":{"a":"x\xff"}}'

    for selection in (_selection([("spec", "a")]), _selection([("spec", "a"), ("metadata", "name")])):
        assert open_value(await object_decoder(GENERIC, selection, KIND).read(body), "spec.a") == "x\ufffd"


async def test_a_damaged_object_is_no_row() -> None:
    for body in (b'{"metadata":{"name":"a"},"spec":{"a":}}', b'{"metadata":{},"spec":{"a":1}}', b"{"):
        with pytest.raises(Undecodable):
            await object_decoder(GENERIC, _selection([("spec", "a")]), KIND).read(body)


@pytest.mark.parametrize(
    ("paths", "is_enough"),
    [([], True), ([("metadata", "labels")], True), ([("metadata",), ("spec",)], False), ([()], False)],
)
def test_metadata_alone_is_requested_if_no_path_leads_elsewhere(paths: list[tuple[str, ...]], is_enough: bool) -> None:
    assert ListRequest(POD, "Pod", _selection(paths)).needs_only_metadata is is_enough


def _page(objects: Sequence[dict[str, Any]]) -> bytes:
    return msgspec.json.encode({"kind": "List", "metadata": {}, "items": objects})
