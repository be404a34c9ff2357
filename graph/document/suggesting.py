"""Names of the schema similar to an unknown one, for the errors of documents and of variables.

graphql-core measures the distance of an unknown name to every known one, whatever their length and number: that takes a
third of a second for a document of 2,000 characters. So its suggestions are switched off, and its messages are
completed here, in its words. Only the names that share most letters and pairs of letters with the unknown one are
measured.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from heapq import nsmallest
from typing import Any, Final

from graphql import GraphQLEnumType, GraphQLError, GraphQLSchema, get_named_type
from graphql.pyutils import did_you_mean
from graphql.type import is_abstract_type, is_introspection_type

from graph.document.nearnames import MOST_SUGGESTED, beginning_alike, near
from k8s.listednames import all_of

_MOST_CELLS: Final = 24_000
"""Cells of the tables of distances for all errors of one response; one cell takes 0.3 us."""
_MOST_VALUES: Final = 16
"""Values of an enum that are all listed if none is similar."""
_HOLDERS: Final = {
    "Connection": ("nodes",),
    "Grouping": ("nodes",),
    "Edge": ("node",),
    "Changes": ("changes", "object"),
    "Change": ("object",),
}
"""The way to the objects of a list, by the ending of their type's name."""
_LISTS: Final = frozenset({"items", "data", "list", "results", "objects", "elements"})
"""Names by which other APIs call the objects of a list; `items` is Kubernetes' own."""
_OF_CONNECTIONS: Final = frozenset({"nodes", "edges", "totalCount", "pageInfo"})
"""The fields of connections, which lead to many objects."""
_WITH_LISTS: Final = frozenset({"Query", "Cluster", "Namespace"})
"""The types with the lists of kinds, of which those of custom kinds begin with their group."""
_SHORTEST_KIND: Final = 3
_LONGEST: Final = 64
"""Characters of an unknown name; the longest name of the schema has 47."""
_LOOKED_AT: Final = 500
"""Characters of a message that are searched; more is not sent."""
_JSON_TYPES: Final = frozenset({"JSON", "StringMap", "QuantityMap"})
_KEYS: Final = frozenset({"spec", "status", "data"})
_FOUND: Final = ", found: "
_NAME: Final = rf"(?P<unknown>[A-Za-z0-9_]{{1,{_LONGEST}}})"
_TEXT: Final = rf"(?P<unknown>[ !#-&(-~]{{1,{_LONGEST}}})"
"""ASCII without quotes: graphql-core cannot measure a text that is longer in lower case."""

Suggest = Callable[["Suggestions", int, dict[str, str]], str]


def suggest_nothing(schema: GraphQLSchema) -> None:
    """Makes the enums of a schema suggest nothing: graphql-core coerces variables before it validates them."""
    for named in schema.type_map.values():
        if isinstance(named, GraphQLEnumType) and not is_introspection_type(named):
            named.coerce_input_value = _without_suggestions(named)  # type: ignore[method-assign, assignment]  # of this enum only


def _without_suggestions(enum: GraphQLEnumType) -> Callable[[str, bool], Any]:
    coerce = enum.coerce_input_value

    def coerce_input_value(value: str, _hide_suggestions: bool = True) -> Any:
        return coerce(value, hide_suggestions=True)

    return coerce_input_value


