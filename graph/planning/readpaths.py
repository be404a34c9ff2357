"""The paths and fields that functions, and values that are not sent, need of objects, and the types that have them."""

from typing import Any

from graph.planning.levels import Leaf, Level, Nested
from graph.schema.catalogue import Catalogue
from k8s.kinds.kind import Kind
from k8s.kinds.othershapes import has_shape_of
from k8s.kinds.structure import GENERIC_OBJECT
from k8s.reading.selection import WHOLE, SelectionBuilder
from resolvers.links.members import Derived, Link, RemoteField
from resolvers.names import type_name


def add_reads(
    catalogue: Catalogue, owner: str, member: Derived | RemoteField | Link, builder: SelectionBuilder
) -> None:
    """Adds the paths that a member's function reads: of its rows, or of the objects whose parts they are."""
    part_of = catalogue[owner].part_of
    for path in member.reads:
        add_read(catalogue, owner if part_of is None else type_name(part_of), path, builder)


def add_read(catalogue: Catalogue, owner: str, path: str, builder: SelectionBuilder) -> None:
    """Adds a path that a function of an object of a type reads; a structure at its end is decoded as a whole."""
    structure: str | None = owner
    for name in path.split("."):
        field = catalogue[structure or ""].plain[name]
        builder, structure = builder.branch(field.key), field.structure
    if structure is not None:
        _add_all(catalogue, structure, builder)


def _add_all(catalogue: Catalogue, structure: str, builder: SelectionBuilder) -> None:
    for field in catalogue[structure].plain.values():
        below = builder.branch(field.key)
        if field.structure is not None:
            _add_all(catalogue, field.structure, below)


def narrowed(member: RemoteField, checked: Any, level: Level | None) -> Any:
    """Returns a field's checked arguments for the fields of its values that are selected, now or deferred."""
    narrow = None if member.arguments is None else member.arguments.narrowed
    return checked if narrow is None or level is None else narrow(checked, _selected(level))


def _selected(level: Level) -> frozenset[str]:
    own = frozenset(entry.json_key for entry in level.entries if isinstance(entry, Leaf | Nested))
    return own.union(*(_selected(fragment.level) for fragment in level.deferred))


def add_open(selections: Any, keys: tuple[str, ...], builder: SelectionBuilder) -> None:
    """Adds the JSON paths of the selection set of a hidden field, which is below keys of the object."""
    for node in selections.selections:
        if node.name.value == WHOLE:
            builder.add_open(keys)
        else:
            add_open(node.selection_set, (*keys, node.name.value), builder)


def type_of_kind(catalogue: Catalogue, kind: Kind) -> str:
    """Returns the name of the type of a kind's objects in its version, or of the generic type."""
    name = type_name(kind)
    row_type = catalogue.get(name)
    is_typed = row_type is not None and row_type.kind is not None and has_shape_of(row_type.kind, kind.version)
    return name if is_typed else GENERIC_OBJECT.name
