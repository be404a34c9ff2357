"""Resolution of an object's apiVersion and kind to the served kind, with plural and scope, which no object has.

Source of guesses: `meta.UnsafeGuessKindToResource` of k8s.io/apimachinery, which kubectl uses as well.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from k8s.kinds.builtin import BUILT_IN, BY_NAME, CUSTOM_RESOURCE_DEFINITION
from k8s.kinds.kind import Kind
from snapshots.dumps.hints import Hint
from snapshots.dumps.manifest import Manifest
from snapshots.dumps.objecttype import ObjectType
from snapshots.serving.servedkinds import ContentInvalid, defined_kinds


@dataclass(frozen=True, slots=True)
class Resolved:
    """A kind; `is_guessed` if its plural and scope are only guessed."""

    kind: Kind
    is_guessed: bool = False


_PLURAL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,251}[a-z0-9])?", re.ASCII)
_BUILT_IN: Final[Mapping[ObjectType, Kind]] = {ObjectType(kind.api_version, kind.name): kind for kind in BUILT_IN}


def built_in(object_type: ObjectType) -> Kind | None:
    """Returns the built-in kind of a type, also in another version."""
    known = _BUILT_IN.get(object_type)
    if known is None and (other := BY_NAME.get((object_type.group, object_type.kind))) is not None:
        return replace(other, version=object_type.version)
    return known


def is_plural(name: str) -> bool:
    """Returns whether a resource can have that name in a path."""
    return _PLURAL.fullmatch(name) is not None


class KindBook:
    """The kinds of a dump, from definitions, manifests and folders."""

    def __init__(self) -> None:
        self._defined: dict[ObjectType, Kind] = {}
        self._listed: dict[ObjectType, Kind] = {}
        self._hinted: dict[ObjectType, Hint] = {}

    def note_definition(self, object_type: ObjectType, body: bytes) -> None:
        """Notes a custom resource definition; an invalid one is ignored."""
        if (object_type.group, object_type.kind) != (CUSTOM_RESOURCE_DEFINITION.group, CUSTOM_RESOURCE_DEFINITION.name):
            return
        try:
            kinds = defined_kinds(msgspec.json.decode(body))
        except (ContentInvalid, msgspec.DecodeError, RecursionError):
            return
        self._defined |= {ObjectType(kind.api_version, kind.name): kind for kind in kinds if is_plural(kind.plural)}

    def note_manifest(self, manifest: Manifest) -> None:
        """Notes the kinds of our own snapshot."""
        kinds = [listed.as_kind for listed in manifest.kinds if is_plural(listed.plural)]
        self._listed |= {ObjectType(kind.api_version, kind.name): kind for kind in kinds}

    def note_hint(self, object_type: ObjectType, hint: Hint | None) -> None:
        """Notes the folder of an object of the type."""
        if hint is not None and hint.group == object_type.group and is_plural(hint.plural):
            self._hinted[object_type] = hint

    def resolved(self, object_type: ObjectType, *, has_namespaces: bool) -> Resolved:
        """Returns the kind of a type; `has_namespaces` says whether one of its objects has a namespace."""
        for known in (built_in(object_type), self._defined.get(object_type), self._listed.get(object_type)):
            if known is not None:
                return Resolved(known)
        group, version = object_type.group, object_type.version
        if (hint := self._hinted.get(object_type)) is not None:
            return Resolved(Kind(group, version, object_type.kind, hint.plural, namespaced=hint.namespaced))
        plural = guessed_plural(object_type.kind)
        return Resolved(Kind(group, version, object_type.kind, plural, namespaced=has_namespaces), is_guessed=True)


def guessed_plural(kind: str) -> str:
    """Returns the most likely resource name of a kind: `widgets` for `Widget`, `policies` for `Policy`."""
    singular = kind.lower()
    if singular.endswith("endpoints"):
        return singular
    if singular.endswith("s"):
        return f"{singular}es"
    if singular.endswith("y"):
        return f"{singular[:-1]}ies"
    return f"{singular}s"
