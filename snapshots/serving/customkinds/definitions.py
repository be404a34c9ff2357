"""The custom resource definitions of a content: names, versions, schemas and columns of custom kinds.

Source: CustomResourceDefinitionSpec of apiextensions.k8s.io/v1.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from k8s.kinds.builtin import CUSTOM_RESOURCE_DEFINITION
from k8s.kinds.kind import Kind
from snapshots.lenientdecoder import LenientDecoder
from snapshots.serving.content import Content
from snapshots.serving.index.index import in_slices
from snapshots.serving.watching.live import LiveContent

_NO_CONVERSION: Final = "None"


class DefinedNames(msgspec.Struct, rename="camel"):
    """The names of a kind."""

    kind: str
    plural: str
    singular: str = ""
    short_names: list[str] | None = None
    categories: list[str] | None = None


class PrinterColumn(msgspec.Struct, rename="camel"):
    """A column of kubectl's table."""

    name: str
    type: str
    json_path: str
    format: str = ""
    description: str = ""
    priority: int = 0


class _Field(msgspec.Struct, rename="camel"):
    json_path: str


class DefinedVersion(msgspec.Struct, rename="camel"):
    """A version of a kind, without its schema, which may be large (`snapshots.serving.customkinds.openapi`)."""

    name: str
    served: bool = True
    columns: list[PrinterColumn] | None = msgspec.field(name="additionalPrinterColumns", default=None)
    fields: list[_Field] | None = msgspec.field(name="selectableFields", default=None)

    @property
    def selectable_paths(self) -> list[str]:
        """Returns the paths by which field selectors select."""
        return [field.json_path.lstrip(".") for field in self.fields or ()]


class _Conversion(msgspec.Struct):
    strategy: str = _NO_CONVERSION


class Definition(msgspec.Struct):
    """The definition of one kind.

    Attributes:
        versions: Its versions, served or not, in the order of the definition.
        conversion: How objects of one version are served in another.
    """

    group: str
    names: DefinedNames
    scope: str
    versions: list[DefinedVersion] | None = None
    conversion: _Conversion | None = None

    @property
    def keeps_structure(self) -> bool:
        """Returns whether versions differ in nothing but the apiVersion of an object."""
        return self.conversion is None or self.conversion.strategy == _NO_CONVERSION

    def version(self, name: str) -> DefinedVersion | None:
        """Returns a served version."""
        return next((one for one in self.versions or () if one.served and one.name == name), None)

    def kind(self, version: str) -> Kind:
        """Returns the kind in a version."""
        is_namespaced = self.scope == "Namespaced"
        return Kind(self.group, version, self.names.kind, self.names.plural, namespaced=is_namespaced)


class _Object(msgspec.Struct):
    spec: Definition


_DECODER: Final = LenientDecoder(_Object)


class KindDefinitions:
    """The definitions of custom kinds, by group and plural."""

    def __init__(self, definitions: Iterable[tuple[Definition, str]] = ()) -> None:
        """Takes definitions, each with a digest of the whole of it."""
        self._by_resource = {(one.group, one.names.plural): (one, digest) for one, digest in definitions}

    @classmethod
    async def of(cls, objects: Sequence[bytes]) -> "KindDefinitions":
        """Returns the definitions of these objects; an invalid one defines nothing."""
        found: list[tuple[Definition, str]] = []
        async for item in in_slices(objects):
            try:
                definition = _DECODER.decode(item).spec
            except msgspec.DecodeError:
                continue
            found.append((definition, blake2b(item, digest_size=16).hexdigest()))
        return cls(found)

    def of_kind(self, kind: Kind) -> Definition | None:
        """Returns the definition of a kind in any version."""
        return self._by_resource.get((kind.group, kind.plural), (None, ""))[0]

    def digest_of(self, kind: Kind) -> str:
        """Returns a digest of the definition of a kind, schemas included; empty without a definition."""
        return self._by_resource.get((kind.group, kind.plural), (None, ""))[1]

    def version_of(self, kind: Kind) -> DefinedVersion | None:
        """Returns the served version of a definition that a kind has."""
        definition = self.of_kind(kind)
        return definition.version(kind.version) if definition is not None else None


class ContentDefinitions:
    """The definitions of a content, decoded once until one of them changes."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._objects: Sequence[bytes] | None = None
        self._definitions: KindDefinitions | None = None

    async def current(self) -> KindDefinitions:
        """Returns the definitions as they are now; reads those of a content that never changes once."""
        if CUSTOM_RESOURCE_DEFINITION not in self._content.kinds:
            return _NOTHING
        if self._definitions is None or isinstance(self._content, LiveContent):
            objects = (await self._content.listed(CUSTOM_RESOURCE_DEFINITION)).objects
            if self._definitions is None or self._objects is not objects:
                self._definitions = await KindDefinitions.of(objects)
                self._objects = objects if isinstance(self._content, LiveContent) else None
        return self._definitions


_NOTHING: Final = KindDefinitions()
