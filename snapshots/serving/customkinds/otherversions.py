"""Custom kinds in other versions than that of their objects, as API servers serve them.

Versions without a conversion differ in nothing but `apiVersion`. Objects that a webhook converts are served in their
own version only, and so are those of a dump with objects in several versions.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from k8s.kinds.kind import Kind
from snapshots.lenientdecoder import LenientDecoder
from snapshots.serving.customkinds.definitions import KindDefinitions

_TOP: Final[LenientDecoder[dict[str, msgspec.Raw]]] = LenientDecoder(dict[str, msgspec.Raw])


def other_versions(kinds: Iterable[Kind], definitions: KindDefinitions) -> Mapping[Kind, Kind]:
    """Returns the further kinds that are served, each with the kind of its objects."""
    by_resource: dict[tuple[str, str], list[Kind]] = {}
    for kind in kinds:
        by_resource.setdefault((kind.group, kind.plural), []).append(kind)
    others: dict[Kind, Kind] = {}
    for stored, *more in by_resource.values():
        definition = definitions.of_kind(stored)
        if more or definition is None or not definition.keeps_structure:
            continue
        served = [definition.kind(version.name) for version in definition.versions or () if version.served]
        if stored in served:
            others |= {kind: stored for kind in served if kind != stored}
    return others


def in_version(item: bytes, kind: Kind) -> bytes:
    """Returns the JSON of an object with the apiVersion of a kind."""
    api_version = msgspec.Raw(msgspec.json.encode(kind.api_version))
    return msgspec.json.encode({**_TOP.decode(item), "apiVersion": api_version})