class Suggestions:
    """Completes messages of graphql-core with the nearest names of a schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def add_to(self, errors: Sequence[GraphQLError]) -> None:
        """Adds to the message of each error the most similar names, if there are any."""
        for error in errors:
            error.message = self._completed(error.message, cells=_MOST_CELLS // len(errors))

    def _completed(self, message: str, *, cells: int) -> str:
        for pattern, suggest in _SUGGESTED:
            match = pattern.search(message, 0, _LOOKED_AT)
            if match is not None:
                suggested = suggest(self, cells, match.groupdict())
                before, value = message[: match.end()], message[match.end() :].removeprefix(_FOUND)
                if not suggested or not value:
                    return message + suggested
                return f"{before}.{suggested} Found: {value}"
        return message

    def field(self, cells: int, words: dict[str, str]) -> str:
        """Suggests types behind an abstract one that have the field, or else fields of the type."""
        owner: Any = self._schema.type_map.get(words["type"])
        if words["unknown"] in _OF_CONNECTIONS and self._is_object(owner):
            return f" It is no connection, but a plain list or one object: select fields of '{words['type']}'."
        types = self._types_with(words["unknown"], owner) if is_abstract_type(owner) else []
        fields = getattr(owner, "fields", {})
        if types:
            return did_you_mean(types, "to use an inline fragment on") + _as_json(words["unknown"], fields)
        kinds = _with_a_group(words["unknown"], fields) if words["type"] in _WITH_LISTS else []
        if kinds:
            return did_you_mean(kinds)
        return _of_objects(words["unknown"], words["type"], fields, cells) or _did_you_mean(
            words["unknown"], fields, cells
        )

    def _is_object(self, owner: Any) -> bool:
        """Returns whether a type is that of objects, which are also in connections."""
        return is_abstract_type(owner) or f"{owner}Connection" in self._schema.type_map

    def type(self, cells: int, words: dict[str, str]) -> str:
        """Suggests types."""
        known = self._schema.type_map
        return did_you_mean(_with_a_group(words["unknown"], known) or near(words["unknown"], known, cells=cells))

    def argument(self, cells: int, words: dict[str, str]) -> str:
        """Suggests arguments of a field."""
        fields = getattr(self._schema.type_map.get(words["type"]), "fields", {})
        return _did_you_mean(words["unknown"], getattr(fields.get(words["field"]), "args", ()), cells)

    def directive_argument(self, cells: int, words: dict[str, str]) -> str:
        """Suggests arguments of a directive."""
        directive = self._schema.get_directive(words["directive"])
        return did_you_mean(near(words["unknown"], getattr(directive, "args", ()), cells=cells))

    def enum_value(self, cells: int, words: dict[str, str]) -> str:
        """Suggests values of an enum."""
        values = getattr(self._schema.type_map.get(words["type"]), "values", ())
        suggested = _did_you_mean(words["unknown"], values, cells, "the enum value")
        are_listed = words["unknown"].strip() and 0 < len(values) <= _MOST_VALUES
        return suggested or (f" The values are {all_of(values)}." if are_listed else "")

    def selection(self, _cells: int, words: dict[str, str]) -> str:
        """Suggests ways to a part of a value without fields."""
        if words["type"] not in _JSON_TYPES:
            return ""
        if words["field"] == "fields":
            return " Put the rest of the way into its path, as in 'fields(path: \"spec.source.repoURL\")'."
        way = "write it without braces for all of it, or take a part with 'fields(path: \"...\")' of the object"
        return f" It is JSON: {way}."

    def input_field(self, cells: int, words: dict[str, str]) -> str:
        """Suggests fields of an input object."""
        fields = getattr(self._schema.type_map.get(words["type"]), "fields", ())
        return _did_you_mean(words["unknown"], fields, cells)

    def _types_with(self, field: str, owner: Any) -> list[str]:
        """Returns the types that have the field, and their interfaces, the most frequent first."""
        having = sorted(
            candidate.name
            for possible in self._schema.get_possible_types(owner)
            for candidate in (possible, *possible.interfaces)
            if field in possible.fields and field in candidate.fields
        )
        return [name for name, _ in Counter(having).most_common(MOST_SUGGESTED)]


def _as_json(unknown: str, fields: Collection[str]) -> str:
    """Returns the way to the JSON at a key of any object, for the usual keys of objects; or an empty text."""
    if unknown not in _KEYS or "fields" not in fields:
        return ""
    return f" 'fields(path: \"{unknown}\")' returns its JSON, whatever the type."


def _of_objects(unknown: str, type_name: str, fields: Mapping[str, Any], cells: int) -> str:
    """Returns the way to a field of the objects of a list, for a connection, an edge or a group; or an empty text.

    Args:
        unknown: the name of the selected field.
        type_name: the type.
        fields: the fields of the type.
        cells: as for `near`.
    """
    way = next((way for suffix, way in _HOLDERS.items() if type_name.endswith(suffix) and way[0] in fields), None)
    if way is None:
        return ""
    objects = fields
    for name in way:
        objects = getattr(get_named_type(objects[name].type), "fields", {})
    begin, end, name = "".join(f"{one} {{ " for one in way), " }" * len(way), ".".join(way)
    if unknown in objects:
        below = " { ... }" if hasattr(get_named_type(objects[unknown].type), "fields") else ""
        return f" The objects are in '{name}': write '{begin}{unknown}{below}{end}'."
    if unknown in _LISTS or (len(way) > 1 and unknown in _OF_CONNECTIONS):
        return f" The objects are in '{name}': write '{begin}...{end}'."
    if near(unknown, fields, cells=cells // 2):
        return ""
    similar = near(unknown, objects, cells=cells // 2)[:1]
    return f" The objects are in '{name}': did you mean '{begin}{similar[0]}{end}'?" if similar else ""


def _did_you_mean(unknown: str, known: Collection[str], cells: int, sub_message: str = "") -> str:
    """Returns the suggestion of the nearest names, or of those that begin alike (`op` for `operator`)."""
    names = near(unknown, known, cells=cells) or beginning_alike(unknown, known)
    return did_you_mean(names, sub_message) if sub_message else did_you_mean(names)


def _with_a_group(unknown: str, known: Collection[str]) -> list[str]:
    """Returns the names that are the unknown one behind the words of a group (`argoprojApplications`)."""
    ending = unknown[:1].upper() + unknown[1:]
    if len(ending) < _SHORTEST_KIND:
        return []
    alike = [name for name in known if name.endswith(ending) and name != ending and "_" not in name]
    return nsmallest(MOST_SUGGESTED, alike, key=lambda name: (len(name), name))


_SUGGESTED: Final[Sequence[tuple[re.Pattern[str], Suggest]]] = [
    (re.compile(rf"Cannot query field '{_NAME}' on type '(?P<type>\w+)'\.$"), Suggestions.field),
    (
        re.compile(
            r"Field '(?P<field>\w+)' must not have a selection since type '\[?(?P<type>\w+)[]!]*' has no subfields\.$"
        ),
        Suggestions.selection,
    ),
    (re.compile(rf"Unknown type '{_NAME}'\.$"), Suggestions.type),
    (re.compile(rf"Unknown argument '{_NAME}' on field '(?P<type>\w+)\.(?P<field>\w+)'\.$"), Suggestions.argument),
    (re.compile(rf"Unknown argument '{_NAME}' on directive '@(?P<directive>\w+)'\.$"), Suggestions.directive_argument),
    (re.compile(rf"Value '{_TEXT}' does not exist in '(?P<type>\w+)' enum\.$"), Suggestions.enum_value),
    (
        re.compile(rf"Enum '(?P<type>\w+)' cannot represent non-enum value: \"{_TEXT}\"\.$"),
        Suggestions.enum_value,
    ),
    (
        re.compile(rf"Expected value of type '(?P<type>\w+)' not to include unknown field '{_TEXT}'(?={_FOUND})"),
        Suggestions.input_field,
    ),
]
"""Messages of graphql-core about unknown names, and about selections of values without fields."""
