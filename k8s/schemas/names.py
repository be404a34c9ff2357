"""GraphQL names of custom kinds and their structures, by one rule.

A kind is named after its group and itself: all words of the group but the last label, then the kind.

    Application     argoproj.io                    ArgoprojApplication
    Challenge       acme.cert-manager.io           AcmeCertManagerChallenge
    Machine         cluster.x-k8s.io               ClusterXK8sMachine
    Prometheus      monitoring.coreos.com          MonitoringCoreosPrometheus

So a name depends on nothing but the kind's own group and name, and never changes because another kind appears. Two
kinds get the same name only if their groups differ in nothing but the last label, the dots and the hyphens, or if the
words of one group continue in a kind. The first of them by group and name has the type; the other stays generic.

A structure inside a kind has the kind's name, an underscore, and the keys of its shortest path
(`ArgoprojApplication_SpecSource`). No other type has an underscore there, so it can have the name of no other kind, and
of no list. If two paths of a kind have the same first 200 letters, the later one gets a number.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures, structure_names

_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_LONGEST_PATH: Final = 200
_OF_LISTS: Final = ("", "Connection", "Edge", "Grouping", "Change", "Changes")
_OF_GRAPHQL: Final = (
    *("Query", "Mutation", "Subscription", "Boolean", "Float", "ID", "Int", "String"),
    *("Int64", "Quantity", "IntOrString", "Time", "Base64", "StringMap", "QuantityMap", "JSON"),
)


def kind_type_name(group: str, name: str) -> str:
    """Returns the GraphQL type of a custom kind."""
    words = group_words(group)
    return f"Group{words}{name}" if words[:1].isdigit() else f"{words}{name}"


def group_words(group: str) -> str:
    """Returns a group in PascalCase without its last label; a group of one label as a whole."""
    labels = group.rpartition(".")[0] or group
    return "".join(word[:1].upper() + word[1:] for word in _WORD.findall(labels))


def structure_name(root: str, path: Iterable[str]) -> str:
    """Returns the name of a structure inside a kind, from the names of the fields that lead to it."""
    return f"{root}_{''.join(name[:1].upper() + name[1:] for name in path)[:_LONGEST_PATH]}"


def root_name(name: str) -> str:
    """Returns the name of the kind of a structure; that of any other type itself."""
    return name.partition("_")[0]


class TakenNames:
    """Names of types and root fields that are taken already.

    Names that differ in case only are the same: tools write a file for each type, on file systems that ignore case.
    """

    def __init__(self, types: Collection[str] = (), fields: Collection[str] = ()) -> None:
        """Takes names of types and root fields of the schema, beside those of built-in kinds and of GraphQL."""
        self._types: dict[str, str] = {}
        self._fields: dict[str, str] = {}
        own = "another type of the schema"
        for name in (*_OF_GRAPHQL, *built_in_structures(), *types):
            self._types[name.casefold()] = own
        for kind, name in structure_names().items():
            self._take(kind, name, f"the built-in kind {kind.name}")
        for name in fields:
            self._fields.setdefault(name.casefold(), own)

    def take(self, kind: Kind, type_name: str) -> str | None:
        """Takes the names of a custom kind, or returns the owner of one of them, in words, and takes none."""
        for names, taken in self._names(kind, type_name):
            owner = next((taken[name] for name in names if name in taken), None)
            if owner is not None:
                return owner
        self._take(kind, type_name, f"{kind.name} of {kind.group}")
        return None

    def _take(self, kind: Kind, type_name: str, owner: str) -> None:
        for names, taken in self._names(kind, type_name):
            taken.update(dict.fromkeys(names, owner))

    def _names(self, kind: Kind, type_name: str) -> tuple[tuple[tuple[str, ...], dict[str, str]], ...]:
        types = tuple(f"{type_name}{suffix}".casefold() for suffix in _OF_LISTS)
        prefix, single = type_name.removesuffix(kind.name).casefold(), type_name.casefold()
        many = f"{prefix}{kind.plural}".casefold()
        return (types, self._types), ((many, f"{single}byname" if single == many else single), self._fields)
