"""Texts that attack the parser itself."""

import tracemalloc

import pytest

from k8s.kubeconfig.errors import KubeconfigCode, KubeconfigInvalid, KubeconfigTooLarge
from k8s.kubeconfig.file import parse_file
from k8s.kubeconfig.limits import KubeconfigLimits
from tests.k8s.kubeconfig_samples import file_refusal, parse_text
from tests.processortime import in_loops

KIB = 1024
BOMB = "contexts: &a [x, x]\n" + "".join(
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
    "tabs": ("clusters:\n\t- a", "the file is not YAML (line 2, column 1)"),
    "NUL": ("kind: Con\0fig", "the file has a NUL character"),
    "control character": ("kind: Con\x01fig", "the file is not YAML"),
    "broken": ("a: [b", "the file is not YAML (line "),
    "unknown tag handle": ("a: !x!y z", "the file is not YAML (line 1, column 4)"),
    "Latin-1": (b"kind: \xe9", "the file is not UTF-8"),
    "UTF-16 without a mark": ("kind: Config".encode("utf-16-be"), "the file has a NUL character"),
    "half of UTF-16": ("kind: Config".encode("utf-16")[:-1], "the file is not UTF-8"),
}
VALUES = "the file has more than 250000 values, 100 for each of 2500 contexts (FLEETGRAPH_MAX_KUBECONFIG_CONTEXTS)"
EXCESSES = {
    "directives": (
        "".join(f"%TAG !a{n}! x\n" for n in range(50_000)) + "---\nkind: Config\n",
        "the file has more than 100 %TAG directives",
    ),
    "20 MiB": (b"a" * (20 * KIB * KIB), "the file has more than 16777216 bytes (FLEETGRAPH_MAX_KUBECONFIG_BYTES)"),
    "5000 contexts": (CONTEXTS, "contexts has more than 2500 items (FLEETGRAPH_MAX_KUBECONFIG_CONTEXTS)"),
    "deep sequences": ("[" * (256 * KIB), "the file is nested deeper than 32"),
    "deep mappings": ("{a: " * (64 * KIB), "the file is nested deeper than 32"),
    "deep blocks": ("- " * (128 * KIB), "the file is nested deeper than 32"),
    "many values": ("[" + "a," * (256 * KIB) + "]", VALUES),
    "many keys": ("".join(f"k{n}: v\n" for n in range(130_000)), VALUES),
    "many users": ("users:\n" + "".join(f"- name: u{n}\n" for n in range(2501)), "users has more than 2500 items"),
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


@pytest.mark.parametrize("text", [text for text, _ in EXCESSES.values()], ids=EXCESSES)
def test_kc_8_hostile_texts_take_time_by_the_limits(text: str | bytes) -> None:
    raw = text.encode() if isinstance(text, str) else text

    def refusal() -> None:
        with pytest.raises(KubeconfigTooLarge):
            parse_file(raw, source="config", limits=KubeconfigLimits(file_bytes=KIB * KIB, contexts=200))

    assert in_loops(refusal) < 60  # the slowest takes fifteen, and 200 with the default limits


@pytest.mark.parametrize(("text", "message"), EXCESSES.values(), ids=EXCESSES)
def test_kc_8_hostile_texts_take_under_50_mb(text: str | bytes, message: str) -> None:
    tracemalloc.start()
    try:
        file_refusal(text)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak_bytes < 50_000_000


@pytest.mark.parametrize("body", ["*x", "&x {}", "!!map {}", "{server: a, server: b}", "{[a]: b}"])
def test_what_is_not_plain_yaml_in_one_entry_refuses_only_its_contexts(body: str) -> None:
    cluster = f"- name: bad\n  cluster: {body}\n- name: good\n  cluster: {{server: 'https://api.example'}}\n"
    contexts = "".join(f"- {{name: {name}, context: {{cluster: {name}, user: u}}}}\n" for name in ("bad", "good"))
    kubeconfig = parse_text(f"clusters:\n{cluster}contexts:\n{contexts}users: [{{name: u, user: {{token: t}}}}]\n")

    with pytest.raises(KubeconfigInvalid, match=r"context 'bad': .* \(line 3\)"):
        kubeconfig.context("bad")
    assert kubeconfig.context("good").endpoint.host == "api.example"


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_text(b"\xef\xbb\xbfkind: Config").contexts == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_a_byte_order_mark_is_read_as_kubectl_does(encoding: str) -> None:
    assert parse_text("\ufeffcurrent-context: é\r\n".encode(encoding)).current_context == "é"


def test_a_directive_and_an_end_marker_are_plain_yaml() -> None:
    assert parse_text("%YAML 1.1\n---\nkind: Config\n...\n").contexts == ()


def test_the_parser_quotes_nothing_of_the_file() -> None:
    refusal = file_refusal("users:\n- name: a\n  user: {token: canary-token-1 : : }\n  canary-token-2")

    assert "canary" not in str(refusal)
    assert refusal.__suppress_context__
