"""Values that the tables of kinds with templates of pods share."""

from datetime import datetime
from typing import Any, Final

from tests.controlplane.json_object import JsonObject, JsonValue
from tests.printed.cells import NONE, field
from tests.printed.entry import Cell

LABELS: Final[JsonObject] = {"app": "shop", "tier": "web"}
CONTAINERS: Final[list[JsonValue]] = [
    {"name": "app", "image": "example.com/app:1"},
    {"name": "proxy", "image": "example.com/proxy:2"},
]
_EXPRESSIONS: Final[list[JsonValue]] = [
    {"key": "tier", "operator": "In", "values": ["web", "api"]},
    {"key": "old", "operator": "DoesNotExist"},
    {"key": "app", "operator": "Exists"},
    {"key": "stage", "operator": "NotIn", "values": ["test"]},
]
SELECTORS: Final[dict[str, JsonObject]] = {
    "labels": {"matchLabels": LABELS},
    "expressions": {"matchLabels": {"app": "shop"}, "matchExpressions": _EXPRESSIONS},
}
TEMPLATE_FIELDS: Final = "containerNames images"
SELECTOR_FIELDS: Final = "spec { selector { matchLabels matchExpressions { key operator values } } }"


def pod_template(*, restart_policy: str = "Always", **spec: JsonValue) -> JsonObject:
    """Returns a template of pods with two containers."""
    parts: JsonObject = {"containers": CONTAINERS, "restartPolicy": restart_policy, **spec}
    return {"metadata": {"labels": LABELS}, "spec": parts}


def joined(name: str) -> Cell:
    """Returns a cell with texts of a list."""
    return lambda answer, _now: ",".join(answer[name])


def pairs(labels: dict[str, str] | None) -> str:
    """Returns labels as printers do. Source: `FormatLabels` in k8s.io/apimachinery/pkg/labels."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def selector(answer: Any, _now: datetime) -> str:
    """Returns the selector. Source: `FormatLabelSelector` in k8s.io/apimachinery/pkg/apis/meta/v1."""
    found = answer["spec"]["selector"] or {}
    texts = [(key, f"{key}={value}") for key, value in (found.get("matchLabels") or {}).items()]
    for one in found.get("matchExpressions") or ():
        values = f"({','.join(sorted(one['values'] or ()))})"
        words = {"Exists": "{0}", "DoesNotExist": "!{0}", "In": "{0} in {1}", "NotIn": "{0} notin {1}"}
        texts.append((one["key"], words[one["operator"]].format(one["key"], values)))
    return ",".join(text for _, text in sorted(texts, key=lambda pair: pair[0])) or NONE


WIDE: Final[dict[str, Cell]] = {"Containers": joined("containerNames"), "Images": joined("images")}
COUNTS: Final[dict[str, Cell]] = {
    "Desired": field("replicas.desired"),
    "Current": field("replicas.current"),
    "Ready": field("replicas.ready"),
}
