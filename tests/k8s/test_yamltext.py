"""The YAML text of objects beside kubectl's own, for texts of all forms."""

import json
from random import Random
from subprocess import run

import pytest
import yaml

from k8s.yamltext import yaml_steps, yaml_text
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.processortime import in_loops

TEXTS = (
    *("", " lead", "trail ", "a: b", "a #b", "- x", "#x", "a\nb", "a\nb\n", "a\n\n", "  lead\nb", "a\tb", "'q'", '"q"'),
    *("true", "yes", "No", "y", "on", "null", "~", "1", "1.5", "1e3", ".5", "5.", "+1", "017", "0x1f", "0b1", "1_000"),
    *("2026-01-31", "2026-01-31T12:00:00Z", "1:30", "12:30:45", ".inf", ".nan", "1.2.3", "100m", "10Mi", "v1"),
    *("{x}", "[x]", "*x", "!", "&x", "%x", "@x", "`x`", "?", "? x", ":", "x:", "-", "--", "=x", "a\\b"),
    *("1_0e5", "+0x1F", "-0o17", "_1", "0b1_1", "1__0", "---", "--- a", "...", "\U0001f600"),
    *("two  spaces " * 20, "''" * 50, "\tx y" * 40, "a\n" * 3000, "ab cd " * 3000, "A/b+" * 500, "it's " * 500),
    *("\u00e9", "\u65e5\u672c", "a\r\nb", '{"a":1,"b": "c d"}\n', "long " * 40, "longword" * 30),
    "The node was low on resource: ephemeral-storage. Threshold quantity: 123, available: 45Ki, for some pods.",
)
ODD_TEXTS = ("=", "<<", "a\u2028b", "*", "a\u0085b", "\ufeff", "\x7f", "\0", "\x1b[1m", "\uffff", "1" * 2000)
"""Texts that kubectl cannot write, changes, or writes in another style."""
ALPHABET = "ab 01:#-'\"{}[],&*!|>%@\n\t.\\"


def _objects() -> JsonObject:
    random = Random(14)  # noqa: S311  texts of a test
    texts = [*TEXTS, *("".join(random.choices(ALPHABET, k=random.randint(1, 12))) for _ in range(300))]
    annotations: JsonObject = {f"k{number}": text for number, text in enumerate(texts)}
    annotations |= dict.fromkeys(("a10", "a9", "a09", "A", "a-b", "a.b/c", "1a", "b1c2", "b1c10", "c"), "")
    values: list[JsonValue] = [1, -2, 2.5, None, True, [], {}, [[1], [2, [3]]], {"a": [], "b": {"c": [{"d": 1}]}}]
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "annotations": annotations}, "n": values}


@pytest.mark.controlplane
def test_a_text_is_that_of_kubectl(control_planes: ControlPlanes) -> None:
    value = _objects()
    command = [str(control_planes.kubectl), "annotate", "--local", "-f", "-", "-o", "yaml", "zz=1"]
    theirs = run(command, input=json.dumps(value), capture_output=True, text=True, check=True).stdout

    metadata = value["metadata"]
    assert isinstance(metadata, dict)
    assert isinstance(metadata["annotations"], dict)
    metadata["annotations"]["zz"] = "1"

    assert yaml_text(value).splitlines() == theirs.splitlines()


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_a_text_is_read_as_the_same_value(loader: type[yaml.SafeLoader]) -> None:
    keys: JsonObject = dict.fromkeys((*TEXTS, *ODD_TEXTS, "k" * 128, "k" * 129, "\u00e9" * 65), "x")
    value: JsonValue = [_objects(), keys, [{text: [[text]]} for text in (*TEXTS, *ODD_TEXTS)]]

    assert yaml.load(yaml_text(value), loader) == value  # noqa: S506  both are safe


@pytest.mark.controlplane
def test_kubectl_reads_the_same_value(control_planes: ControlPlanes) -> None:
    value = _objects()
    metadata = value["metadata"]
    assert isinstance(metadata, dict)
    assert isinstance(metadata["annotations"], dict)
    metadata["annotations"] |= {f"odd{number}": text for number, text in enumerate(ODD_TEXTS)}
    command = [str(control_planes.kubectl), "annotate", "--local", "-f", "-", "-o", "json", "zz=1"]

    theirs = run(command, input=yaml_text(value), capture_output=True, text=True, check=True).stdout

    metadata["annotations"]["zz"] = "1"
    assert json.loads(theirs) == value


@pytest.mark.parametrize(
    "value",
    [
        *("x" * 1_000_000, "x y " * 250_000, "x\n" * 500_000, "\n" * 1_000_000, '"\t' * 500_000, "'x " * 300_000),
        *("1" * 1_000_000, "a" + " " * 1_000_000 + "b", "\u65e5 \u672c" * 300_000),
        *([1] * 300_000, [{"a": "b"}] * 30_000, {f"key-{number}": "" for number in range(20_000)}),
    ],
    ids=lambda value: repr(value[:3] if isinstance(value, str | list) else "keys"),
)
def test_a_large_value_is_written_in_short_steps(value: JsonValue) -> None:
    steps = sum(1 for _ in yaml_steps({"data": {"value": value}}))

    assert steps >= len(json.dumps(value, ensure_ascii=False)) / 2**15


@pytest.mark.parametrize("key", ["a" + "x-" * 6000 + "{}", "a1" + "x" * 12_000 + "{}b"], ids=["numbered", "natural"])
def test_long_keys_are_sorted_as_fast_as_short_ones(key: str) -> None:
    value: JsonValue = {key.format(number): "" for number in reversed(range(128))}

    assert list(yaml.safe_load(yaml_text(value))) == [key.format(number) for number in range(128)]
    assert in_loops(lambda: next(yaml_steps(value)), rounds=2) < 10
