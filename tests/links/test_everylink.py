"""Every link of `docs/links.md` on a real API server, beside an independent reading of the raw objects.

Each link leads from all objects of its kind, and each finds some. A new link needs an entry in `builtinrelations` or
`customrelations`, and objects in `builtin.yaml` or `custom.yaml` that lead to each other.
"""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pytest

from graph.engine import Engine
from graph.schema.catalogue import catalogue
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structures import Structures
from k8s.schemas.fleettypes import fleet_types
from k8s.schemas.learning import learn
from k8s.schemas.names import kind_type_name
from k8s.transport.deadline import Deadline
from resolvers.kinds.custom.customlinks import custom_links
from resolvers.links.members import Link, Shape
from resolvers.names import list_name, type_name
from resolvers.typedkinds import TypedKinds
from tests.conftest import running
from tests.controlplane.cluster import Cluster
from tests.controlplane.users import HARNESS
from tests.docs.links import documented_links, documented_links_of_every_object
from tests.graph.fleets import FAR, Asking, connection_to, fleet_of
from tests.graph.knowntypes import KnownTypes
from tests.links.builtinrelations import BUILT_IN_RELATIONS
from tests.links.customrelations import CUSTOM_RELATIONS
from tests.links.everyobject import OF_EVERY_OBJECT, Children
from tests.links.manifests import custom_kinds
from tests.links.relation import Json, LeadsTo, Relation, World, name, space
from tests.links.writing import read, write
from tests.truth.everything import everything

RELATIONS: Final = (*BUILT_IN_RELATIONS, *CUSTOM_RELATIONS)
ARGUMENTS: Final = {"objects": "(first: 100)"}
"""The arguments that links must have."""

Place = tuple[str, str, str]
"""Kind, namespace and name of an object."""


def _by_kind() -> Mapping[str, Mapping[str, tuple[str, LeadsTo]]]:
    """Returns the links of each kind: the kind that each leads to, and its meaning."""
    found: defaultdict[str, dict[str, tuple[str, LeadsTo]]] = defaultdict(dict)
    for relation in RELATIONS:
        for (kind, link), to, leads_to in zip(relation.names, *_ends(relation), strict=False):
            found[kind][link] = (to, leads_to)
    return found


def _ends(relation: Relation) -> tuple[tuple[str, str], tuple[LeadsTo, LeadsTo]]:
    kind, _, _ = relation.link.rpartition(".")
    return (relation.to, kind), (relation.leads_to, lambda one, other, world: relation.leads_to(other, one, world))


LINKS: Final = _by_kind()


def _of_every_object(kind: str) -> Mapping[str, Children]:
    """Returns the links of every object for one kind, whose objects have some of each."""
    return OF_EVERY_OBJECT if kind == "Pod" else {}


@dataclass(frozen=True)
class Compared:
    """The objects of a server, and GraphQL over it.

    Attributes:
        kinds: each kind by its name in `World`.
        shapes: the shape of each link by type and name.
    """

    world: World
    asking: Asking
    kinds: Mapping[str, Kind]
    shapes: Mapping[tuple[str, str], Shape]

    async def nodes(self, kind: str) -> Sequence[Json]:
        """Returns all objects of a kind with all of its links."""
        root, of_type = list_name(self.kinds[kind]), type_name(self.kinds[kind])
        fields = " ".join(self._selected(of_type, link) for link in (*LINKS[kind], *_of_every_object(kind)))
        query = f"{{ {root}(first: 1000) {{ nodes {{ kind name namespace {fields} }} }} }}"
        answer = json.loads((await self.asking(query, limits=FAR)).to_json())
        assert "errors" not in answer, answer["errors"]
        return answer["data"][root]["nodes"]  # type: ignore[no-any-return]  # JSON

    def _selected(self, of_type: str, link: str) -> str:
        is_connection = self.shapes[of_type, link] is Shape.MANY
        below = "nodes { kind name namespace }" if is_connection else "kind name namespace"
        return f"{link}{ARGUMENTS.get(link, '')} {{ {below} }}"


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Yields an API server that also serves alpha and beta APIs."""
    yield from running(request, everything(registers_versions=False))


@pytest.fixture(scope="module")
async def compared(cluster: Cluster) -> AsyncIterator[Compared]:
    """Yields the server with all objects, and with types of its custom kinds."""
    await write(cluster)
    connection = connection_to(cluster, HARNESS)
    groups = {kind.name.partition("/")[0] for kind in custom_kinds()}
    types = fleet_types([await learn(connection, Deadline(60), chosen=groups.__contains__, before=None)], most=5000)
    structures = Structures(types.structures, built_in_structures())
    families = custom_links(TypedKinds(structures, (*BUILT_IN, *types.kinds)))
    members = {
        **{(of, link): member for of, row_type in catalogue().items() for link, member in row_type.members.items()},
        **{(of, link): member for of, family in families.items() for link, member in family.members.items()},
    }
    shapes = {place: member.shape for place, member in members.items() if isinstance(member, Link)}
    kinds = {
        **{type_name(kind): kind for kind in BUILT_IN},
        **{f"{kind.group}/{kind.name}": kind for kind in types.kinds},
    }
    try:
        asking = Asking(Engine(types=KnownTypes(types)), fleet_of([connection]))
        yield Compared(await read(cluster), asking, kinds, shapes)
    finally:
        await connection.close()


def _place(item: Json) -> Place:
    return item["kind"], item.get("namespace") or "", item["name"]


def _raw_place(item: Json) -> Place:
    return item["kind"], space(item), name(item)


def _children(answer: Json) -> Sequence[Json]:
    if answer is None:
        return ()
    return answer if isinstance(answer, list) else answer.get("nodes", (answer,))


@pytest.mark.controlplane
@pytest.mark.parametrize("kind", sorted(LINKS))
async def test_every_link_leads_to_the_objects_that_their_json_relates(compared: Compared, kind: str) -> None:
    world = compared.world
    known = {_raw_place(item) for items in world.objects.values() for item in items}
    nodes = {_place(node): node for node in await compared.nodes(kind)}
    counts = dict.fromkeys((*LINKS[kind], *_of_every_object(kind)), 0)
    different = []

    for item in world.of(kind):
        node: Any = nodes[_raw_place(item)]
        expected: dict[str, Iterable[Json]] = {
            link: [other for other in world.of(to) if leads_to(item, other, world)]
            for link, (to, leads_to) in LINKS[kind].items()
        }
        expected |= {link: children(item, world) for link, children in _of_every_object(kind).items()}
        for link, children in expected.items():
            found = [place for child in _children(node[link]) if (place := _place(child)) in known]
            if sorted(found) != sorted(map(_raw_place, children)):
                different.append((_raw_place(item), link, found, [*map(_raw_place, children)]))
            counts[link] += len(found)

    assert different == []
    assert [link for link, number in counts.items() if not number] == []


def test_every_link_of_the_document_is_tested_here() -> None:
    built_in = {type_name(kind) for kind in BUILT_IN}
    tested = [
        (kind if kind in built_in else kind_type_name(*kind.split("/")), link)
        for relation in RELATIONS
        for kind, link in relation.names
    ]

    assert sorted(tested) == sorted(documented_links())
    assert {*OF_EVERY_OBJECT} == documented_links_of_every_object()
