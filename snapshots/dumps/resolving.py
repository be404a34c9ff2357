"""From what an object says it is (apiVersion, kind) to the kind that is served: plural and scope are in no object."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from k8s.kinds.builtin import BUILT_IN, CUSTOM_RESOURCE_DEFINITION
from k8s.kinds.kind import Kind
from snapshots.dumps.guessing import guessed_plural
from snapshots.dumps.hints import Hint
from snapshots.dumps.manifest import Manifest
from snapshots.serving.servedkinds import ContentInvalid, defined_kinds


@dataclass(frozen=True, slots=True, order=True)
class TypeName:
    """What stands in an object."""

    api_version: str
    kind: str

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A kind, and whether its plural and scope are only guessed."""

    kind: Kind
    is_guessed: bool = False


_PLURAL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,251}[a-z0-9])?", re.ASCII)
_BUILT_IN: Final[Mapping[TypeName, Kind]] = {TypeName(kind.api_version, kind.name): kind for kind in BUILT_IN}
_BUILT_IN_NAMES: Final[Mapping[tuple[str, str], Kind]] = {(kind.group, kind.name): kind for kind in reversed(BUILT_IN)}


def built_in(type_name: TypeName) -> Kind | None:
    """The built-in kind of a type, in another version than the usual, too."""
    known = _BUILT_IN.get(type_name)
    if known is None and (other := _BUILT_IN_NAMES.get((type_name.group, type_name.kind))) is not None:
        return replace(other, version=type_name.api_version.rpartition("/")[2])
    return known


def is_plural(name: str) -> bool:
    """Whether a resource can have that name, as it stands in a path."""
    return _PLURAL.fullmatch(name) is not None


class KindBook:
    """Collects what a dump says of kinds."""

    def __init__(self) -> None:
        self._defined: dict[TypeName, Kind] = {}
        self._listed: dict[TypeName, Kind] = {}
        self._hinted: dict[TypeName, Hint] = {}

    def note_definition(self, type_name: TypeName, body: bytes) -> None:
        """A custom resource definition; one that is no good defines nothing."""
        if (type_name.group, type_name.kind) != (CUSTOM_RESOURCE_DEFINITION.group, CUSTOM_RESOURCE_DEFINITION.name):
            return
        try:
            kinds = defined_kinds(msgspec.json.decode(body))
        except (ContentInvalid, msgspec.DecodeError, RecursionError):
            return
        self._defined |= {TypeName(kind.api_version, kind.name): kind for kind in kinds if is_plural(kind.plural)}

    def note_manifest(self, manifest: Manifest) -> None:
        """What our own snapshot lists."""
        kinds = [each.as_kind for each in manifest.kinds if is_plural(each.plural)]
        self._listed |= {TypeName(kind.api_version, kind.name): kind for kind in kinds}

    def note_hint(self, type_name: TypeName, hint: Hint | None) -> None:
        """The folder in which an object of the type was found."""
        if hint is not None and hint.group == type_name.group and is_plural(hint.plural):
            self._hinted[type_name] = hint

    def resolved(self, type_name: TypeName, *, has_namespaces: bool) -> Resolved:
        """The kind of a type; `has_namespaces` says whether an object of it names one."""
        for known in (built_in(type_name), self._defined.get(type_name), self._listed.get(type_name)):
            if known is not None:
                return Resolved(known)
        group, version = type_name.group, type_name.api_version.rpartition("/")[2]
        if (hint := self._hinted.get(type_name)) is not None:
            return Resolved(Kind(group, version, type_name.kind, hint.plural, namespaced=hint.namespaced))
        plural = guessed_plural(type_name.kind)
        return Resolved(Kind(group, version, type_name.kind, plural, namespaced=has_namespaces), is_guessed=True)
