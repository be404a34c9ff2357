"""GraphQL names of kinds: stable names by one rule.

The name depends on group and kind, and never on the version or on other custom kinds. The type of a custom kind has the
words of its group in front, always (`ArgoprojApplication`; the rule is in `k8s.schemas.names`).

A list is the plural in camelCase (`configMaps`), a single object the kind in camelCase (`configMap`); leading acronyms
become lower case as a whole (`csiDrivers`). Where two groups have a kind of the same name, the core group, or else the
first in alphabetical order, has the plain names, and the other's carry its group's first word (`EventsEvent`,
`eventsEvents`). `Endpoints` is its own plural, so its single form is `endpointsByName`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from k8s.kinds.kind import Kind
from k8s.kinds.models import structure_names
from k8s.schemas.names import kind_type_name

_NAMES: Mapping[tuple[str, str], str] = {(kind.group, kind.name): name for kind, name in structure_names().items()}
_FIRST_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]")


def type_name(kind: Kind) -> str:
    """Returns the GraphQL type of a kind."""
    return _NAMES.get((kind.group, kind.name)) or kind_type_name(kind.group, kind.name)


@lru_cache(maxsize=512)
def list_name(kind: Kind) -> str:
    """Returns the field that lists a kind."""
    shared = next(
        (length for length in range(len(kind.name), 0, -1) if kind.plural.startswith(kind.name[:length].lower())), 0
    )
    return _lower_first(type_name(kind).removesuffix(kind.name) + kind.name[:shared] + kind.plural[shared:])


def single_name(kind: Kind) -> str:
    """Returns the field that finds one object of a kind."""
    name = _lower_first(type_name(kind))
    return name if name != list_name(kind) else f"{name}ByName"


def camel_case(name: str) -> str:
    """Returns a Python name in camelCase, as GraphQL names are."""
    first, *words = name.strip("_").split("_")
    return first + "".join(f"{word[:1].upper()}{word[1:]}" for word in words)


def _lower_first(name: str) -> str:
    return _FIRST_WORD.sub(lambda match: match[0].lower(), name, count=1)
