"""Masked paths by kind, from the text of a setting: `configmaps:data.password, argoproj.io/Application:spec.source`.

An entry is a kind, a colon, and a path of JSON keys. A built-in kind is written as in kubectl (`configmaps`,
`deployments.apps`), any kind as `group/Kind` or `plural.group`. Keys that are no words are written `["tls.key"]`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from json import dumps, loads
from typing import Final

from k8s.kinds.builtin import BUILT_IN, EVENT, EVENTS_EVENT
from k8s.kinds.kind import Kind
from k8s.kinds.models import built_in_structures, structure_names
from k8s.kinds.structure import FieldFormat, Structure
from k8s.listednames import any_of

_ENTRY: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+')
_KEY: Final = re.compile(r'(?:^|\.)(?P<word>[^.\[\]"\s]+)|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]')
_VERSION: Final = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?", re.ASCII)
_KIND: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
_GROUP: Final = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", re.ASCII)
_WORD: Final = re.compile(r"[-\w]+")
_ANNOTATIONS: Final = ("metadata", "annotations")
_OF_EVENTS: Final = {
    "count": "deprecatedCount",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "involvedObject": "regarding",
    "lastTimestamp": "deprecatedLastTimestamp",
    "message": "note",
    "reportingComponent": "reportingController",
    "source": "deprecatedSource",
}
"""The fields of events of the core group by other names than in events.k8s.io: API servers show each event in both.

