"""JSON in the formats of tools: alone, in a row, between logs."""

from snapshots.dumps.texts.document import BrokenDocument, Document
from snapshots.dumps.texts.jsontext import json_documents


def _read(text: bytes) -> list[tuple[int | None, bytes | str]]:
    return [
        (json_document.line, json_document.body.strip())
        if isinstance(json_document, Document)
        else (json_document.error.line, json_document.error.cause)
        if isinstance(json_document, BrokenDocument)
        else (json_document.line, json_document.text)
        for json_document in json_documents(text)
    ]


def test_one_value() -> None:
    assert _read(b'{\n  "a": 1\n}\n') == [(1, b'{\n  "a": 1\n}')]


def test_values_behind_each_other() -> None:
    assert _read(b'{\n"a": 1\n}\n{\n"b": 2\n}\n') == [(1, b'{\n"a": 1\n}'), (4, b'{\n"b": 2\n}')]


def test_a_value_a_line() -> None:
    assert _read(b'{"a": 1}\n\n{"b": 2}\n') == [(1, b'{"a": 1}'), (3, b'{"b": 2}')]


def test_a_broken_value_costs_no_other() -> None:
    (broken, good) = _read(b'{"a": }\n{"b": 2}\n')

    assert broken == (1, "JSON is malformed: invalid character")
    assert good == (2, b'{"b": 2}')


def test_logs_between_lists_are_left_out() -> None:
    text = b"""{
    "kind": "PodList"
}
==== START logs for container web of pod shop/web-0 ====
{"looks": "like JSON"}
}
==== END logs for container web of pod shop/web-0 ====
{
    "kind": "NodeList"
}
"""

    assert [line for line, _body in _read(text)] == [1, 8]


def test_a_cut_value_is_told() -> None:
    assert _read(b'{"a": {"b": 1}') == [(1, "Input data was truncated")]


def test_the_line_is_that_of_the_mistake() -> None:
    assert _read(b'{\n  "a": 1,\n  b\n}\n') == [(3, "JSON is malformed: expected '\"'")]


def test_depth_is_bounded() -> None:
    (found,) = json_documents(b"[" * 100_000)

    assert isinstance(found, BrokenDocument)
    assert "deeper" in found.error.cause


def test_bytes_that_are_no_text_are_replaced_as_go_does() -> None:
    assert _read(b'{"a": "\xff"}') == [(1, '{"a": "\ufffd"}'.encode())]
