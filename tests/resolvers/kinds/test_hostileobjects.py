"""Derived fields and rules of links, of objects as hostile as servers may send them: they never raise."""

from collections.abc import Iterator
from itertools import chain
from random import Random
from typing import Any, Final

import msgspec
import pytest

from graph.planning.readpaths import add_read
from graph.schema.catalogue import catalogue
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import FieldFormat, Structure
from k8s.reading.rowdecoders import object_decoder
from k8s.reading.selection import Selection, SelectionBuilder
from resolvers.kinds.families import FAMILIES
from resolvers.links.members import Derived, Link
from resolvers.links.naming import Naming
from resolvers.links.selecting import Selecting
from resolvers.names import type_name

OBJECTS: Final = 40
TEXTS: Final = (
    "",
    " ",
    "a",
    "-",
    "/",
    "=",
    "true",
    "True",
    "Pod",
    "9" * 300,
    "a" * 300,
    "10%",
    "\u0000",
    "é",
    "-1",
    "0",
)
LABELS: Final[tuple[dict[str, str] | None, ...]] = (
    None,
    {},
    {"": ""},
    {"a": "b", "app": "web"},
    {f"k{number}": "v" for number in range(300)},
)
QUANTITIES: Final = ("0", "1", "-1", "1e400", "9" * 400, "1Ki", "Ki", "", "1.5m", "NaN", 0, -(2**53), 1.5)
LEAVES: Final[dict[FieldFormat, tuple[Any, ...]]] = {
    FieldFormat.STRING: TEXTS,
    FieldFormat.BYTES: ("", "AA==", "not base64", "A"),
    FieldFormat.TIME: (
        "",
        "2026-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "yesterday",
        "9" * 99,
    ),
    FieldFormat.INT32: (0, 1, -1, 2**31 - 1, -(2**31)),
    FieldFormat.INT64: (0, 1, -1, 2**63 - 1, -(2**63)),
    FieldFormat.NUMBER: (0, -1.5, 1e300),
    FieldFormat.BOOLEAN: (True, False),
    FieldFormat.QUANTITY: QUANTITIES,
    FieldFormat.INT_OR_STRING: (0, -1, 2**31 - 1, "10%", "-1%", "%", "", "a"),
    FieldFormat.STRING_MAP: LABELS,
    FieldFormat.QUANTITY_MAP: ({}, *({"cpu": one, "memory": one, "": one, "storage": one} for one in QUANTITIES)),
    FieldFormat.ANY: (0, "", "a", [], {}, [[]], {"": None}),
}


def _rule(member: Derived | Link) -> Naming | Selecting | None:
    """Returns the rule of a link's function, if it is a method of one."""
    rule = getattr(member.function, "__self__", None)
    return rule if isinstance(rule, Naming | Selecting) else None


MEMBERS: Final = [
    pytest.param(family.owner, member, id=f"{type_name(family.owner)}.{member.name}")
    for family in FAMILIES
    if isinstance(family.owner, Kind)
    for member in family.members.values()
    if (isinstance(member, Link) and _rule(member) is not None)
    or (isinstance(member, Derived) and not (member.arguments or member.open_reads or member.takes_cluster))
]


@pytest.mark.parametrize(("kind", "member"), MEMBERS)
def test_nothing_raises(kind: Kind, member: Derived | Link) -> None:
    random = Random(type_name(kind) + member.name)  # noqa: S311  repeatable values of a test
    rule = _rule(member)
    of = rule.of if rule is not None else kind
    reads = rule.reads if rule is not None else member.reads
    builder = SelectionBuilder()
    for path in ("metadata.name", *(("metadata.namespace",) if of.namespaced else ()), *reads):
        add_read(catalogue(), type_name(of), path, builder)
    selection = builder.freeze()
    decoder = object_decoder(type_name(of), selection, of)

    for item in _objects(random, of, selection):
        row = decoder.decode(msgspec.json.encode(item))
        if isinstance(rule, Naming):
            list(rule.places(row))
        elif isinstance(rule, Selecting):
            assert all(selector.selects({"a": "b"}) in (True, False) for selector in rule.selectors(row))
        elif isinstance(member, Derived) and not member.is_in_steps:
            member.function(row)


def _objects(random: Random, kind: Kind, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yields an object with nothing but a name, and objects with random parts of the selected fields."""
    name = {"name": "web", **({"namespace": "shop"} if kind.namespaced else {})}
    structure = built_in_structures()[type_name(kind)]
    for parts in chain([{}], (_parts(random, structure, selection) for _ in range(OBJECTS))):
        yield {**parts, "metadata": {**parts.get("metadata", {}), **name}}


def _parts(random: Random, structure: Structure, selection: Selection) -> dict[str, Any]:
    return {
        field.key: _value(random, field.format, field.structure, selection.below(field.key), is_list=field.is_list)
        for field in structure.fields
        if field.key in selection.keys and random.random() < 0.9
    }


def _value(random: Random, leaf: FieldFormat | None, structure: str | None, below: Selection, *, is_list: bool) -> Any:
    if is_list:
        length = random.choice((0, 1, 2, 3, 5))
        return [_value(random, leaf, structure, below, is_list=False) for _ in range(length)]
    if structure is not None:
        return _parts(random, built_in_structures()[structure], below)
    return random.choice(LEAVES[leaf or FieldFormat.ANY])
