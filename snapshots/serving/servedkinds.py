"""The kinds of a set of objects: the built-in ones, and those of its custom resource definitions."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from k8s.kinds.builtin import BUILT_IN, CUSTOM_RESOURCE_DEFINITION
from k8s.kinds.kind import Kind
from snapshots.serving.index.item import Item


class ContentInvalid(ValueError):
    """Objects cannot be served; the message names the first of them."""


class _Names(msgspec.Struct):
    kind: str
    plural: str


class _ServedVersion(msgspec.Struct):
    name: str
    served: bool = True


class _DefinitionSpec(msgspec.Struct):
    group: str
    names: _Names
    scope: str
    versions: list[_ServedVersion]


class _KindDefinition(msgspec.Struct):
    spec: _DefinitionSpec


def served_kinds(objects: Iterable[Item]) -> tuple[Kind, ...]:
    """Returns all built-in kinds, then the custom ones in the order of their definitions.

    Raises:
        ContentInvalid: A definition is incomplete.
    """
    custom = [kind for item in objects if _is_definition(item) for kind in defined_kinds(item)]
    return tuple(dict.fromkeys((*BUILT_IN, *custom)))


def defined_kinds(definition: Item) -> Sequence[Kind]:
    """Returns the kinds of a custom resource definition, one for each served version.

    Raises:
        ContentInvalid: It is incomplete.
    """
    try:
        spec = msgspec.convert(definition, _KindDefinition).spec
    except msgspec.ValidationError as error:
        raise ContentInvalid(f"{in_words(definition)}: {error}") from error
    is_namespaced = spec.scope == "Namespaced"
    return [
        Kind(spec.group, version.name, spec.names.kind, spec.names.plural, namespaced=is_namespaced)
        for version in spec.versions
        if version.served
    ]


def by_type(kinds: Iterable[Kind]) -> Mapping[tuple[object, object], Kind]:
    """Returns the kinds by an object's `apiVersion` and `kind`."""
    return {(kind.api_version, kind.name): kind for kind in kinds}


def in_words(item: Item) -> str:
    """Returns an object in words, for messages."""
    metadata = item.get("metadata")
    place = [metadata.get("namespace"), metadata.get("name")] if isinstance(metadata, Mapping) else []
    return " ".join((f"{item.get('apiVersion')} {item.get('kind')}", "/".join(str(name) for name in place if name)))


def _is_definition(item: Item) -> bool:
    kind = CUSTOM_RESOURCE_DEFINITION
    return (item.get("apiVersion"), item.get("kind")) == (kind.api_version, kind.name)
