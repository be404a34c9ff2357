"""The kinds that an API server serves, custom and aggregated ones included, with all their names and versions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from k8s.kinds.builtin import BY_PLURAL
from k8s.kinds.kind import Kind
from k8s.turns.turns import Pace


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """A version in which a kind is served.

    Attributes:
        version: The version within the group, such as `v1beta1`.
        verbs: The verbs of its objects, such as `list`; sorted.
        subresources: The names of its subresources, such as `status`; sorted.
        is_stale: Whether the aggregated API of this version does not answer.
    """

    version: str
    verbs: tuple[str, ...]
    subresources: tuple[str, ...]
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class ServedKind:
    """A kind of one group with all its versions.

    Attributes:
        group: The API group; empty for the core group.
        name: The name in PascalCase, such as `Deployment`.
        plural: The resource name in the URL, such as `deployments`.
        singular: The resource name for one object, such as `deployment`.
        namespaced: False for objects of the whole cluster.
        short_names: Abbreviations, such as `deploy`.
        categories: Groups of kinds that it belongs to, such as `all`.
        versions: The preferred one first, then by Kubernetes' priority of versions; stale ones come last.
        is_stale: Whether its aggregated API does not answer, in any version.
    """

    group: str
    name: str
    plural: str
    singular: str
    namespaced: bool
    short_names: tuple[str, ...]
    categories: tuple[str, ...]
    versions: tuple[ServedVersion, ...]
    is_stale: bool = False

    def kind(self, version: str | None = None) -> Kind:
        """Returns the kind in one of its versions; None for the preferred one.

        Raises:
            ValueError: It is not served in that version.
        """
        if version is None:
            version = self.versions[0].version
        elif all(served.version != version for served in self.versions):
            raise ValueError(f"{self} is not served in {version!r}.")
        return Kind(self.group, version, self.name, self.plural, namespaced=self.namespaced)

    def versions_with(self, verb: str) -> Iterator[str]:
        """Yields the versions whose objects have a verb, in order."""
        return (served.version for served in self.versions if verb in served.verbs)

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Served:
    """Everything that one server serves; immutable, and shared by servers that serve the same.

    Attributes:
        kinds: All kinds, in the order of the server: the core group comes first, and of two groups that have a kind of
            the same name, kubectl takes the first.
        failed: Groups and versions (`metrics.k8s.io/v1beta1`) whose kinds are not available now, with the cause.
        problems: Lines about entries that were left out, because their names are invalid, for example.
        origin: The same without the kinds that `with_silent` added; held so that equal documents are decoded once.
    """

    kinds: tuple[ServedKind, ...]
    failed: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    origin: "Served | None" = field(default=None, repr=False)
    _by_name: Mapping[tuple[str, str], ServedKind] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {(kind.group, kind.name): kind for kind in self.kinds})

    def find(self, group: str, name: str) -> ServedKind | None:
        """Returns a kind by its group and its name in PascalCase; None if it is not served."""
        return self._by_name.get((group, name))

    def named(self, resource: str) -> tuple[ServedKind, ...]:
        """Returns the kinds that a name means to kubectl, in the order of the server; empty for an unknown name.

        The name is a plural, a singular or a short name, or a kind, such as `deployments`, `deploy` and `Deployment`.
        It may have a group or the beginning of one (`deployments.apps`), or a version and a group
        (`deployments.v1.apps`, `pods.v1.` of the core group). Only singulars and plurals are found in any case; a kind
        also in lower case.

        Source: `mappingFor` of k8s.io/cli-runtime, with `DefaultRESTMapper` and `shortcutExpander`.
        """
        return tuple(kind for kind, _ in self.meant(resource))

    def meant(self, resource: str) -> tuple[tuple[ServedKind, str | None], ...]:
        """Returns the kinds of `named`, each with the version that the name has; None if it has none."""
        name, _, rest = resource.partition(".")
        version, has_version, group = rest.partition(".")
        if has_version:
            kinds = self._with(name, group) if group else _alike((kind for kind in self.kinds if not kind.group), name)
            fully = [kind for kind in kinds if any(version == one.version for one in kind.versions)]
            if fully:
                return tuple((kind, version) for kind in fully)
        return tuple((kind, None) for kind in self._with(name, rest))

    def listed(self) -> Iterator[Kind]:
        """Yields all kinds that can be listed, each in one version: the built-in one, else the first with lists."""
        for served in self.kinds:
            versions = [*served.versions_with("list")]
            built_in = BY_PLURAL.get((served.group, served.plural))
            if built_in is not None and built_in.version in versions:
                yield built_in
            elif versions:
                yield served.kind(versions[0])

    async def with_silent(self, before: "Served", *, most_kinds: int) -> "Served":
        """Returns the same with the kinds of groups that do not answer now, as they were before, and stale.

        An API server lists the versions of an aggregated API that does not answer, but none of their kinds. With more
        than `most_kinds` kinds, some of these are left out: a server may have other groups each time.
        """
        if before.origin is self:
            return before
        pace, groups = Pace(), set[str]()
        for place in self.failed:
            group, slash, _ = place.partition("/")
            groups.update([group] if slash else ())
            await pace.breathe()
        silent: dict[tuple[str, str], tuple[ServedKind, tuple[ServedVersion, ...]]] = {}
        for kind in before.kinds:
            if kind.group in groups and (versions := self._silent(kind)):
                silent[kind.group, kind.name] = (kind, versions)
            await pace.breathe()
        if not silent:
            return self
        kinds: list[ServedKind] = []
        for kind in self.kinds:
            kinds.append(_with_versions(kind, silent.pop((kind.group, kind.name), (kind, ()))[1]))
            await pace.breathe()
        for kind, versions in islice(silent.values(), max(0, most_kinds - len(kinds))):
            kinds.append(replace(kind, versions=versions, is_stale=True))
            await pace.breathe()
        return Served(tuple(kinds), self.failed, self.problems, self)

    def _silent(self, before: ServedKind) -> tuple[ServedVersion, ...]:
        """Returns the versions of a kind of which there is no answer now, stale."""
        now = self.find(before.group, before.name)
        answered = {served.version for served in now.versions} if now is not None else ()
        return tuple(
            replace(served, is_stale=True)
            for served in before.versions
            if served.version not in answered and f"{before.group}/{served.version}" in self.failed
        )

    def _with(self, name: str, group: str) -> list[ServedKind]:
        """Returns the kinds of a name: in the group, or else in groups that begin so; without a group in all."""
        if not group:
            return _alike(self.kinds, name)
        exact = _alike((kind for kind in self.kinds if kind.group == group), name)
        return exact or _alike((kind for kind in self.kinds if kind.group.startswith(group)), name)


def _with_versions(kind: ServedKind, versions: tuple[ServedVersion, ...]) -> ServedKind:
    return replace(kind, versions=(*kind.versions, *versions)) if versions else kind


def _alike(kinds: Iterable[ServedKind], name: str) -> list[ServedKind]:
    """Returns the kinds with that plural or singular; else with that short name; else of that name."""
    kinds, lower = tuple(kinds), name.lower()
    return (
        [kind for kind in kinds if lower in (kind.plural, kind.singular)]
        or [kind for kind in kinds if name in kind.short_names]
        or [kind for kind in kinds if name in (kind.name, kind.name.lower())]
    )
