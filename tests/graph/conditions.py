"""Random `where` and `orderBy`: paths of the schema, possible values, and now and then nonsense."""

from collections.abc import Mapping, Sequence
from random import Random

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

_DEEPEST = 4
_NONSENSE = ("", "nothing.here", "metadata..name", "metadata", 'metadata.labels["app"].more', "status.phase.x")
_VALUES: Mapping[str, Sequence[object]] = {
    "Int": (0, 1, 2, 100),
    "Int64": (0, 1, 3),
    "Float": (0.5, 1),
    "Boolean": (True, False),
    "Quantity": ("1500m", "1", "1Gi", "900Mi", 2),
    "QuantityMap": ("1500m", "1", "64Gi"),
    "StringMap": ("api", "web"),
    "Time": ("2026-01-01T00:00:00Z", "now-7d", "now"),
    "IntOrString": (80, "http", "25%"),
    "JSON": (1, "text", True),
}
_TEXTS = ("m-1", "a", "Running", "v1.30.1", "10.0.0.1", "alpha", "one", "api-000")
_ORDERED = ("EQ", "NE", "LT", "LE", "GT", "GE")
_TEXTUAL = ("CONTAINS", "STARTS_WITH", "MATCHES")


class EnumName(str):
    """The name of an enum's value, written without quotes."""

    __slots__ = ()


MEASURED = frozenset(
    {
        *("latencyMs", "observedAt", "durationSeconds", "lastScheduleAgeSeconds", "nextSchedule", "missedRuns"),
        *("heldForSeconds", "isStale"),
    }
)
"""Fields whose values are new each time, so that order and cursors differ."""


class ConditionWriter:
    """Writes arguments for lists of one type."""

    def __init__(self, schema: GraphQLSchema, random: Random, owner: str) -> None:
        self._schema = schema
        self._random = random
        self._owner = owner

    def where(self) -> list[object]:
        """Returns a value for `where`."""
        return [self._condition(0) for _ in range(self._random.randint(1, 2))]

    def order_by(self) -> list[object]:
        """Returns a value for `orderBy`."""
        entries: list[object] = []
        for _ in range(self._random.randint(1, 3)):
            path, _ = self._path()
            entries.append({"path": path, "direction": EnumName(self._random.choice(("ASC", "DESC")))})
        return entries

    def paths(self) -> list[str]:
        """Returns one path, or a few."""
        return [self._path()[0] for _ in range(self._random.choice((1, 1, 2)))]

    def group_order(self) -> list[object]:
        """Returns a value for `orderBy` of groups."""
        figure = self._random.choice(("COUNT", "KEY", "SUM", "MIN", "MAX", "AVG"))
        order: dict[str, object] = {"figure": EnumName(figure)}
        if figure not in {"COUNT", "KEY"} or self._random.random() < 0.05:
            order["path"] = self._path()[0]
        if self._random.random() < 0.7:
            order["direction"] = EnumName(self._random.choice(("ASC", "DESC")))
        return [order]

    def _condition(self, depth: int) -> object:
        if depth < 2 and self._random.random() < 0.3:
            junction = self._random.choice(("and", "or", "not"))
            return {junction: [self._condition(depth + 1) for _ in range(self._random.randint(1, 2))]}
        path, scalar = self._path()
        op, value = self._comparison(scalar)
        given: dict[str, object] = {"path": path, "op": EnumName(op)}
        if value is not None:
            given["value"] = value
        if self._random.random() < 0.3:
            given["quantifier"] = EnumName(self._random.choice(("ANY", "ALL", "NONE")))
        if self._random.random() < 0.2:
            given["ignoreCase"] = True
        return given

    def _comparison(self, scalar: str) -> tuple[str, object]:
        known = self._schema.type_map.get(scalar)
        texts = [*known.values] if isinstance(known, GraphQLEnumType) and self._random.random() < 0.9 else _TEXTS
        values = _VALUES.get(scalar, texts)
        chosen = self._random.random()
        if chosen < 0.2:
            return self._random.choice(("EXISTS", "NOT_EXISTS")), None
        if chosen < 0.35:
            return self._random.choice(("IN", "NOT_IN")), list(values[:2])
        if chosen < 0.5:
            return self._random.choice(_TEXTUAL), self._random.choice(_TEXTS)
        return self._random.choice(_ORDERED), self._random.choice(values)

    def _path(self) -> tuple[str, str]:
        """Returns a path and the name of the type at its end."""
        if self._random.random() < 0.04:
            return self._random.choice(_NONSENSE), "String"
        on: GraphQLNamedType = self._schema.type_map[self._owner]
        path = ""
        for _ in range(_DEEPEST):
            if not isinstance(on, GraphQLObjectType | GraphQLInterfaceType):
                break
            names = [name for name in on.fields if name not in MEASURED]
            short = [name for name in names if self._is_short(on.fields[name].type)]
            name = self._random.choice(short or names)
            path, on = f"{path}.{name}" if path else name, self._target(get_named_type(on.fields[name].type))
        if on.name in {"StringMap", "QuantityMap", "JSON"} and self._random.random() < 0.8:
            path += f'["{self._random.choice(("app", "cpu", "memory"))}"]'
        return path, on.name

    def _target(self, named: GraphQLNamedType) -> GraphQLNamedType:
        return self._schema.type_map.get(named.name.removesuffix("Connection"), named)

    def _is_short(self, field_type: object) -> bool:
        """Chooses a name; lists are rarer, so that some paths can be ordered by."""
        inner = field_type.of_type if is_non_null_type(field_type) else field_type
        return not is_list_type(inner) or self._random.random() < 0.3
