"""Structural schemas of definitions in the form in which API servers publish them.

Published schemas say what every embedded object has, and which types an int-or-string has.
Source: `ToStructuralOpenAPIV3` and `addEmbeddedProperties` of k8s.io/apiextensions-apiserver.
"""

from typing import Any, Final

import msgspec

from snapshots.lenientdecoder import LenientDecoder

META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1"
REFERENCE: Final = "#/components/schemas/"
TEXT: Final = {"type": "string"}

_EMBEDDED: Final = "x-kubernetes-embedded-resource"
_INT_OR_STRING: Final = "x-kubernetes-int-or-string"
_MARKS: Final = (_EMBEDDED.encode(), _INT_OR_STRING.encode())
_BY_NAME: Final = "properties"
_INSIDE: Final = ("items", "additionalProperties")
_ANYTHING: Final[LenientDecoder[Any]] = LenientDecoder(object)


def reference(name: str) -> object:
    """Returns a reference to a schema of the package meta/v1, beside which there may be other fields."""
    return {"allOf": [{"$ref": f"{REFERENCE}{META}.{name}"}]}


def published(schema: bytes) -> bytes:
    """Returns the published form of a schema; the same bytes if nothing in it is published in another form."""
    if not any(mark in schema for mark in _MARKS):
        return schema
    try:
        decoded = _ANYTHING.decode(schema)
        _publish(decoded)
        return msgspec.json.encode(decoded)
    except (msgspec.DecodeError, RecursionError):
        return schema


def _publish(schema: Any) -> None:
    if not isinstance(schema, dict):
        return
    properties = schema.get(_BY_NAME)
    for inner in (*(properties.values() if isinstance(properties, dict) else ()), *map(schema.get, _INSIDE)):
        _publish(inner)
    if schema.get(_INT_OR_STRING) is True:
        schema.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    if schema.get(_EMBEDDED) is True:
        embedded = {"apiVersion": TEXT, "kind": TEXT, "metadata": reference("ObjectMeta")}
        schema[_BY_NAME] = {**(properties if isinstance(properties, dict) else {}), **embedded}
        required = schema.get("required")
        own = [name for name in required if name not in embedded] if isinstance(required, list) else []
        schema["required"] = [*own, "kind", "apiVersion"]
