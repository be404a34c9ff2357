"""The kinds of one group of a server, collected from its documents of discovery; every entry is checked.

A server can list anything. An entry whose names are invalid, or that contradicts an earlier one, is left out and costs
no other.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from k8s.apiserver.discoverydocuments import DiscoveredResource
from k8s.apiserver.served import ServedKind, ServedVersion
from k8s.dnslabel import DNS_LABEL
from k8s.kinds.builtin import BY_NAME, BY_PLURAL
from k8s.kinds.kind import Kind

MOST_WORDS: Final = 64
"""The limit of a kind's short names and categories, of a version's verbs and subresources, of a group's versions."""
_KIND: Final = re.compile(r"[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?", re.ASCII)
"""The form of a kind: a DNS label in any case (source: `validateCustomResourceDefinitionNames`)."""
_WORD: Final = re.compile(r"[a-z]{1,63}", re.ASCII)
_LONGEST_QUOTED: Final = 63


@dataclass(slots=True)
class _Collected:
    """A kind in its first version, and its versions so far."""

    kind: Kind
    singular: str
    short_names: tuple[str, ...]
    categories: tuple[str, ...]
    versions: list[ServedVersion] = field(default_factory=list)

    def served(self) -> ServedKind:
        return ServedKind(
            self.kind.group,
            self.kind.name,
            self.kind.plural,
            self.singular,
            self.kind.namespaced,
            self.short_names,
            self.categories,
            tuple(self.versions),
            all(version.is_stale for version in self.versions),
        )


class Interned:
    """Values of one server, of which most kinds have the same few: checked once, and one object for equal ones."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._verbs: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._versions: dict[ServedVersion, ServedVersion] = {}

    def names(self, values: Iterable[str] | None) -> tuple[str, ...]:
        """Returns the first names that are DNS labels, once each."""
        return _valid(self._words, values, DNS_LABEL)

    def verbs(self, values: Iterable[str] | None) -> tuple[str, ...]:
        """Returns the first words, once each."""
        return _valid(self._verbs, values, _WORD)

    def version(self, version: ServedVersion) -> ServedVersion:
        """Returns the version."""
        return self._versions.setdefault(version, version)


class GroupKinds:
    """The kinds of one group: of two entries that contradict each other, the first is right."""

    def __init__(self, group: str, interned: Interned) -> None:
        """Takes the group, and the values that it shares with others."""
        self._group = group
        self._interned = interned
        self._by_plural: dict[str, _Collected] = {}
        self._by_name: dict[str, _Collected] = {}

    def served(self) -> Iterator[ServedKind]:
        """Yields all kinds."""
        return (collected.served() for collected in self._by_plural.values())

    def add(self, version: str, resource: DiscoveredResource, *, is_stale: bool) -> str:
        """Adds a resource of a version; returns what is wrong with it, or an empty text."""
        if resource.response_kind is None:  # only its subresources are served
            return ""
        plural, name = resource.resource or "", resource.response_kind.kind or ""
        kind = Kind(self._group, version, name, plural, namespaced=resource.scope == "Namespaced")
        problem = _problem(kind) or self._contradiction(kind)
        if not problem:
            self._collected(kind, resource).versions.append(self._version(version, resource, is_stale=is_stale))
        return problem

    def _collected(self, kind: Kind, resource: DiscoveredResource) -> _Collected:
        collected = self._by_plural.get(kind.plural)
        if collected is None:
            singular = resource.singular_resource or ""
            collected = self._by_plural[kind.plural] = self._by_name[kind.name.lower()] = _Collected(
                kind,
                singular if DNS_LABEL.fullmatch(singular) else kind.name.lower(),
                self._interned.names(resource.short_names),
                self._interned.names(resource.categories),
            )
        return collected

    def _version(self, version: str, resource: DiscoveredResource, *, is_stale: bool) -> ServedVersion:
        verbs = self._interned.verbs(sorted(islice(resource.verbs or (), MOST_WORDS)))
        entries = islice(resource.subresources or (), MOST_WORDS)
        subresources = self._interned.names(sorted(entry.subresource or "" for entry in entries))
        return self._interned.version(ServedVersion(version, verbs, subresources, is_stale))

    def _contradiction(self, kind: Kind) -> str:
        """Returns how a kind contradicts an earlier one; an empty text if it does not."""
        same, other = self._by_name.get(kind.name.lower()), self._by_plural.get(kind.plural)
        if same is None:
            return f"it is also the plural of {other.kind.name}" if other is not None else ""
        if same.kind.name != kind.name:
            return f"the kind {kind.name} differs from {same.kind.name} in case only"
        if same is not other:
            return f"the kind {kind.name} is also served as {same.kind.plural}"
        if same.kind.namespaced != kind.namespaced:
            return "only some of its versions have namespaces"
        return "it is listed twice" if same.versions[-1].version == kind.version else ""


def _valid(
    known: dict[tuple[str, ...], tuple[str, ...]], values: Iterable[str] | None, form: re.Pattern[str]
) -> tuple[str, ...]:
    few = tuple(islice(values or (), MOST_WORDS))
    valid = known.get(few)
    if valid is None:
        valid = tuple(dict.fromkeys(value for value in few if form.fullmatch(value)))
        valid = known[few] = known.setdefault(valid, valid)
    return valid


def _problem(kind: Kind) -> str:
    """Returns what is wrong with the names of a kind, or an empty text."""
    if not DNS_LABEL.fullmatch(kind.plural):
        return "its name is no resource name"
    if not _KIND.fullmatch(kind.name):
        return f"its kind {quoted(kind.name)} is no name of a kind"
    for built_in in (BY_NAME.get((kind.group, kind.name)), BY_PLURAL.get((kind.group, kind.plural))):
        if built_in is not None and (built_in.name, built_in.plural) != (kind.name, kind.plural):
            return f"Kubernetes' own {built_in.name} is served as {built_in.plural}"
    return ""


def quoted(text: str) -> str:
    """Returns a name that a server sent, shortened, as it is named in problems."""
    return repr(text if len(text) <= _LONGEST_QUOTED else text[: _LONGEST_QUOTED - 3] + "...")
