"""Objects of every kind as an API server might send them, and stranger ones; the same for the same seed."""

from collections.abc import Mapping, Sequence
from random import Random

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures
from k8s.kinds.structure import Field, FieldFormat
from k8s.kinds.structures import Structures
from resolvers.names import type_name
from tests.controlplane.json_object import JsonObject, JsonValue

NAMESPACES = ("n-1", "n-2")
NAMES = ("m-1", "m-2", "m-3", "m-4", "m-5")
_DEEPEST = 6
_OWNERS: Mapping[Kind, Kind] = {
    kinds.POD: kinds.REPLICA_SET,
    kinds.REPLICA_SET: kinds.DEPLOYMENT,
    kinds.SERVICE: kinds.NODE,
}
_TEXTS = ("", "a", "Ready", "True", "Running", "ünïcødé \u2028 😀", 'quote " and \\', "\x7f", "null", "1")
_KEYS = ("app", "a.b/c-d", "", "__typename", "größe", "kubernetes.io/role", "node-role.kubernetes.io/x", "name", "$ref")


class MadeObjects:
    """The objects of one cluster, made at the first list of a kind."""

    def __init__(self, seed: int, structures: Structures | None = None) -> None:
        """Takes the seed, and the structures of kinds; None for those of built-in ones."""
        self._seed = seed
        self._structures = structures or built_in_structures()
        self._by_kind: dict[Kind, Sequence[JsonObject]] = {}

    def __call__(self, kind: Kind) -> Sequence[JsonObject]:
        """Returns all objects of a kind."""
        if kind not in self._by_kind:
            self._by_kind[kind] = [self._object(kind, place) for place in self._places(kind)]
        return self._by_kind[kind]

    def _places(self, kind: Kind) -> list[tuple[str | None, str]]:
        random = self._random(kind, "places")
        if kind == kinds.NAMESPACE:
            return [(None, name) for name in NAMESPACES]
        within = NAMESPACES if kind.namespaced else (None,)
        return [(namespace, name) for namespace in within for name in random.sample(NAMES, random.randint(1, 4))]

    def _object(self, kind: Kind, place: tuple[str | None, str]) -> JsonObject:
        namespace, name = place
        body = ValueWriter(self._random(kind, namespace, name), self._structures).structure(type_name(kind))
        metadata = body.get("metadata")
        assert isinstance(metadata, dict)
        metadata.pop("namespace", None)
        metadata |= {"name": name, "uid": _uid(kind, place)} | ({"namespace": namespace} if namespace else {})
        if kind in _OWNERS:
            metadata["ownerReferences"] = self._owners(_OWNERS[kind], place)
        spec = body.get("spec")
        if kind == kinds.POD and isinstance(spec, dict):
            spec["nodeName"] = self._random(kind, place).choice((*NAMES, None))
        return body

    def _owners(self, owner: Kind, place: tuple[str | None, str]) -> list[JsonValue]:
        random = self._random(owner, "owners", place)
        candidates = [item for item in self._places(owner) if item[0] in {None, place[0]}]
        if not candidates or random.random() < 0.2:
            return []
        chosen = random.choice(candidates)
        reference: JsonObject = {"apiVersion": owner.api_version, "kind": owner.name, "name": chosen[1]}
        return [reference | {"uid": _uid(owner, chosen), "controller": random.random() < 0.9}]

    def _random(self, *parts: object) -> Random:
        return Random(f"{self._seed} {parts}")  # noqa: S311  reproducible, not secret


class ValueWriter:
    """Writes values by their description."""

    def __init__(self, random: Random, structures: Structures | None = None) -> None:
        self._random = random
        self._structures = structures or built_in_structures()

    def structure(self, name: str, depth: int = 0) -> JsonObject:
        """Returns a structure with some of its fields; the deeper, the fewer."""
        chance = 0.75 if depth < 2 else 0.4 if depth < 4 else 0.15
        return {
            field.key: self._value(field, depth)
            for field in self._structures[name].fields
            if field.is_required or (depth < _DEEPEST and self._random.random() < chance)
        }

    def _value(self, field: Field, depth: int) -> JsonValue:
        if not field.is_required and self._random.random() < 0.1:
            return None
        if field.is_list:
            return [self._one(field, depth) for _ in range(self._random.randint(0, 2))]
        return self._one(field, depth)

    def _one(self, field: Field, depth: int) -> JsonValue:
        if field.structure is not None:
            return self.structure(field.structure, depth + 1)
        return self._leaf(field.format or FieldFormat.ANY)

    def _leaf(self, leaf: FieldFormat) -> JsonValue:
        random = self._random
        match leaf:
            case FieldFormat.INT32:
                return random.choice((0, 1, -1, 2**31 - 1, -(2**31)))
            case FieldFormat.INT64:
                return random.choice((0, 2**53 + 1, 2**63 - 1, -(2**63)))
            case FieldFormat.NUMBER:
                return random.choice((0, 1, 0.5, -1.5e300, 2**53))
            case FieldFormat.BOOLEAN:
                return random.random() < 0.5
            case FieldFormat.QUANTITY:
                return random.choice(("1500m", "2Gi", "0", 3, 0.5))
            case FieldFormat.INT_OR_STRING:
                return random.choice((80, "http", "25%"))
            case FieldFormat.STRING_MAP:
                return {random.choice(_KEYS): random.choice(_TEXTS) for _ in range(random.randint(0, 3))}
            case FieldFormat.QUANTITY_MAP:
                return {random.choice(("cpu", "memory", "pods", "")): random.choice(("1", "2Gi", 3, 0.5))}
            case FieldFormat.ANY:
                return self._free(0)
            case _:
                return random.choice(_TEXTS)

    def _free(self, depth: int) -> JsonValue:
        random = self._random
        if depth < 3 and random.random() < 0.5:
            if random.random() < 0.5:
                return [self._free(depth + 1) for _ in range(random.randint(0, 3))]
            return {random.choice(_KEYS): self._free(depth + 1) for _ in range(random.randint(0, 3))}
        return random.choice((None, True, 2**63, -(2**63), 1.5, *_TEXTS))


def _uid(kind: Kind, place: tuple[str | None, str]) -> str:
    return f"{kind.name}/{place[0] or ''}/{place[1]}"
