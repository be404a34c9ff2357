"""The kinds of a server, collected from its documents of discovery group by group, within the limits."""

from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Final

from k8s.apiserver.discoverydocuments import DiscoveredVersion
from k8s.apiserver.served import Served, ServedKind
from k8s.apiserver.servedgroup import MOST_WORDS, GroupKinds, Interned, quoted
from k8s.kinds.versionpriority import version_priority
from k8s.transport.path import PathInvalid, group_path
from k8s.turns.turns import Pace

_STALE: Final = "Stale"
_MOST_PROBLEMS: Final = 100


class Problems:
    """Lines about what was left out, limited in number."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._others = 0

    def add(self, line: str) -> None:
        """Adds a line, or counts it."""
        if len(self._lines) < _MOST_PROBLEMS:
            self._lines.append(line)
        else:
            self._others += 1

    def lines(self) -> tuple[str, ...]:
        """Returns all lines; the last one is the number of those that were only counted."""
        more = (f"other entries left out for such reasons: {self._others}.",) if self._others else ()
        return (*self._lines, *more)


class ServedCollection:
    """The kinds of one server.

    Attributes:
        problems: Lines about entries that were left out.
        failed: Groups and versions whose kinds are not available, with the cause.
    """

    def __init__(self, most_kinds: int) -> None:
        """Takes the largest number of kinds."""
        self.problems = Problems()
        self.failed: dict[str, str] = {}
        self._most_kinds = most_kinds
        self._kinds: list[ServedKind] = []
        self._groups: set[str] = set()
        self._interned = Interned()
        self._excess = 0

    async def add(self, group: str, versions: Iterable[DiscoveredVersion], *, is_core: bool) -> None:
        """Adds a group with its versions, the preferred one first; `is_core` if it was listed below `/api`."""
        if group in self._groups or is_core == bool(group):
            place = "twice" if group in self._groups else "in the wrong place"
            self.problems.add(f"the group {quoted(group)} is listed {place}.")
            return
        self._groups.add(group)
        kinds, pace = GroupKinds(group, self._interned), Pace()
        for version in self._ordered(group, versions):
            name = version.version or ""
            for resource in version.resources or ():
                problem = kinds.add(name, resource, is_stale=version.freshness == _STALE)
                if problem and "list" in (resource.verbs or ()):  # external metrics have any names, and no lists
                    self.problems.add(f"{api_version(group, name)} {quoted(resource.resource or '')}: {problem}.")
                if perf_counter() > pace.until_s:
                    await pace.breathe()
        for kind in kinds.served():
            if len(self._kinds) < self._most_kinds:
                self._kinds.append(kind)
            else:
                self._excess += 1
            if perf_counter() > pace.until_s:
                await pace.breathe()

    def served(self) -> Served:
        """Returns everything that was collected."""
        lines = self.problems.lines()
        if self._excess:
            count = len(self._kinds) + self._excess
            excess = f"it serves {count} kinds; the limit is {self._most_kinds} (FLEETGRAPH_MAX_SERVED_KINDS)."
            lines = (excess, *lines)
        return Served(tuple(self._kinds), dict(self.failed), lines)

    def _ordered(self, group: str, versions: Iterable[DiscoveredVersion]) -> Sequence[DiscoveredVersion]:
        """Returns the valid versions: the preferred one, others by priority, and stale ones."""
        valid: dict[str, DiscoveredVersion] = {}
        preferred: str | None = None
        for version in versions:
            name = version.version or ""
            preferred = name if preferred is None else preferred
            if not is_version(group, name):
                self.problems.add(f"{quoted(f'{group}/{name}')} is no API version.")
            elif name in valid:
                self.problems.add(f"the API version {group}/{name} is listed twice.")
            elif len(valid) == MOST_WORDS:
                self.problems.add(f"the group {quoted(group)} has more than {MOST_WORDS} versions.")
                break
            else:
                valid[name] = version
                if version.freshness == _STALE:
                    self.failed[api_version(group, name)] = "its server does not answer"
        return sorted(
            valid.values(),
            key=lambda version: (
                version.freshness == _STALE,
                version.version != preferred,
                version_priority(version.version or ""),
            ),
        )


def api_version(group: str, version: str) -> str:
    """Returns the value of `apiVersion`."""
    return f"{group}/{version}" if group else version


def is_version(group: str, version: str) -> bool:
    """Returns whether a group and a version can be part of a path."""
    try:
        return bool(group_path(group, version))
    except PathInvalid:
        return False
