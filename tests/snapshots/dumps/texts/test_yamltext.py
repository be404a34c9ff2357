"""YAML documents as JSON, within their limits."""

import json
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.texts.document import BrokenDocument, Document
from snapshots.dumps.texts.yamltext import yaml_documents

LIMITS = DumpLimits(file_bytes=100_000, depth=20)
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\x85\u2028\u2029"), max_size=20
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    leaves, lambda below: st.lists(below, max_size=4) | st.dictionaries(texts, below, max_size=4), max_leaves=20
)


def _read(text: str) -> list[Any]:  # JSON of any shape
    return [
        json.loads(yaml_document.body)
        for yaml_document in yaml_documents(text.encode(), LIMITS)
        if isinstance(yaml_document, Document)
    ]


def _broken(text: str | bytes) -> list[tuple[int | None, str]]:
    found = yaml_documents(text if isinstance(text, bytes) else text.encode(), LIMITS)
    return [(item.error.line, item.error.cause) for item in found if isinstance(item, BrokenDocument)]


@given(value=values)
def test_what_a_safe_writer_writes_is_read_back(value: object) -> None:
    text = yaml.dump({"value": value}, Dumper=_Dumper)

    assert _read(text) == [{"value": value}]


class _Dumper(yaml.SafeDumper):
    """A dumper that quotes text that looks like another type."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"')


_Dumper.add_representer(str, _Dumper.represent_str)


def test_documents_are_told_with_their_lines() -> None:
    found = list(yaml_documents(b"# a\n---\na: 1\n---\n\n---\nb: 2\n...\n", LIMITS))

    assert found == [Document(2, b'{"a":1}'), Document(6, b'{"b":2}')]


def test_a_broken_document_costs_no_other() -> None:
    text = "a: 1\n---\nb:\n  - [\n---\nc: 3\n"

    assert _read(text) == [{"a": 1}, {"c": 3}]
    assert _broken(text) == [(5, "it is not YAML")]


def test_three_dashes_in_a_text_are_no_new_document() -> None:
    assert _read("---x: 1\n") == [{"---x": 1}]
    assert _read("a: |\n  x\n  ---\n  y\n") == [{"a": "x\n---\ny\n"}]


def test_anchors_and_merges_mean_what_they_stand_for() -> None:
    text = "base: &b {x: 1, y: 2}\none: *b\ntwo:\n  <<: *b\n  y: 3\n"

    assert _read(text) == [{"base": {"x": 1, "y": 2}, "one": {"x": 1, "y": 2}, "two": {"x": 1, "y": 3}}]


def test_a_billion_laughs_end_at_the_bound() -> None:
    lines = ["a: &a [" + ",".join(["lol"] * 9) + "]"]
    lines += [f"{name}: &{name} [" + ",".join([f"*{above}"] * 9) + "]" for above, name in pairwise("abcdefghi")]

    assert _broken("\n".join(lines)) == [(5, "it has more than 100000 bytes with expanded aliases")]


def test_a_large_text_behind_an_alias_counts_each_time() -> None:
    text = f"a: &a {'x' * 30_000}\nb: [*a, *a, *a, *a]\n"

    assert _broken(text) == [(2, "it has more than 100000 bytes with expanded aliases")]


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("a:\n  b: &b\n    c: *b\n", 3, "an alias refers to the value that contains it"),
        ("a: 1\nb: *nothing\n", 2, "an alias has no anchor"),
        ("a:\n " + "[" * 21 + "]" * 21, 2, "it is nested deeper than 20"),
        ("? [a]\n: b\n", 1, "a key is not text"),
        ("a: {{ .Values.x }}\n", 1, "a key is not text"),
        (
            "a: 1\nb: !!python/object/apply:os.system [ls]\n",
            2,
            "a YAML tag (!...) is not supported in Kubernetes objects",
        ),
        ("a: !!binary aGk=\n", 1, "a YAML tag (!...) is not supported in Kubernetes objects"),
        ("a: b: c\n", 1, "it is not YAML"),
        ("\ta: 1\n", 1, "it is not YAML"),
    ],
)
def test_what_is_refused_is_told_with_its_line(text: str, line: int, cause: str) -> None:
    assert _broken(text) == [(line, cause)]


def test_bytes_that_are_no_text_are_replaced_as_in_json() -> None:
    (found,) = yaml_documents(b"a: 1\nb: \xe9t\xe9\n", LIMITS)

    assert found == Document(1, '{"a":1,"b":"\ufffdt\ufffd"}'.encode())


def test_binary_content_is_named() -> None:
    assert _broken(b"a: 1\n---\nb: \0\n") == [(2, "it is not text")]


def test_no_message_repeats_the_file() -> None:
    (found,) = _broken("password: 'canary\n  x: [\n")

    assert "canary" not in str(found)
