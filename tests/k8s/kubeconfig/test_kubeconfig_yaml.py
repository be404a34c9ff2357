"""Texts that attack the parser itself."""

import tracemalloc
from functools import partial

import pytest

from k8s.kubeconfig.errors import KubeconfigCode, KubeconfigInvalid, KubeconfigTooLarge
from tests.k8s.kubeconfig_samples import file_refusal, parse_text
from tests.processortime import in_loops

KIB = 1024
BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{old}, *{old}]\n" for old, name in zip("abcdefghi", "bcdefghij", strict=True)
)
CONTEXTS = "contexts:\n" + "".join(f"- {{name: c{n}, context: {{cluster: a, user: b}}}}\n" for n in range(5000))

PLAIN_VIOLATIONS = {
    "alias bomb": (BOMB, "the file has an anchor or alias; write the values out (line 1)"),
    "alias": ("kind: *x", "the file has an anchor or alias; write the values out (line 1)"),
    "anchor on a key": ("&x kind: Config", "the file has an anchor or alias; write the values out (line 1)"),
    "python object": (
        "kind: !!python/object/apply:os.system [id]",
        "the file has a tag (!...); write plain values (line 1)",
    ),
    "standard tag": ("kind: !!str Config", "the file has a tag (!...); write plain values (line 1)"),
    "duplicate key": ("kind: Config\nkind: Config", "kind is repeated in one mapping (line 2)"),
    "duplicate key in JSON": ('{"kind": "Config", "kind": "Config"}', "kind is repeated in one mapping (line 1)"),
    "two documents": ("kind: Config\n---\nkind: Config", "the file has several documents; keep one (line 2)"),
    "key that is a list": ("[a]: b", "a key is not a text (line 1)"),
    "empty": ("", "the file is empty (line 1)"),
    "tabs": ("clusters:\n\t- a", "the file is not YAML (line 2, column 1)"),
    "NUL": ("kind: Con\0fig", "the file has a NUL character"),
    "control character": ("kind: Con\x01fig", "the file is not YAML"),
    "broken": ("a: [b", "the file is not YAML (line "),
    "unknown tag handle": ("a: !x!y z", "the file is not YAML (line 1, column 4)"),
    "Latin-1": (b"kind: \xe9", "the file is not UTF-8"),
    "UTF-16": ("kind: Config".encode("utf-16"), "the file is not UTF-8"),
}
EXCESSES = {
    "10 MiB": (b"a" * (10 * KIB * KIB), "the file has more than 1048576 bytes"),
    "5000 contexts": (CONTEXTS, "the file has more than 20000 values"),
    "deep sequences": ("[" * (256 * KIB), "the file is nested deeper than 32"),
    "deep mappings": ("{a: " * (64 * KIB), "the file is nested deeper than 32"),
    "deep blocks": ("- " * (128 * KIB), "the file is nested deeper than 32"),
    "many values": ("[" + "a," * (256 * KIB) + "]", "the file has more than 20000 values"),
    "many keys": ("".join(f"k{n}: v\n" for n in range(60_000)), "the file has more than 20000 values"),
    "1001 users": ("users:\n" + "".join(f"- name: u{n}\n" for n in range(1001)), "users has more than 1000 items"),
}


@pytest.mark.parametrize(("text", "message"), PLAIN_VIOLATIONS.values(), ids=PLAIN_VIOLATIONS)
def test_kc_8_what_is_not_plain_yaml_is_refused(text: str | bytes, message: str) -> None:
    refusal = file_refusal(text)

    assert isinstance(refusal, KubeconfigInvalid)
    assert str(refusal).startswith(f"config: {message}")


@pytest.mark.parametrize(("text", "message"), EXCESSES.values(), ids=EXCESSES)
def test_kc_8_what_is_too_large_is_refused(text: str | bytes, message: str) -> None:
    refusal = file_refusal(text)

    assert isinstance(refusal, KubeconfigTooLarge)
    assert refusal.code is KubeconfigCode.LIMIT_EXCEEDED
    assert message in str(refusal)


@pytest.mark.parametrize(("text", "message"), EXCESSES.values(), ids=EXCESSES)
def test_kc_8_hostile_texts_take_little_time(text: str | bytes, message: str) -> None:
    assert in_loops(partial(file_refusal, text)) < 60  # the slowest takes fifteen, and 160 without the limits


@pytest.mark.parametrize(("text", "message"), EXCESSES.values(), ids=EXCESSES)
def test_kc_8_hostile_texts_take_under_50_mb(text: str | bytes, message: str) -> None:
    tracemalloc.start()
    try:
        file_refusal(text)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak_bytes < 50_000_000


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_text(b"\xef\xbb\xbfkind: Config").contexts == ()


def test_a_directive_and_an_end_marker_are_plain_yaml() -> None:
    assert parse_text("%YAML 1.1\n---\nkind: Config\n...\n").contexts == ()


def test_the_parser_quotes_nothing_of_the_file() -> None:
    refusal = file_refusal("users:\n- name: a\n  user: {token: canary-token-1 : : }\n  canary-token-2")

    assert "canary" not in str(refusal)
    assert refusal.__suppress_context__
