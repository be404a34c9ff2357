"""Random documents over the real schema: valid by construction, with all features of selection sets."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_required_argument,
)

from resolvers.arguments.cursors import CursorPlace, CursorSigner
from resolvers.arguments.listarguments import list_arguments
from resolvers.caller import OPERATOR
from resolvers.limits import DocumentLimits, OperationLimits
from tests.graph.conditions import MEASURED, ConditionWriter, EnumName
from tests.graph.fleets import CURSOR_KEY

WIDE = DocumentLimits(fields=100_000, depth=50, tokens=100_000, aliases=1000, directives=1000, root_fields=1000)
"""Limits within which every document of this module is executed, and one that selects every field of a kind."""

_DEEPEST = 6
_MOST_LINKS = 3
_FAVOURED = (
    *("pods", "nodes", "deployments", "namespaces", "replicaSets", "clusters", "cluster", "object", "pod", "node"),
    *("viewer", "cluster", "roles", "_entities", "groups", "key", "count", "sum", "min", "max", "avg", "nodes"),
    *("metadata", "spec", "status", "owner", "deployment", "replicaSet", "edges", "pageInfo", "totalCount", "counts"),
    *("ready", "reason", "restarts", "internalIP", "capacity", "replicas", "rollout", "id", "name", "labels"),
    *("containers", "conditions", "annotations", "customResourceDefinitions", "ownerReferences", "managedFields"),
)
_REFUSED: Mapping[str, object] = {
    "first": -1,
    "id": "wrong",
    "labelSelector": "=wrong=",
    "labels": "env",
    "cluster": "unknown",
    "namespaces": ["no label"],
    "names": ["a/b"],
    "clusters": {"ids": ["unknown"]},
}
_NAMED_KINDS: Sequence[Mapping[str, object]] = (
    *({"resource": name} for name in ("pods", "po", "nodes", "deployments.apps", "services", "widgets")),
    {"kind": "ReplicaSet"},
    {"apiVersion": "v1", "kind": "Namespace"},
    {"apiVersion": "apps/v2", "kind": "Deployment"},
)
_JSON_PATHS = (
    *("metadata.name", "spec", "spec.containers.image", "status.conditions[type=Ready].status", "status.phase"),
    *(
        'metadata.labels["app"]',
        "metadata.labels.app",
        "no.such.path",
        "spec.template.spec.containers[name=app]",
        "a..b",
    ),
)
_CONCRETE = ("Pod", "Node", "Deployment", "ReplicaSet", "Namespace", "Service")


@dataclass(frozen=True)
class Places:
    """Names for documents: clusters, namespaces, names, global ids, scopes of cursors."""

    clusters: Sequence[str]
    namespaces: Sequence[str]
    names: Sequence[str]
    ids: Sequence[str]
    kinds_by_list: Mapping[str, str]


@dataclass(frozen=True)
class Document:
    """A document with values for its variables."""

    query: str
    variables: Mapping[str, object]


@dataclass
class Scope:
    """One place of the response: the field of each of its keys, so that fields of one key can be merged."""

    calls: dict[str, str] = field(default_factory=dict)
    below: dict[str, "Scope"] = field(default_factory=dict)
    fragments: dict[str, list[str]] = field(default_factory=dict)


class DocumentWriter:
    """A writer of one document with about `fields` fields; of the types in `preferred` these first."""

    def __init__(
        self,
        schema: GraphQLSchema,
        random: Random,
        places: Places,
        *,
        fields: int,
        preferred: Mapping[str, Sequence[str]] = MappingProxyType({}),
        defers: bool = False,
    ) -> None:
        self._defers = defers
        self._labels = 0
        self._schema = schema
        self._random = random
        self._places = places
        self._fields_left = fields
        self._preferred = preferred
        self._fragments: list[str] = []
        self._palettes: dict[str, list[str]] = {}
        self._variables: dict[str, tuple[str, object]] = {}

    def write(self) -> Document:
        """Returns the document."""
        query_type = self._schema.query_type
        assert query_type is not None
        selections = self._selection_set(query_type, Scope(), 0, 0)
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _value) in self._variables.items())
        operation = f"query Q({declared})" if declared else "query Q"
        values = {name: value for name, (_kind, value) in self._variables.items()}
        return Document("\n".join((f"{operation} {selections}", *self._fragments)), values)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _selection_set(self, on: GraphQLNamedType, scope: Scope, depth: int, links: int, prefix: str = "") -> str:
        count = self._random.randint(1, 4)
        return "{ " + " ".join(self._selection(on, scope, depth, links, prefix) for _ in range(count)) + " }"

    def _selection(self, on: GraphQLNamedType, scope: Scope, depth: int, links: int, prefix: str) -> str:
        chosen = self._random.random()
        if chosen < 0.08 or (isinstance(on, GraphQLUnionType) and depth >= _DEEPEST):
            return self._typename(scope, prefix)
        if isinstance(on, GraphQLUnionType):
            condition, within = self._condition(on, prefix)
            below = self._selection_set(condition, scope, depth + 1, links, within)
            return f"... on {condition.name}{self._directive()}{self._defer()} {below}"
        if chosen < 0.16 and depth < _DEEPEST:
            condition, within = self._condition(on, prefix)
            head = f"... on {condition.name}" if condition is not on or self._chance(0.7) else "..."
            directives = self._directive() + self._defer()
            return f"{head}{directives} {self._selection_set(condition, scope, depth + 1, links, within)}"
        if chosen < 0.22 and depth < _DEEPEST:
            return self._spread(on, scope, depth, links, prefix)
        return self._field(on, scope, depth, links, prefix)

    def _typename(self, scope: Scope, prefix: str) -> str:
        key = f"{prefix}{self._random.choice(('__typename', 't1', 't2'))}" if not prefix else f"{prefix}t"
        scope.calls[key] = "__typename"
        return f"{key}: __typename{self._directive()}" if key != "__typename" else f"__typename{self._directive()}"

    def _condition(self, on: GraphQLNamedType, prefix: str) -> tuple[GraphQLNamedType, str]:
        """Returns a type condition that may hold, and a prefix for its response keys."""
        if isinstance(on, GraphQLInterfaceType | GraphQLUnionType):
            name = self._random.choice(_CONCRETE)
            return self._schema.type_map[name], f"{prefix}{name}_"
        if isinstance(on, GraphQLObjectType) and on.interfaces and self._chance(0.4):
            return on.interfaces[0], prefix
        return on, prefix

    def _spread(self, on: GraphQLNamedType, scope: Scope, depth: int, links: int, prefix: str) -> str:
        known = scope.fragments.setdefault(on.name, [])
        if known and self._chance(0.3):
            return f"...{self._random.choice(known)}{self._directive()}{self._defer()}"
        condition, within = self._condition(on, prefix)
        selections = self._selection_set(condition, scope, depth + 1, links, within)
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {condition.name} {selections}")
        if not prefix and condition is on:
            known.append(name)
        return f"...{name}{self._directive()}{self._defer()}"

    def _field(self, on: GraphQLNamedType, scope: Scope, depth: int, links: int, prefix: str) -> str:
        assert isinstance(on, GraphQLObjectType | GraphQLInterfaceType)
        name = self._field_name(on, depth, links)
        if name is None:
            return self._typename(scope, prefix)
        self._fields_left -= 1
        definition = on.fields[name]
        call = name + self._arguments(on, name, definition)
        if self._defers and is_list_type(get_nullable_type(definition.type)) and self._chance(0.6):
            head = self._streamed(scope, call, prefix)
            key = head.partition(":")[0]
        else:
            key = self._key(scope, name, call, prefix)
            head = call if key == name else f"{key}: {call}"
        target = get_named_type(definition.type)
        if not is_composite_type(target):
            return head + self._directive()
        is_link = target.name.endswith("Connection") or isinstance(target, GraphQLInterfaceType) or _is_kind(target)
        below = scope.below.setdefault(key, Scope())
        return f"{head}{self._directive()} {self._selection_set(target, below, depth + 1, links + is_link)}"

    def _field_name(self, on: GraphQLObjectType | GraphQLInterfaceType, depth: int, links: int) -> str | None:
        known = self._palettes.setdefault(on.name, self._palette(on))
        names = [name for name in known if self._may_select(on.fields[name], depth, links)]
        return self._random.choice(names) if names else None

    def _palette(self, on: GraphQLObjectType | GraphQLInterfaceType) -> list[str]:
        """Returns a few fields of a type; one that was selected is likely to be selected again."""
        if on.name in self._preferred:
            return [*self._preferred[on.name], self._random.choice(list(on.fields))]
        names = list(on.fields)
        favoured = [name for name in names if name in _FAVOURED]
        chosen = self._random.sample(favoured, min(len(favoured), 4))
        return chosen + self._random.sample(names, min(len(names), 3))

    def _may_select(self, field: GraphQLField, depth: int, links: int) -> bool:
        target = get_named_type(field.type)
        if not is_composite_type(target):
            return True
        if depth >= _DEEPEST or self._fields_left <= 0:
            return False
        return links < _MOST_LINKS or not (target.name.endswith("Connection") or _is_kind(target))

    def _key(self, scope: Scope, name: str, call: str, prefix: str) -> str:
        """Returns a response key for this field with these arguments and no other in its place."""
        candidates = [prefix + name]
        if name not in MEASURED:
            others = [other for palette in self._palettes.values() for other in palette if other not in MEASURED]
            candidates += [f"{prefix}k1", prefix + self._random.choice(others)]
            candidates = self._random.sample(candidates, 3) if self._chance(0.4) else candidates
        number = 2
        while scope.calls.setdefault(candidates[0], call) != call:
            candidates = [*candidates[1:], f"{prefix}k{number}"]
            number += 1
        return candidates[0]

    def _arguments(self, on: GraphQLNamedType, name: str, definition: GraphQLField) -> str:
        chosen: dict[str, object] = {}
        for argument_name, argument in definition.args.items():
            is_left_out = isinstance(get_named_type(argument.type), GraphQLEnumType)
            chance = 0.05 if argument_name in {"name", "names"} else 0.2
            if is_required_argument(argument) or (self._chance(chance) and not is_left_out):
                listed = get_named_type(definition.type).name.removesuffix("Connection")
                listed = on.name if on.name.endswith("Grouping") else listed
                is_boolean = get_named_type(argument.type).name == "Boolean"
                chosen[argument_name] = self._chance(0.5) if is_boolean else self._value(argument_name, listed)
        chosen = self._of_object(on, name, chosen)
        if "after" in chosen:
            chosen["after"] = self._cursor(on, name, chosen)
        written = [f"{key}: {self._written(value, definition.args[key])}" for key, value in chosen.items()]
        return f"({', '.join(written)})" if written else ""

    def _of_object(self, on: GraphQLNamedType, name: str, chosen: dict[str, object]) -> dict[str, object]:
        """Returns the arguments of fields of any kind, which have values of their own."""
        if on is self._schema.query_type and name == "categories":
            return chosen | {"names": ["all"]}
        if on is self._schema.query_type and name in {"objects", "object"}:
            others = {
                key: value for key, value in chosen.items() if key not in {"apiVersion", "kind", "resource", "id"}
            }
            if name == "object":
                return others | {"id": self._random.choice(self._places.ids)} if "id" in chosen else others
            return others | dict(self._random.choice(_NAMED_KINDS))
        if name == "fields" and on.name != "Query":
            return {"path": self._random.choice(_JSON_PATHS)}
        return chosen

    def _value(self, name: str, listed: str) -> object:
        """Returns a value for an argument of a list of a type; now and then one that is refused."""
        random, places = self._random, self._places
        if self._chance(0.04) and name in _REFUSED:
            return _REFUSED[name]
        match name:
            case "clusters":
                return {"names": random.sample(places.clusters, random.randint(0, 2))} if self._chance(0.8) else None
            case "names":
                known = places.clusters if listed == "Cluster" else (*places.names, "unknown")
                return random.sample(known, 1 if listed == "Cluster" else random.randint(1, 4))
            case "namespaces":
                return random.sample(places.namespaces, random.randint(1, len(places.namespaces)))
            case "representations":
                return [self._representation() for _ in range(random.randint(0, 4))]
            case "fieldSelector":
                return f"metadata.name={random.choice(places.names)}"
            case "where" | "orderBy" | "by" | "path":
                return self._of_paths(name, listed)
            case "first" | "minClusters" | "timeoutMs":
                return random.randint(0, 3) * (5000 if name == "timeoutMs" else 1)
            case "id":
                return random.choice(places.ids)
            case _:
                return self._text(name)

    def _representation(self) -> object:
        """Returns an entity as a gateway knows it; now and then one that is refused."""
        random, places = self._random, self._places
        if self._chance(0.2):
            return {"__typename": "Cluster", "name": random.choice((*places.clusters, "unknown"))}
        name = "Node" if self._chance(0.05) else random.choice(("Pod", "KubernetesObject"))
        return {"__typename": name, "id": random.choice(places.ids)}

    def _of_paths(self, name: str, listed: str) -> object:
        """Returns a value for an argument with paths into the type of a list, or of its groups."""
        writer = ConditionWriter(self._schema, self._random, listed.removesuffix("Grouping"))
        match name:
            case "where":
                return writer.where()
            case "orderBy":
                return writer.group_order() if listed.endswith("Grouping") else writer.order_by()
            case "by":
                return writer.paths()
            case _:
                return writer.paths()[0]

    def _text(self, name: str) -> str:
        texts = {
            "labelSelector": ("app", "app=api", "!app"),
            "labels": ("env=test", "env=none"),
            "cluster": self._places.clusters,
            "namespace": self._places.namespaces,
            "verb": ("get", "get", "delete", "list", "*"),
            "resource": ("pods", "deployments.apps", "nodes", "widgets.example.com"),
            "subresource": ("log", "exec", "status"),
            "range": ("1h", "6h", "7d"),
            "step": ("10m", "1h"),
        }
        return self._random.choice(texts.get(name, (*self._places.clusters, *self._places.names)))

    def _cursor(self, on: GraphQLNamedType, name: str, values: Mapping[str, object]) -> object:
        """Returns a cursor of the list itself, if it is a root list; else none, or now and then a refused one."""
        random, places = self._random, self._places
        kind = places.kinds_by_list.get(name)
        if on is not self._schema.query_type or kind is None or self._chance(0.1):
            return "nocursor" if self._chance(0.1) else None
        try:
            arguments = list_arguments(values, OperationLimits())
        except Exception:  # noqa: BLE001  wrong arguments are refused before the cursor is read
            return "nocursor"
        key = (random.choice(places.clusters), random.choice(places.namespaces), random.choice(places.names))
        token = "" if self._chance(0.8) else "expired"
        place = CursorPlace([None] * len(arguments.order_by), key, token)
        return CursorSigner(CURSOR_KEY, owner=OPERATOR.name).cursor(place, scope=arguments.scope(kind))

    def _written(self, value: object, argument: GraphQLArgument) -> str:
        if self._chance(0.3):
            name = f"v{len(self._variables)}"
            self._variables[name] = (str(argument.type), value)
            return f"${name}"
        return _literal(value)

    def _directive(self) -> str:
        if not self._chance(0.12):
            return ""
        value = self._chance(0.5)
        written = "true" if value else "false"
        if self._chance(0.5):
            name = "yes" if value else "no"
            self._variables[name] = ("Boolean!", value)
            written = f"${name}"
        return f" @{self._random.choice(('skip', 'include'))}(if: {written})"

    def _defer(self) -> str:
        if not self._defers or self._chance(0.3):
            return ""
        self._labels += 1
        label = f'label: "L{self._labels}"' if self._chance(0.5) else "if: true"
        return f" @defer({label})"

    def _streamed(self, scope: Scope, call: str, prefix: str) -> str:
        """Returns a streamed list under a key of its own: two streams of one list contradict each other."""
        self._labels += 1
        key = f"{prefix}s{self._labels}"
        scope.calls[key] = call
        return f"{key}: {call} @stream(initialCount: {self._random.randint(0, 3)})"


def _is_kind(target: GraphQLNamedType) -> bool:
    return isinstance(target, GraphQLObjectType) and bool(target.interfaces)


def _literal(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case EnumName():
            return value
        case str():
            return json.dumps(value)
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case dict():
            return "{" + ", ".join(f"{key}: {_literal(item)}" for key, item in value.items()) + "}"
        case _:
            raise TypeError(value)
