"""Every field that is made of paths which the operator masks: null with a note, or as it was, never another value."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pytest
from graphql import GraphQLSchema

from graph.engine import Engine
from graph.schema.catalogue import catalogue
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import MaskedPath, masked_paths
from k8s.masking.masking import Masking
from resolvers.links.masked import masked_absence, reads_maskable
from resolvers.links.members import Derived, Link, RemoteField
from resolvers.names import list_name, type_name
from tests.graph.bodies import MadeObjects
from tests.graph.conditions import MEASURED
from tests.graph.everyfield import Values, selected
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

ARGUMENTS: Final[Values] = defaultdict(list)
"""No values, so that fields with required arguments are left out."""
OBJECTS: Final = MadeObjects(15)
APART: Final = MEASURED | {"columns", "manifest"}
"""Fields that are new each time, of Tables, or whole objects."""


def masking_of(kind: Kind, path: str) -> Masking:
    return Masking([MaskedPath(kind.group, kind.plural, tuple(path.split(".")))])


def _members() -> Iterator[tuple[str, Kind, Derived | RemoteField | Link]]:
    for row_type in catalogue().values():
        kind = row_type.kind or row_type.part_of
        for member in row_type.members.values():
            if kind is not None and isinstance(member, Derived | RemoteField | Link):
                yield row_type.name, kind, member


def test_each_path_that_a_member_reads_makes_it_null() -> None:
    paths = [
        (owner, kind, member, path)
        for owner, kind, member in _members()
        if reads_maskable(owner, member)
        for path in member.reads
    ]
    assert len(paths) > 800
    for owner, kind, member, path in paths:
        for masked in (path, f"{path}.x", path.split(".")[0]):
            assert masked_absence(masking_of(kind, masked), owner, member, kind), (owner, member.name, masked)
        assert not masked_absence(masking_of(kind, "spec.another"), owner, member, kind)


def _paths_of(kind: Kind) -> list[str]:
    """Returns the parts of the object that its fields are made of, such as `status`."""
    reads = {
        path.split(".")[0]
        for _owner, of, member in _members()
        if of == kind and isinstance(member, Derived | RemoteField)
        for path in member.reads
    }
    return sorted(reads - {"metadata"})


CASES: Final = [pytest.param(kind, id=type_name(kind)) for kind in BUILT_IN if _paths_of(kind)]


@pytest.mark.parametrize("kind", CASES)
async def test_fields_of_masked_paths_are_null_or_unchanged(engine: Engine, schema: GraphQLSchema, kind: Kind) -> None:
    members = {name for name, one in catalogue()[type_name(kind)].members.items() if not isinstance(one, Link)}
    fields = [one for one in selected(schema, type_name(kind), ARGUMENTS) if one.split()[0] in members - APART]
    root = list_name(kind)
    query = f"{{ {root} {{ nodes {{ {' '.join(fields)} }} clusters {{ notes {{ code }} }} }} }}"

    async def asked(masking: Masking) -> Any:
        sender = ObjectsSender("a", OBJECTS)
        answer = await Asking(engine, fleet_of([sender], masking=masking), masking=masking)(query)
        assert not answer.errors, [(error["path"], error["message"]) for error in answer.errors]
        return answer.to_builtins()["data"][root]

    plain = await asked(Masking())
    for path in _paths_of(kind):
        masked = await asked(masking_of(kind, path))
        pairs = [*zip(plain["nodes"], masked["nodes"], strict=True)]
        changed = {key for before, after in pairs for key in before if after[key] != before[key]}
        wrong = {key for before, after in pairs for key in before if not _is_less(before[key], after[key])}
        assert not wrong, (path, wrong)
        assert not changed or {"code": "MASKED"} in masked["clusters"][0]["notes"], (path, changed)


@pytest.mark.parametrize(
    ("masked", "parents", "link"),
    [
        ("pods:spec.nodeName", "pods", "node { name }"),
        ("pods:spec.nodeName", "nodes", "pods { totalCount }"),
        ("services:spec.selector", "services", "pods { nodes { name } }"),
        ("services:spec.selector", "pods", "services { nodes { name } }"),
        ("persistentvolumeclaims:spec.volumeName", "persistentVolumeClaims", "persistentVolume { name }"),
        ("ingresses:spec.ingressClassName", "ingressClasses", "ingresses { totalCount }"),
    ],
)
async def test_links_by_masked_paths_are_null(engine: Engine, masked: str, parents: str, link: str) -> None:
    masking = Masking(masked_paths(masked))
    sender = ObjectsSender("a", OBJECTS)
    query = f"{{ {parents} {{ nodes {{ {link} }} clusters {{ notes {{ code }} }} }} }}"

    answer = await Asking(engine, fleet_of([sender], masking=masking), masking=masking)(query)

    assert not answer.errors
    found = answer.to_builtins()["data"][parents]
    assert {str(one) for row in found["nodes"] for one in row.values()} == {"None"}
    assert found["clusters"] == [{"notes": [{"code": "MASKED"}]}]


def _is_less(before: Any, after: Any) -> bool:
    """Returns whether a value is as it was, but for nulls at any depth."""
    if after is None or after == before:
        return True
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_is_less(before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_is_less, before, after))
    return False
