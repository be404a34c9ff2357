"""Made-up custom kinds, and a source of them for an engine: which clusters serve which kinds can change."""

import asyncio
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from graph.schema.customcatalogue import CustomTypes
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import Field, FieldFormat, Structure
from k8s.kinds.structures import Structures
from k8s.schemas.kindschema import KindProblem
from resolvers.names import type_name
from tests.graph.bodies import MadeObjects
from tests.graph.senders import ObjectsSender

WIDGET = Kind("acme.com", "v1", "Widget", "widgets")
GADGET = Kind("acme.com", "v1beta1", "Gadget", "gadgets", namespaced=False)
GIZMO = Kind("other.com", "v1", "Gizmo", "gizmos")
KINDS = (WIDGET, GADGET, GIZMO)
_METADATA = Field("metadata", "Standard object metadata.", structure="ObjectMeta", is_required=True)


@dataclass(frozen=True)
class MadeTypes:
    """The custom kinds of one schema."""

    kinds: Mapping[Kind, str]
    structures: Mapping[str, Structure]
    problems: Sequence[KindProblem] = ()


def made_types(*kinds: Kind) -> MadeTypes:
    """Returns kinds with fields of all formats, lists, recursion, embedded objects, and unusual names."""
    structures = [structure for kind in kinds for structure in _structures(type_name(kind))]
    return MadeTypes({kind: type_name(kind) for kind in kinds}, {structure.name: structure for structure in structures})


def all_structures(*kinds: Kind) -> Structures:
    """Returns the same structures as an addition to the built-in ones."""
    return Structures(made_types(*kinds).structures, built_in_structures())


def custom_sender(name: str, seed: int, *kinds: Kind) -> ObjectsSender:
    """Returns an API server that serves custom kinds beside the built-in ones."""
    return ObjectsSender(name, MadeObjects(seed, all_structures(*KINDS)), custom=kinds)


def _structures(root: str) -> list[Structure]:
    leaves = tuple(Field(f"a{leaf.name.title().replace('_', '')}", f"A {leaf}.", format=leaf) for leaf in FieldFormat)
    lists = tuple(
        Field(f"some{leaf.name.title().replace('_', '')}", "", format=leaf, is_list=True)
        for leaf in (FieldFormat.STRING, FieldFormat.INT64, FieldFormat.ANY)
    )
    odd = tuple(Field(key, "", format=FieldFormat.STRING) for key in ("$ref", "x-kubernetes-odd", "class", "nodes"))
    return [
        Structure(
            root,
            f"A {root} for tests.",
            (
                _METADATA,
                Field("spec", "Its wanted state.", structure=f"{root}_Spec"),
                Field("status", "", structure=f"{root}_StatusConnection"),
                Field("owner", "A field with the name of a member.", format=FieldFormat.STRING),
            ),
        ),
        Structure(
            f"{root}_Spec",
            "A wanted state.",
            (
                *leaves,
                *lists,
                *odd,
                Field("tree", "", structure=f"{root}_Spec"),
                Field("parts", "Its parts.", structure=f"{root}_Part", is_list=True),
                Field("template", "", structure="PodTemplateSpec"),
                Field("claims", "", structure="PersistentVolumeClaim", is_list=True),
                Field("inner", "", structure=root),
            ),
        ),
        Structure(f"{root}_Part", "", (Field("name", "", format=FieldFormat.STRING),)),
        Structure(
            f"{root}_StatusConnection",
            "A structure with the name of a connection.",
            (
                Field("nodes", "", structure=f"{root}_Part", is_list=True),
                Field("conditions", "", structure="Condition", is_list=True),
                Field("totalCount", "", format=FieldFormat.INT32),
            ),
        ),
    ]


@dataclass
class MadeSource:
    """A source of the kinds that clusters serve, by name.

    Attributes:
        serving: the kinds by the name of the cluster.
        gate: builds wait until it is set.
        asked: the keys whose kinds were read.
        failure: raised instead of an answer.
    """

    serving: dict[str, Collection[Kind]] = field(default_factory=dict)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Hashable] = field(default_factory=list)
    failure: Exception | None = None

    def key(self, cluster_ids: Collection[str]) -> Hashable:
        """Returns the set of the kinds."""
        names = (cluster_id.removeprefix("id-") for cluster_id in cluster_ids)
        return frozenset(kind for name in names for kind in self.serving.get(name, ())) or None

    def key_of_all(self) -> Hashable:
        """Returns the set of the kinds of all clusters."""
        return self.key(self.serving)

    def key_with(self, cluster_ids: Collection[str], named: frozenset[str]) -> Hashable:
        """Returns the set of the kinds, with those of `named`."""
        own, everything = self.key(cluster_ids) or frozenset(), self.key_of_all() or frozenset()
        assert isinstance(own, frozenset)
        assert isinstance(everything, frozenset)
        return own | {kind for kind in everything if type_name(kind) in named}

    def is_current(self, key: Hashable) -> bool:
        """Returns whether all kinds are served."""
        everything = self.key_of_all() or frozenset()
        assert isinstance(key, frozenset)
        assert isinstance(everything, frozenset)
        return key <= everything

    async def types(self, key: Hashable) -> CustomTypes:
        """Returns the kinds as soon as the gate is open."""
        self.asked.append(key)
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        assert isinstance(key, frozenset)
        return made_types(*sorted(key, key=str))


def open_source(serving: Mapping[str, Collection[Kind]]) -> MadeSource:
    """Returns a source that answers at once."""
    source = MadeSource(dict(serving))
    source.gate.set()
    return source
