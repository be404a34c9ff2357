"""Label selectors as kubectl prints them, in columns such as SELECTOR and POD-SELECTOR."""

import re
from itertools import islice
from typing import Any, Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import MAX_ITEMS, items_of

ERROR: Final = "<error>"
"""kubectl's text for a selector that is invalid."""

_KEY: Final = re.compile(
    r"(?:(?=.{1,253}/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*/)?"
    r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
_VALUE: Final = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_SETS: Final = {"In": "in", "NotIn": "notin"}
_PRESENCE: Final = {"Exists": "", "DoesNotExist": "!"}


def selector_text(selector: Row | None) -> str | None:
    """Returns a `LabelSelector` as text, such as `app=web,tier in (a,b),!old`; None for kubectl's `<none>`.

    A missing selector is None, as an empty one is, and an invalid one `<error>`. Reads `selector_reads` of `labels`.

    Source: `FormatLabelSelector` in k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go, `Requirement.String` and
    `NewRequirement` in pkg/labels/selector.go.
    """
    if selector is None:
        return None
    texts = [_pair(key, value) for key, value in islice((selector.matchLabels or {}).items(), MAX_ITEMS)]
    texts += [_requirement(one) for one in items_of(selector.matchExpressions)]
    if None in texts:
        return ERROR
    return ",".join(text for _, text in sorted(filter(None, texts), key=_key)) or None


def _key(text: tuple[str, str]) -> str:
    return text[0]


def _pair(key: str, value: Any) -> tuple[str, str] | None:
    value = value or ""
    return (key, f"{key}={value}") if _KEY.fullmatch(key) and _VALUE.fullmatch(value) else None


def _requirement(expression: Row) -> tuple[str, str] | None:
    key, values = expression.key or "", sorted(items_of(expression.values))
    if not _KEY.fullmatch(key):
        return None
    if expression.operator in _PRESENCE and not values:
        return key, _PRESENCE[expression.operator] + key
    if expression.operator not in _SETS or not values or not all(map(_VALUE.fullmatch, values)):
        return None
    return key, f"{key} {_SETS[expression.operator]} ({','.join(values)})"
