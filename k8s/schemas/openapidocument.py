"""The custom kinds of one OpenAPI v3 document, which describes one version of a group (`/openapi/v3/apis/G/V`).

Its paths say which kinds can be read, under which names, and whether they have namespaces; its schemas name their kind
(`x-kubernetes-group-version-kind`).
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from k8s.kinds.kind import Kind
from k8s.reading.decoder import Decoder
from k8s.reading.decodingcost import skipping_s
from k8s.schemas.kindschema import KindSchema
from k8s.schemas.limits import SchemaLimits
from k8s.schemas.pieces import as_list, as_object, as_text, opened
from k8s.schemas.readablekind import is_readable
from k8s.schemas.schemareader import SchemaReader
from k8s.transport.path import group_path
from k8s.turns.pauses import Pauses

_GROUP_VERSION_KIND: Final = "x-kubernetes-group-version-kind"
_IN_NAMESPACE: Final = "namespaces/{namespace}/"
_ONE: Final = "/{name}"


class _Components(msgspec.Struct):
    schemas: dict[str, msgspec.Raw] = {}


class _Document(msgspec.Struct):
    paths: dict[str, msgspec.Raw]
    components: _Components = msgspec.field(default_factory=_Components)


class _Opened(dict[str, object]):
    """Schemas by name, opened at the first use: thousands of fields may refer to one of megabytes."""

    def get(self, name: str, default: object = None) -> object:
        """Returns the schema of a name, or the default."""
        schema = super().get(name, default)
        if isinstance(schema, msgspec.Raw):
            schema = self[name] = opened(schema)
        return schema


_DOCUMENT: Final = Decoder(_Document, cost_s=skipping_s)


def read_document(body: bytes, group: str, version: str, *, limits: SchemaLimits) -> tuple[KindSchema, ...]:
    """Returns the kinds of a document that can be read and listed, by name. It takes long: call it in a thread.

    Raises:
        Undecodable: It is no OpenAPI v3 document; TooMuchToDecode if it has too many values.
    """
    document = _DOCUMENT.decode(body)
    components = _Opened(document.components.schemas)
    pauses = Pauses()
    kinds = {kind.name: kind for kind in _readable(document.paths, group, version)}
    found: list[KindSchema] = []
    for name, schema in _schemas(components, kinds, pauses).items():
        kind, reader = kinds[name], SchemaReader(components, limits, pauses)
        structures = reader.read(schema)
        found.append(
            KindSchema(group, version, name, kind.plural, kind.namespaced, structures, problems=reader.problems)
        )
    return tuple(sorted(found, key=lambda schema: schema.name))


def _readable(paths: Mapping[str, object], group: str, version: str) -> Iterator[Kind]:
    """Yields the kinds that have a list of all objects, and a path for one object."""
    root = f"{group_path(group, version)}/"
    relative = {path.removeprefix(root) for path in paths if path.startswith(root)}
    for path in sorted(relative):
        if not path.endswith(_ONE):
            continue
        plural = path.removesuffix(_ONE).removeprefix(_IN_NAMESPACE)
        if plural not in relative or not _has_get(paths[root + plural]):
            continue
        name = _kind_of(paths[root + path], group, version)
        kind = Kind(group, version, name, plural, namespaced=path.startswith(_IN_NAMESPACE))
        if is_readable(kind):
            yield kind


def _has_get(item: object) -> bool:
    return "get" in as_object(item)


def _kind_of(item: object, group: str, version: str) -> str:
    """Returns the name of the kind that a path reads; empty if it is another version's."""
    read = as_object(as_object(as_object(item).get("get")).get(_GROUP_VERSION_KIND))
    is_own = as_text(read.get("group")) == group and as_text(read.get("version")) == version
    return as_text(read.get("kind")) if is_own else ""


def _schemas(components: Mapping[str, object], kinds: Mapping[str, Kind], pauses: Pauses) -> Mapping[str, object]:
    """Returns the schema of each kind by its name."""
    found: dict[str, object] = {}
    for schema in components.values():
        pauses.pause()
        for written in as_list(as_object(schema).get(_GROUP_VERSION_KIND)):
            named = as_object(written)
            kind = kinds.get(as_text(named.get("kind")))
            if kind and as_text(named.get("group")) == kind.group and as_text(named.get("version")) == kind.version:
                found.setdefault(kind.name, schema)
    return found
