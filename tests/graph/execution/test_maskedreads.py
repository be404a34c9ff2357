"""Remote fields that read other objects: null with a note for each masked path that they read, never a wrong value."""

from collections.abc import Iterable, Sequence
from typing import Final

import pytest

from graph.engine import Engine
from graph.schema.returns import returns
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.masking.maskedpaths import masked_paths
from k8s.masking.masking import Masking
from k8s.reading.selection import Selection
from resolvers.kinds.families import FAMILIES
from resolvers.links.fetching import Fetch
from resolvers.links.members import RemoteField
from resolvers.names import list_name
from tests.controlplane.json_object import JsonObject
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

FIELDS: Final = [
    (family.owner, member)
    for family in FAMILIES
    if isinstance(family.owner, Kind)
    for member in family.members.values()
    if isinstance(member, RemoteField) and member.arguments is None
]


def _objects(kind: Kind) -> Sequence[JsonObject]:
    metadata: JsonObject = {"name": "a"}
    if kind.namespaced:
        metadata["namespace"] = "shop"
    return [{"metadata": metadata}]


async def _reads(engine: Engine, root: str, field: str, monkeypatch: pytest.MonkeyPatch) -> set[tuple[Kind, str]]:
    """Returns the kinds and the paths that a field reads of other objects."""
    found = set[tuple[Kind, str]]()
    original = Fetch._with

    def noted(fetch: Fetch, kind: Kind, selection: Selection, reads: Iterable[str]) -> Selection:
        paths = [*reads]
        found.update((kind, path) for path in paths)
        return original(fetch, kind, selection, paths)

    with monkeypatch.context() as patched:
        patched.setattr(Fetch, "_with", noted)
        await Asking(engine, fleet_of([ObjectsSender("one", _objects)]))(f"{{ {root} {{ nodes {{ {field} }} }} }}")
    return {(kind, path) for kind, path in found if path == "metadata.annotations" or not path.startswith("metadata.")}


async def test_a_field_is_null_for_each_masked_kind_that_it_reads(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = set[str]()
    for owner, member in FIELDS:
        root, name = list_name(owner), member.name
        composite = returns(member.returns).composite
        field = name if composite is None else f"{name} {{ __typename }}"
        reads = await _reads(engine, root, field, monkeypatch)
        for kind, path in dict(sorted(reads, key=str)).items():
            masking = Masking(masked_paths(f"{kind}:{path}"))
            asking = Asking(engine, fleet_of([ObjectsSender("one", _objects)], masking=masking), masking=masking)
            query = f"{{ {root} {{ clusters {{ notes {{ code message }} }} nodes {{ {field} }} }} }}"

            answer = (await asking(query)).to_builtins()

            message = f"the operator masks fields of {kind.plural} that values are made of."
            notes = [{"notes": [{"code": "MASKED", "message": message}]}]
            assert answer == {"data": {root: {"clusters": notes, "nodes": [{name: None}]}}}, (root, name, path)
            checked.add(f"{root}.{name}")
    assert checked >= {"storageClasses.isDefault", "serviceAccounts.effectiveRules", "services.endpointCounts"}


@pytest.mark.parametrize(
    ("root", "field", "mask", "plural"),
    [
        ("pods", "columns { name }", "pods:spec.nodeName", "pods"),
        ("secrets", "tls { subject }", "secrets:type", "secrets"),
        ("pods", "containers { env { name } }", "pods:spec.containers.env", "pods"),
    ],
)
async def test_masked_values_of_an_object_itself_are_null_with_a_note(
    engine: Engine, root: str, field: str, mask: str, plural: str
) -> None:
    masking = Masking(masked_paths(mask))
    objects: dict[Kind, JsonObject] = {
        kinds.POD: {"spec": {"containers": [{"name": "c", "env": [{"name": "A", "value": "1"}]}]}}
    }

    def found(kind: Kind) -> Sequence[JsonObject]:
        return [one | objects.get(kind, {}) for one in _objects(kind)]

    asking = Asking(engine, fleet_of([ObjectsSender("one", found)], masking=masking), masking=masking)

    answer = (
        await asking(f"{{ {root} {{ clusters {{ notes {{ code message }} }} nodes {{ {field} }} }} }}")
    ).to_builtins()

    message = f"the operator masks fields of {plural} that values are made of."
    assert answer["data"][root]["clusters"] == [{"notes": [{"code": "MASKED", "message": message}]}]
