"""Malicious texts and damaged dumps: time and memory are linear in the text, and each outcome is documented."""

import random
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapshots.dumps.errors import DumpRefused
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.texts.jsontext import is_deeper, json_documents
from snapshots.dumps.texts.yamltext import yaml_documents
from tests.processortime import fastest_s
from tests.snapshots.dumps.dumping import NODE, POD, Read
from tests.snapshots.dumps.hostile import seeds, written

LIMITS = DumpLimits()


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":['])
@pytest.mark.parametrize("times", [300, 900, 100_000])
def test_deep_json_is_named(opening: bytes, times: int) -> None:
    closing = b"".join({91: b"]", 123: b"}"}.get(item, b"") for item in reversed(opening))

    (found,) = json_documents(opening * times + b"1" + closing * times)

    assert getattr(found, "error").cause == "it is nested deeper than 200"  # noqa: B009  it is a broken document


def test_depth_counts_brackets_outside_of_texts_only() -> None:
    assert not is_deeper(rb'{"a":"[[[[","b\\":["\"[[[[\\"],"c":"\\\"{{{{"}', 2)
    assert is_deeper(rb'{"a":["\\",[1]]}', 2)
    assert not is_deeper(rb'{"a":["\\",[1]]}', 3)


@pytest.mark.parametrize(
    "text", ["v" + "9" * 5000 + ".1.1", "v1." + "9" * 5000 + ".1", "v1.31.2" + "0" * 5000, "v\u0661.1.1", ""]
)
def test_versions_of_many_digits_are_none(tmp_path: Path, text: str) -> None:
    read = Read(written(tmp_path, NODE.replace("v1.31.2", text).encode(), "n.json"))

    assert read.names == {"nodes": ["n1"]}
    assert read.version in {"unknown", "v1.31.2"}


def test_an_object_that_no_server_would_keep_costs_itself(tmp_path: Path) -> None:
    large = POD.replace("web-0", "web-1") + f"metadata2: {'x' * 3000}\n"

    read = Read(written(tmp_path, f"{POD}---\n{large}".encode(), "a.yaml"), DumpLimits(object_bytes=2000))

    assert read.names == {"pods": ["web-0"]}
    assert len(read.broken) == 1
    assert "the limit of an object is 2000" in read.broken[0]


def test_very_many_kinds_cost_themselves(tmp_path: Path) -> None:
    made_up = "---\n".join(f"apiVersion: a.io/v1\nkind: K{index}\nmetadata: {{name: x}}\n" for index in range(10))

    read = Read(written(tmp_path, f"{POD}---\n{made_up}".encode(), "a.yaml"), DumpLimits(kinds=5))

    assert (len(read.kinds), read.tally.broken_count) == (5, 6)
    assert "the dump has objects of more than 5 kinds" in read.broken[0]


def test_a_list_of_no_type_is_named(tmp_path: Path) -> None:
    empty = '{"kind":"../xList","apiVersion":"a/b/c","items":[]}\n'

    read = Read(written(tmp_path, (empty + NODE).encode(), "a.json"))

    assert [str(dumped.kind) for dumped in read.kinds] == ["nodes"]
    assert read.broken == ["a.json:1: the apiVersion or the kind of a list is invalid"]


def _yaml(content: bytes) -> int:
    return sum(1 for _ in yaml_documents(content, LIMITS))


def _json(content: bytes) -> int:
    return sum(1 for _ in json_documents(content))


