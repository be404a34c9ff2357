"""OpenAPI v3 documents of custom kinds, as API servers publish them: one for each version of a group.

Source: `pkg/controller/openapi/builder` of k8s.io/apiextensions-apiserver. Descriptions of parameters and responses,
and documents of built-in groups, are left out.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from k8s.kinds.kind import Kind
from snapshots.lenientdecoder import LenientDecoder
from snapshots.serving.customkinds.definitions import KindDefinitions
from snapshots.serving.customkinds.publishedschema import META, REFERENCE, TEXT, published, reference
from snapshots.serving.index.index import in_slices

INDEX: Final = ("openapi", "v3")


class _Validation(msgspec.Struct):
    schema: msgspec.Raw = msgspec.field(name="openAPIV3Schema", default=msgspec.Raw())


class _SelectableField(msgspec.Struct, rename="camel"):
    json_path: str


class _SchemaVersion(msgspec.Struct):
    name: str
    fields: list[_SelectableField] | None = msgspec.field(name="selectableFields", default=None)
    validation: _Validation | None = msgspec.field(name="schema", default=None)


class _SchemaNames(msgspec.Struct):
    plural: str


class _SchemaSpec(msgspec.Struct):
    group: str
    names: _SchemaNames
    versions: list[_SchemaVersion]


class _SchemaDefinition(msgspec.Struct):
    spec: _SchemaSpec


_DEFINITION: Final = LenientDecoder(_SchemaDefinition)
_TOP: Final[LenientDecoder[dict[str, msgspec.Raw]]] = LenientDecoder(dict[str, msgspec.Raw])


def openapi_index(kinds: Iterable[Kind], definitions: KindDefinitions, kept: Mapping[str, str]) -> object:
    """Returns the index: the path of each document, with a hash of its content.

    Args:
        kinds: The served kinds.
        definitions: The definitions of custom kinds, of which documents are made.
        kept: Digests of documents that were dumped, by name; they are served instead.
    """
    digests: dict[str, list[str]] = {}
    hashes: dict[str, str] = {}
    for kind in kinds:
        name = f"apis/{kind.api_version}"
        if name in kept:
            hashes[name] = kept[name]
        elif digest := definitions.digest_of(kind):
            digests.setdefault(name, []).append(digest)
    hashes |= {name: _hash(of_kinds) for name, of_kinds in digests.items()}
    return {
        "paths": {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={hashes[name]}"} for name in sorted(hashes)}
    }


def _hash(digests: Iterable[str]) -> str:
    return blake2b("".join(sorted(digests)).encode(), digest_size=32).hexdigest().upper()


async def openapi_document(kinds: Sequence[Kind], objects: Sequence[bytes]) -> bytes:
    """Returns the document of one version of a group.

    Args:
        kinds: The kinds of this version that have definitions.
        objects: The JSON of all definitions.
    """
    by_plural = {kind.plural: kind for kind in kinds}
    schemas: dict[str, object] = dict(_COMMON)
    paths: dict[str, object] = {}
    async for item in in_slices(objects):
        try:
            spec = _DEFINITION.decode(item).spec
            kind = by_plural.get(spec.names.plural)
            if kind is None or spec.group != kind.group:
                continue
            schemas |= await asyncio.to_thread(_schemas, kind, _version_of(spec, kind.version))
        except msgspec.DecodeError:
            continue
        paths |= _paths(kind)
    info = {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"}
    return msgspec.json.encode({"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}})


def _version_of(spec: _SchemaSpec, name: str) -> _SchemaVersion:
    return next((version for version in spec.versions if version.name == name), _SchemaVersion(name))


def _schemas(kind: Kind, version: _SchemaVersion) -> Mapping[str, object]:
    """Returns the schemas of a kind and of its list; it takes long for a large schema."""
    name, validation = _name(kind), version.validation
    schema = _TOP.decode(published(bytes(validation.schema) if validation else b"") or _FREE)
    properties: dict[str, object] = dict(_TOP.decode(bytes(schema["properties"]))) if "properties" in schema else {}
    properties |= {"apiVersion": TEXT, "kind": TEXT, "metadata": reference("ObjectMeta")}
    fields = [{"fieldPath": field.json_path.removeprefix(".")} for field in version.fields or ()]
    selectable = {"x-kubernetes-selectable-fields": fields} if fields else {}
    listed = {
        "apiVersion": TEXT,
        "kind": TEXT,
        "metadata": reference("ListMeta"),
        "items": {"type": "array", "items": {"$ref": f"{REFERENCE}{name}"}},
    }
    return {
        name: {
            **schema,
            "properties": properties,
            **_type_of(kind, kind.name),
            **selectable,
        },
        f"{name}List": {
            "type": "object",
            "required": ["items"],
            "properties": listed,
            **_type_of(kind, f"{kind.name}List"),
            **selectable,
        },
    }


def _name(kind: Kind) -> str:
    """Returns the name of a kind's schema: its group from the end, its version, and the kind."""
    return ".".join((*reversed(kind.group.split(".")), kind.version, kind.name))


def _type_of(kind: Kind, name: str) -> Mapping[str, object]:
    return {"x-kubernetes-group-version-kind": [{"group": kind.group, "version": kind.version, "kind": name}]}


def _paths(kind: Kind) -> Mapping[str, object]:
    """Returns the paths that a snapshot serves, in the form of an API server."""
    root = f"/apis/{kind.api_version}"
    in_namespace = f"{root}/namespaces/{{namespace}}/{kind.plural}"
    lists = {f"{root}/{kind.plural}", in_namespace} if kind.namespaced else {f"{root}/{kind.plural}"}
    one = f"{in_namespace}/{{name}}" if kind.namespaced else f"{root}/{kind.plural}/{{name}}"
    return {
        **{path: {"get": _operation(kind, "list", f"{_name(kind)}List")} for path in sorted(lists)},
        one: {"get": _operation(kind, "get", _name(kind))},
    }


def _operation(kind: Kind, action: str, schema: str) -> object:
    content = {"application/json": {"schema": {"$ref": f"{REFERENCE}{schema}"}}}
    return {
        "responses": {"200": {"description": "OK", "content": content}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": {"group": kind.group, "version": kind.version, "kind": kind.name},
    }


_FREE: Final = b'{"type":"object","x-kubernetes-preserve-unknown-fields":true}'
"""The schema of a version without one."""
_TEXTS: Final = {"type": "object", "additionalProperties": TEXT}
_COMMON: Final[Mapping[str, object]] = {
    f"{META}.ObjectMeta": {
        "type": "object",
        "properties": {
            **dict.fromkeys(("generateName", "name", "namespace", "resourceVersion", "selfLink", "uid"), TEXT),
            "annotations": _TEXTS,
            "labels": _TEXTS,
            "creationTimestamp": {"type": "string", "format": "date-time"},
            "deletionTimestamp": {"type": "string", "format": "date-time"},
            "deletionGracePeriodSeconds": {"type": "integer", "format": "int64"},
            "generation": {"type": "integer", "format": "int64"},
            "finalizers": {"type": "array", "items": TEXT},
            "managedFields": {"type": "array", "items": {"type": "object"}},
            "ownerReferences": {"type": "array", "items": {"type": "object"}},
        },
    },
    f"{META}.ListMeta": {
        "type": "object",
        "properties": {
            **dict.fromkeys(("continue", "resourceVersion", "selfLink"), TEXT),
            "remainingItemCount": {"type": "integer", "format": "int64"},
        },
    },
}
"""Schemas that each document refers to; without the details of entries, which every client knows."""
