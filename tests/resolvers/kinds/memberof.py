"""Derived fields of one object, computed from the paths that they declare and no others."""

import msgspec

from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import object_decoder
from k8s.reading.selection import selection_of
from resolvers.links.members import Derived, Family
from resolvers.names import type_name
from tests.controlplane.json_object import JsonValue


def derived(family: Family, name: str, **parts: JsonValue) -> object:
    """Returns a derived field of an object of the family's kind that is called `web` in the namespace `shop`."""
    kind, member = family.owner, family.members[name]
    assert isinstance(kind, Kind)
    assert isinstance(member, Derived)
    given = parts.get("metadata", {})
    assert isinstance(given, dict)
    metadata = {"name": "web", **({"namespace": "shop"} if kind.namespaced else {}), **given}
    selection = selection_of(dict.fromkeys(["metadata.name", *member.reads]))
    row = object_decoder(type_name(kind), selection, kind).decode(msgspec.json.encode({**parts, "metadata": metadata}))
    return member.function(row)