@pytest.mark.parametrize(
    ("read", "make"),
    [
        (_yaml, lambda n: b"--- a\n" * n),
        (_yaml, lambda n: b"--- [\n" * n),
        (_yaml, lambda n: b"---\n" * 20 * n),
        (_yaml, lambda n: b"\n" * 100 * n),
        (_yaml, lambda n: b"# \t\n" * 50 * n),
        (_yaml, lambda n: b"a: &a {x: 1}\nb:\n" + b"".join(b" k%d: 1\n" % i for i in range(n)) + _merge(n)),
        (_yaml, lambda n: b"a: &a [1]\nb: [" + b"*a," * n + b"]\n"),
        (_yaml, lambda n: b"".join(b"&a%d a%d: 1\n" % (i, i) for i in range(n))),
        (_yaml, lambda n: b"".join(b"%%TAG !a%d! x\n" % i for i in range(n)) + b"a: 1\n"),
        (_yaml, lambda n: b"a: 1\n...\n" + b"".join(b"%%TAG !a%d! x\r" % i for i in range(n)) + b"a: 1\n"),
        (_yaml, lambda n: b"a: 1\n" * n),
        (_yaml, lambda n: b"[" + b"1, " * n + b"]"),
        (_yaml, lambda n: b"{" + b"a, " * n + b"}"),
        (_yaml, lambda n: b"a: " + b"x " * 5 * n),
        (_yaml, lambda n: b"a: |\n" + b"  x\n" * n),
        (_yaml, lambda n: b"a: >\n" + b"  x\n\n" * n),
        (_yaml, lambda n: b'a: "' + b"\\u0041\\\n" * n + b'"'),
        (_yaml, lambda n: b"a:\n" + b"\t- x\n" * n),
        (_yaml, lambda n: b"Warning: x\n" * n),
        (_yaml, lambda n: b"x y\na: 1\n" * n),
        (_yaml, lambda n: b"x y\n---\n" * n),
        (_yaml, lambda n: b"apiVersion: v1\nkind: A\nmetadata: {}\n" * (n // 2)),
        (_yaml, lambda n: b"kind: List\nitems:\n" + b"- {a: 1, a: 2}\n" * n),
        (_json, lambda n: b"{}" * n),
        (_json, lambda n: b"{}x" * n),
        (_json, lambda n: b"[INFO] {\n" * n),
        (_json, lambda n: b'x {"kind": ' * n),
        (_json, lambda n: b'x {"kind":\n' * n),
        (_json, lambda n: (b"[0,\n" * 50 + b"x\n") * (n // 20)),
        (_json, lambda n: b'{"items": [' + b'{"a": "b"},\n' * n),
        (_json, lambda n: b'{"items": [{},\n' * n),
        (_json, lambda n: b"{\n" + b" " * 20 * n),
        (_json, lambda n: b"==== START logs for x\n" * n),
        (_json, lambda n: b'{"a": "' + b"{\n" * n),
        (_json, lambda n: b"{}\n" * n),
        (_json, lambda n: b"{]}\n" * n),
        (_json, lambda n: b"{}\n{" + b"\n" * 20 * n + b"}\n"),
        (_json, lambda n: b"{}\n{" + b"}  \n" * n),
        (_json, lambda n: b"{" + b'"a":1,' * n),
        (_json, lambda n: b"[" + b"9" * 50 * n + b"]"),
        (_json, lambda n: b"[" + b'"' + b"\\\\" * 50 * n + b'"]'),
        (_json, lambda n: b"[" + b"[[]]," * 20 * n + b"1]"),
    ],
)
def test_time_is_linear_in_the_text(read: Callable[[bytes], int], make: Callable[[int], bytes]) -> None:
    """Compares eight times the text with one: linear work takes eight times as long, quadratic work sixty-four."""
    few, many = make(1250), make(10_000)

    few_s, many_s = fastest_s(lambda: read(few), lambda: read(many), rounds=3)

    assert many_s < 24 * few_s + 0.01  # what is too short to measure has no ratio


def _merge(count: int) -> bytes:
    return b" <<: [" + b",".join([b"*a"] * count) + b"]\n"


@pytest.mark.parametrize("content", [b"\n", b"---\n", b"#\n"])
def test_a_text_of_line_ends_takes_no_memory(content: bytes) -> None:
    text = content * 50_000

    tracemalloc.start()
    try:
        assert _yaml(text) == 0
        assert tracemalloc.get_traced_memory()[1] < 4 * len(text) + 100_000
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return seeds(tmp_path_factory.mktemp("seeds"))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.sampled_from(["tar", "tgz", "zip", "gz", "yaml", "json"]), seed=st.integers(0, 2**32))
def test_whatever_is_damaged_has_a_documented_outcome(
    good: dict[str, bytes], tmp_path: Path, form: str, seed: int
) -> None:
    path = written(tmp_path, _damaged(good[form], random.Random(seed)), f"dump.{form}")  # noqa: S311  no secret

    with suppress(DumpRefused):
        assert Read(path).names


def _damaged(content: bytes, chance: random.Random) -> bytes:
    """Returns a valid dump with a few bytes changed, moved, repeated or removed."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at, size = chance.randrange(len(data)), chance.choice((1, 1, 1, 4, 30, 512))
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                data[at : at + size] = chance.choice((b"\0", b"\xff", b"-", b"9", b"[", b"{", b"\n")) * size
            case 2:
                del data[at : at + size]
            case 3:
                data[at:at] = data[at : at + size] * chance.choice((1, 2, 50))
            case _:
                data[at:at] = data[-size:]
        data = data or bytearray(b"\0")
    return bytes(data)


def test_the_parser_of_yaml_is_libyamls() -> None:
    """Requires libyaml: the parser in Python is a hundred times slower."""
    assert "yaml._yaml" in sys.modules
