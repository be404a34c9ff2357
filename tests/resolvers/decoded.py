"""Rows as a reader decodes them."""

import msgspec

from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row, object_decoder
from k8s.reading.selection import selection_of
from resolvers.names import type_name
from tests.controlplane.json_object import JsonObject


def row(kind: Kind, *reads: str, **parts: JsonObject) -> Row:
    """Returns one object of a kind, decoded with the paths `reads`."""
    named: JsonObject = {"name": "web", "namespace": "shop"} if kind.namespaced else {"name": "web"}
    body = {"kind": kind.name, **parts, "metadata": named | parts.get("metadata", {})}
    identity = ("metadata.name", "metadata.namespace") if kind.namespaced else ("metadata.name",)
    return object_decoder(type_name(kind), selection_of([*reads, *identity]), kind).decode(msgspec.json.encode(body))
