"""Selectable fields of custom resources: `selectableFields` of their definition."""

from collections.abc import Iterable
from typing import Any

import msgspec

from k8s.kinds.kind import Kind
from snapshots.lenientdecoder import LenientDecoder
from snapshots.serving.selectors.selectable import FieldReading, SelectableFields


class _Field(msgspec.Struct, rename="camel"):
    json_path: str


class _FieldsVersion(msgspec.Struct, rename="camel"):
    name: str
    selectable_fields: list[_Field] | None = None


class _FieldsSpec(msgspec.Struct):
    group: str
    names: dict[str, Any]  # includes lists of short names and categories
    versions: list[_FieldsVersion] | None = None


class _FieldsDefinition(msgspec.Struct):
    spec: _FieldsSpec


_DEFINITION = LenientDecoder(_FieldsDefinition)
_ANYTHING: LenientDecoder[object] = LenientDecoder(object)


def custom_fields(kind: Kind, definitions: Iterable[bytes]) -> SelectableFields:
    """Returns the selectable fields of a custom kind; `definitions` are the JSON of all definitions."""
    paths = {path for definition in definitions for path in _declared(kind, definition)}
    return SelectableFields({path: FieldReading((path,)) for path in paths}, decode=_ANYTHING.decode)


def _declared(kind: Kind, definition: bytes) -> list[str]:
    try:
        spec = _DEFINITION.decode(definition).spec
    except msgspec.DecodeError:  # an invalid definition declares nothing
        return []
    if (spec.group, spec.names.get("plural")) != (kind.group, kind.plural):
        return []
    versions = [version for version in spec.versions or () if version.name == kind.version]
    return [field.json_path.lstrip(".") for version in versions for field in version.selectable_fields or ()]
