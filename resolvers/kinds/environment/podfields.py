"""Values of a pod's fields in variables: `fieldRef`.

Sources: `podFieldSelectorRuntimeValue` of the kubelet, `ConvertDownwardAPIFieldLabel` of pkg/apis/core/pods,
`ExtractFieldPathAsString` and `FormatMap` of pkg/fieldpath.
"""

from collections.abc import Mapping
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.environment.expansion import MOST_CHARACTERS
from resolvers.kinds.environment.variables import EnvironmentSource, EnvironmentSourceKind, Value, refused
from resolvers.kinds.longlists import items_of

POD_FIELDS: Final = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.labels",
    "metadata.annotations",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs.ip",
    "status.podIP",
    "status.podIPs.ip",
)
"""The paths of a pod that variables can have, and that are read for them."""

_LATER: Final = frozenset({"spec.nodeName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"})
"""The fields that a pod gets when it is scheduled and started."""
_TEXTS: Final = frozenset(
    {"metadata.name", "metadata.namespace", "metadata.uid", "spec.serviceAccountName", "spec.nodeName"}
)
_MAPS: Final = frozenset({"metadata.labels", "metadata.annotations"})
_TOO_LONG: Final = f"It has more than {MOST_CHARACTERS} characters; no process starts with that."


def pod_field(pod: Row, reference: Row, *, masked: frozenset[str]) -> Value:
    """Returns the value of a `fieldRef`; reads `POD_FIELDS`.

    Args:
        pod: the pod.
        reference: the `fieldRef`.
        masked: those of `POD_FIELDS` of which no value may be shown.
    """
    path = reference.fieldPath or ""
    source = EnvironmentSource(EnvironmentSourceKind.Pod, pod.metadata.name or "", path)
    version = reference.apiVersion or "v1"
    if version != "v1":
        return refused(source, f"unsupported pod version: {version}")
    field, subscript = _split(path)
    field = "spec.nodeName" if field == "spec.host" and subscript is None else field
    if field in masked:
        return Value(None, source)
    if subscript is not None:
        return _map_value(pod, field, subscript, source)
    if field in _MAPS and None in _entries(pod, field).values():
        return Value(None, source)
    if field in _MAPS and _characters(_entries(pod, field)) > MOST_CHARACTERS:
        return Value(None, source, _TOO_LONG)
    text = _text(pod, field)
    if text is None:
        return refused(source, f"unsupported fieldPath: {path}")
    if len(text) > MOST_CHARACTERS:
        return Value(None, source, _TOO_LONG)
    if not text and field in _LATER:
        return Value(None, source, f"{field} is unknown until the pod runs on a node.")
    return Value(text, source)


def _split(path: str) -> tuple[str, str | None]:
    """Returns a path and its subscript, as `SplitMaybeSubscriptedPath` does."""
    before, bracket, subscript = path.removesuffix("']").partition("['")
    if not path.endswith("']") or not bracket or not before:
        return path, None
    return before, subscript


def _map_value(pod: Row, field: str, key: str, source: EnvironmentSource) -> Value:
    if field not in _MAPS:
        return refused(source, f"field label does not support subscript: {source.key}")
    return Value(_entries(pod, field).get(key, ""), source)


def _entries(pod: Row, field: str) -> Mapping[str, str | None]:
    """Returns the labels or annotations; null for those that are masked."""
    return getattr(pod.metadata, field.removeprefix("metadata.")) or {}


def _characters(entries: Mapping[str, str | None]) -> int:
    """Returns the least length of the text of labels or annotations: each has `=`, quotes and a line of its own."""
    return sum(len(key) + len(value or "") + len('=""\n') for key, value in entries.items()) - 1


def _text(pod: Row, field: str) -> str | None:
    """Returns a field as text; empty for an absent one, None for one that no variable can have."""
    if field in _MAPS:
        return "\n".join(f"{key}={_quoted(value or '')}" for key, value in sorted(_entries(pod, field).items()))
    if field in _TEXTS:
        part, _, name = field.partition(".")
        return str(getattr(getattr(pod, part), name, None) or "")
    status, field = pod.status, field.removeprefix("status.")
    if field in {"hostIP", "podIP"}:
        return str((getattr(status, field) if status else None) or "")
    if field in {"hostIPs", "podIPs"}:
        addresses = items_of(getattr(status, field) if status else None)
        return ",".join(one.ip or "" for one in addresses) or _text(pod, f"status.{field.removesuffix('s')}")
    return None


def _quoted(text: str) -> str:
    """Returns a text as `strconv.AppendQuote` of Go writes it."""
    return f'"{"".join(map(_escaped, text))}"'


_ESCAPES: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x1_0000 else f"\\U{code:08x}"
