"""The fields by which custom resources can be selected: what their definition declares as `selectableFields`."""

from collections.abc import Iterable
from typing import Any

import msgspec

from k8s.kinds.kind import Kind
from snapshots.decoding import Decoder
from snapshots.serving.selectors.selectable import Reading, SelectableFields


class _Field(msgspec.Struct, rename="camel"):
    json_path: str


class _Version(msgspec.Struct, rename="camel"):
    name: str
    selectable_fields: list[_Field] | None = None


class _Spec(msgspec.Struct):
    group: str
    names: dict[str, Any]  # among them lists of short names and categories
    versions: list[_Version] | None = None


class _Definition(msgspec.Struct):
    spec: _Spec


_DEFINITION = Decoder(_Definition)
_ANYTHING: Decoder[object] = Decoder(object)


def custom_fields(kind: Kind, definitions: Iterable[bytes]) -> SelectableFields:
    """The fields of a custom kind; `definitions` are the JSON of all custom resource definitions."""
    paths = {path for definition in definitions for path in _declared(kind, definition)}
    return SelectableFields({path: Reading((path,)) for path in paths}, decode=_ANYTHING.decode)


def _declared(kind: Kind, definition: bytes) -> list[str]:
    try:
        spec = _DEFINITION.decode(definition).spec
    except msgspec.DecodeError:  # a definition that no API server would take declares nothing
        return []
    if (spec.group, spec.names.get("plural")) != (kind.group, kind.plural):
        return []
    versions = [version for version in spec.versions or () if version.name == kind.version]
    return [field.json_path.lstrip(".") for version in versions for field in version.selectable_fields or ()]
