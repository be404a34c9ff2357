"""A link between two kinds, of which at least one is custom: an entry of a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from k8s.kinds.kind import Kind
from k8s.kinds.structure import Field
from k8s.kinds.structures import Structures
from k8s.reading.rowdecoders import Row
from resolvers.links.members import Family, Shape
from resolvers.links.naming import Naming, Place, add_named, add_naming, by_paths, namespace_of, steps_of, values_at
from resolvers.links.owning import Owning, add_owned, add_owner
from resolvers.names import type_name

_NAME: Final = "name"
_REFERENCE_KEYS: Final = (_NAME, "namespace", "kind", "group", "apiGroup", "apiVersion")


class GroupKind(NamedTuple):
    """An API group and a kind of it, in any version."""

    group: str
    name: str


class By(Enum):
    """The way in which an object leads to another one."""

    NAME = "name"
    """A path to names of objects in its own namespace, or of the whole cluster."""
    REFERENCE = "reference"
    """A path to references: objects with `name`, and perhaps with `namespace`, `kind` and a group."""
    CONTROLLER = "controller"
    """Its owner reference with `controller: true`."""


@dataclass(frozen=True, slots=True)
class CustomLink:
    """A link between two kinds in both directions.

    Attributes:
        of: the kind of the objects that name others, or that are controlled by them.
        to: the kind of the objects that are named, or that control others.
        name: the field of `of`.
        back: the field of `to`: a connection of the objects that lead to it.
        path: the path to names or references; empty for a controller.
        by: the way.
        is_list: whether an object may lead to several others.
        is_default: whether a reference without a kind is one to `to`.
    """

    of: GroupKind
    to: GroupKind
    name: str
    back: str
    path: str = ""
    by: By = By.NAME
    is_list: bool = False
    is_default: bool = False

    def add_to(self, of: Family, to: Family, structures: Structures) -> None:
        """Adds the links to the families of both kinds, if the first one has the path."""
        assert isinstance(of.owner, Kind) and isinstance(to.owner, Kind)  # noqa: S101, PT018  families of kinds
        if self.by is By.CONTROLLER:
            owning = Owning(to.owner, of.owner)
            add_owner(of, owning, name=self.name, description=self.forward_text)
            add_owned(to, owning, name=self.back, description=self.backward_text)
        elif (naming := self._naming(of.owner, to.owner, structures)) is not None:
            shape = Shape.SOME if self.is_list else Shape.ONE
            add_named(of, naming, name=self.name, shape=shape, description=self.forward_text)
            add_naming(to, naming, name=self.back, description=self.backward_text)

    @property
    def forward_text(self) -> str:
        """Returns the description of the field of `of`."""
        if self.by is By.CONTROLLER:
            return f"The {self.to.name} that controls it; null if there is none."
        objects = f"{self.to.name} objects" if self.is_list else self.to.name
        return f"The {objects} that `{self.path}` names" + ("." if self.is_list else "; null if there is none.")

    @property
    def backward_text(self) -> str:
        """Returns the description of the field of `to`."""
        if self.by is By.CONTROLLER:
            return f"The {self.of.name} objects that it controls."
        return f"The {self.of.name} objects whose `{self.path}` names it."

    def _naming(self, of: Kind, to: Kind, structures: Structures) -> Naming | None:
        end = field_at(structures, type_name(of), self.path)
        if end is None or (end.structure is None) is not (self.by is By.NAME):
            return None
        if end.structure is None:
            return by_paths(of, to, self.path)
        keys = [key for key in _REFERENCE_KEYS if structures[end.structure].field(key) is not None]
        if _NAME not in keys:
            return None
        reads = (*(f"{self.path}.{key}" for key in keys), *(["metadata.namespace"] if of.namespaced else []))
        is_across = to.namespaced and "namespace" in keys
        return Naming(of, to, reads, _References(self, to), is_across_namespaces=is_across)


def field_at(structures: Structures, name: str, path: str) -> Field | None:
    """Returns the field at a path of a structure; None if there is none."""
    field, structure = None, structures.get(name)
    for step in path.split("."):
        field = structure.field(step) if structure is not None else None
        if field is None:
            return None
        structure = structures.get(field.structure) if field.structure is not None else None
    return field


class _References:
    """The places of the references of an object that are to one kind."""

    def __init__(self, link: CustomLink, to: Kind) -> None:
        self._steps: Sequence[str] = steps_of(link.path)
        self._to = to
        self._is_default = link.is_default

    def __call__(self, row: Row) -> Iterator[Place]:
        for reference in values_at(row, self._steps):
            if self._leads_to_kind(reference):
                yield getattr(reference, "namespace", None) or namespace_of(row), reference.name

    def _leads_to_kind(self, reference: Row) -> bool:
        kind = getattr(reference, "kind", None)
        if kind != self._to.name and (kind or not self._is_default):
            return False
        version = getattr(reference, "apiVersion", None)
        if version:
            group: str | None = version.rpartition("/")[0]
        else:
            group = _first(getattr(reference, "group", None), getattr(reference, "apiGroup", None))
        return group is None or group == self._to.group


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value is not None), None)
