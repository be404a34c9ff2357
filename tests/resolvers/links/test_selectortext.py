"""Label selectors as kubectl prints them; tests/printed compares valid ones with an API server's."""

import pytest

from k8s.kinds.builtin import NETWORK_POLICY
from resolvers.links.labels import selector_reads
from resolvers.links.selectortext import ERROR, selector_text
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.resolvers.decoded import row


def _expression(operator: str, *values: str, key: str = "k") -> JsonObject:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": [*values]}]}


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        (None, None),
        ({}, None),
        ({"matchLabels": {}, "matchExpressions": []}, None),
        ({"matchLabels": {"b": "2", "a": "1", "empty": ""}}, "a=1,b=2,empty="),
        (_expression("In", "b", "a"), "k in (a,b)"),
        (_expression("NotIn", "a"), "k notin (a)"),
        (_expression("Exists", key="example.com/k"), "example.com/k"),
        (_expression("DoesNotExist"), "!k"),
        ({"matchLabels": {"z": "1", "a": "1"}, **_expression("Exists")}, "a=1,k,z=1"),
        (_expression("Unheard"), ERROR),
        (_expression("In"), ERROR),
        (_expression("Exists", "a"), ERROR),
        (_expression("In", "not valid"), ERROR),
        (_expression("In", "a", key=""), ERROR),
        (_expression("Exists", key="UPPER.example.com/k"), ERROR),
        ({"matchLabels": {"a": "x" * 64}}, ERROR),
        ({"matchLabels": {"a/b/c": "1"}}, ERROR),
        ({"matchLabels": {"a" * 254 + "/b": "1"}}, ERROR),
    ],
)
def test_selectors(selector: JsonValue, wanted: str | None) -> None:
    policy = row(NETWORK_POLICY, *selector_reads("spec.podSelector"), spec={"podSelector": selector})

    assert selector_text(policy.spec.podSelector) == wanted
