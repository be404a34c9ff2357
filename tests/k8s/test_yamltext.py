"""The YAML text of objects beside kubectl's own, for texts of all forms."""

import json
from random import Random
from subprocess import run

import pytest
import yaml

from k8s.yamltext import yaml_text
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.json_object import JsonObject, JsonValue

TEXTS = (
    *("", " lead", "trail ", "a: b", "a #b", "- x", "#x", "a\nb", "a\nb\n", "a\n\n", "  lead\nb", "a\tb", "'q'", '"q"'),
    *("true", "yes", "No", "y", "on", "null", "~", "1", "1.5", "1e3", ".5", "5.", "+1", "017", "0x1f", "0b1", "1_000"),
    *("2026-01-31", "2026-01-31T12:00:00Z", "1:30", "12:30:45", ".inf", ".nan", "1.2.3", "100m", "10Mi", "v1"),
    *("{x}", "[x]", "*x", "*", "!", "&x", "%x", "@x", "`x`", "?", "? x", ":", "x:", "-", "--", "=x", "a\\b"),
    *("\u00e9", "\u65e5\u672c", "a\r\nb", '{"a":1,"b": "c d"}\n', "long " * 40, "longword" * 30),
    "The node was low on resource: ephemeral-storage. Threshold quantity: 123, available: 45Ki, for some pods.",
)
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


def test_a_text_is_read_as_the_same_value() -> None:
    value = _objects()

    assert yaml.safe_load(yaml_text(value)) == value