Source: pkg/apis/core/v1 and pkg/apis/events/v1 of Kubernetes, `Convert_v1_Event_To_core_Event`.
"""
_MAPS_OF_VALUES: Final = frozenset({FieldFormat.STRING_MAP, FieldFormat.QUANTITY_MAP})
_MAPS: Final = frozenset({*_MAPS_OF_VALUES, FieldFormat.ANY})


@dataclass(frozen=True, slots=True)
class MaskedPath:
    """A masked path of a kind in all its versions.

    Attributes:
        group: the API group; empty for the core group.
        name: the plural, or the kind's name in lower case.
        keys: the JSON keys from the object on.
    """

    group: str
    name: str
    keys: tuple[str, ...]


def masked_paths(text: str) -> tuple[MaskedPath, ...]:
    """Returns the paths of a text; none for an empty one.

    Raises:
        ValueError: an entry is invalid, or a built-in kind has no such field; the message has the cause.
    """
    entries = (match[0].strip() for match in _ENTRY.finditer(text))
    return tuple(path for entry in entries if entry for path in _paths(entry))


def _paths(entry: str) -> Iterable[MaskedPath]:
    kind, colon, path = entry.partition(":")
    if not colon:
        raise ValueError(f"{entry[:80]!r} has no path; write KIND:PATH, such as configmaps:data.password")
    keys = _keys(path.strip())
    if kinds := _built_in(kind.strip()):
        having = _with(keys, kinds, entry)
        return [MaskedPath(known.group, known.plural, own) for kind in having for known, own in _alike(kind, keys)]
    group, name = _group_and_name(kind.strip())
    return [MaskedPath(group, name.lower(), keys)]


def _alike(kind: Kind, keys: tuple[str, ...]) -> Iterable[tuple[Kind, tuple[str, ...]]]:
    """Yields the kind with the path, and another kind of the same objects with the path that the value has there."""
    yield kind, keys
    if kind == EVENT:
        yield EVENTS_EVENT, (_OF_EVENTS.get(keys[0], keys[0]), *keys[1:])
    elif kind == EVENTS_EVENT:
        names = {other: name for name, other in _OF_EVENTS.items()}
        yield EVENT, (names.get(keys[0], keys[0]), *keys[1:])


def _keys(path: str) -> tuple[str, ...]:
    keys, place = list[str](), 0
    while place < len(path):
        match = _KEY.match(path, place)
        if match is None:
            break
        keys.append(match["word"] if match["word"] is not None else _unquoted(match["quoted"]))
        if match["word"] is not None and not _WORD.fullmatch(match["word"]):
            raise ValueError(_no_word(match["word"], path))
        place = match.end()
    if not keys or place < len(path):
        raise ValueError(f'{path[:80]!r} is no path; write JSON keys, such as spec.token or data["tls.key"]')
    if keys[0] in {"apiVersion", "kind"} or (keys[0] == "metadata" and tuple(keys[:2]) != _ANNOTATIONS):
        raise ValueError(f"{path[:80]!r} identifies or selects objects; of metadata, only annotations can be masked")
    if tuple(keys[:2]) == _ANNOTATIONS and len(keys) > len(_ANNOTATIONS) + 1:
        raise ValueError(_no_map(path, keys[: len(_ANNOTATIONS)], keys[len(_ANNOTATIONS) :]))
    return tuple(keys)


def _unquoted(text: str) -> str:
    try:
        return str(loads(text))
    except ValueError as error:
        raise ValueError(f"{text[:80]} is no JSON text") from error


def _no_word(word: str, path: str) -> str:
    """Returns the error of a key that could be meant in another way."""
    if "*" in word:
        return f"{path[:80]!r} has a wildcard, and none is known; lists need none, and a map is masked as a whole"
    return f"{path[:80]!r}: write the key as [{dumps(word[:80])}], with dots only between keys"


def _no_map(path: str, above: Sequence[str], below: Sequence[str]) -> str:
    """Returns the error of a path below a text in a map, whose key probably has dots."""
    meant = f"{'.'.join(above)}[{dumps('.'.join(below))}]"
    return f"{path[:160]!r}: nothing is below a value of {'.'.join(above)}; did you mean {meant[:160]}?"


def _group_and_name(text: str) -> tuple[str, str]:
    group, slash, name = text.partition("/")
    if not slash:
        name, _, group = text.partition(".")
    if slash and _VERSION.fullmatch(group):
        raise ValueError(
            f"{text[:80]!r} has a version; masks are for all versions, so write group/Kind or plural.group"
        )
    if not _KIND.fullmatch(name.lower()) or not (_GROUP.fullmatch(group) or (slash and not group)):
        near = any_of(get_close_matches(text, [known for kind in BUILT_IN for known in (kind.plural, kind.name)], n=2))
        hint = f"did you mean {near}?" if near else "write a built-in kind's plural, group/Kind or plural.group"
        raise ValueError(f"{text[:80]!r} is no kind; {hint}")
    if any(kind.group == group for kind in BUILT_IN):
        names = [kind.name for kind in BUILT_IN if kind.group == group]
        raise ValueError(f"{text[:80]!r} is no built-in kind; this group has {any_of(names)}")
    return group, name


def _built_in(text: str) -> list[Kind]:
    """Returns the built-in kinds of a name; without a group there may be several."""
    return [kind for kind in BUILT_IN if text in _names(kind)]


def _names(kind: Kind) -> set[str]:
    return {kind.plural, kind.name, f"{kind.plural}.{kind.group}", f"{kind.group}/{kind.name}"}


def _with(keys: tuple[str, ...], kinds: Iterable[Kind], entry: str) -> list[Kind]:
    """Returns those of the kinds whose objects have a path.

    Raises:
        ValueError: none has it, so nothing would be masked.
    """
    having, causes = list[Kind](), list[ValueError]()
    for kind in kinds:
        try:
            _check(kind, keys, entry)
        except ValueError as cause:
            causes.append(cause)
        else:
            having.append(kind)
    if not having:
        raise causes[0]
    return having


def _check(kind: Kind, keys: tuple[str, ...], entry: str) -> None:
    """Raises ValueError for a path that objects of a built-in kind do not have."""
    structures: Mapping[str, Structure] = built_in_structures()
    structure: Structure | None = structures[structure_names()[kind]]
    for place, key in enumerate(keys):
        if structure is None:
            raise ValueError(f"{entry[:160]!r}: nothing is below a value of {kind.name}; shorten the path")
        known = {field.key: field for field in structure.fields}
        if key not in known:
            near = any_of(get_close_matches(key, known, n=2))
            hint = f"; did you mean {near}?" if near else ""
            raise ValueError(f"{entry[:160]!r}: {structure.name} has no field {key[:80]}{hint}")
        if known[key].format in _MAPS_OF_VALUES and len(keys) > place + 2:
            raise ValueError(_no_map(entry, keys[: place + 1], keys[place + 1 :]))
        if known[key].format in _MAPS:
            return
        structure = structures[known[key].structure or ""] if known[key].structure is not None else None
