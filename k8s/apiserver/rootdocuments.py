"""The documents of discovery below `/api` or `/apis`: their digest, and the kinds in them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from k8s.apiserver.discoverydocuments import GROUP, LEGACY_RESOURCES, DiscoveredVersion, LegacyGroups, modern
from k8s.apiserver.servedcollection import ServedCollection, api_version, is_version
from k8s.errors import AnswerTooLarge, ClusterError, ProtocolBroken, ResourceNotFound
from k8s.reading.decoder import TooMuchToDecode, Undecodable
from k8s.turns.turns import Pace, paced

GroupVersion: TypeAlias = tuple[str, str]
GroupVersions: TypeAlias = tuple[str, Sequence[str]]

_MOST_VERSIONS: Final = 2000
"""The limit of groups and versions of an older server, which has one or two for each vendor of operators."""
_TOO_LARGE: Final = "its server sends a list of kinds that is too large"
_NO_LIST: Final = "its server sends no list of kinds"
_CAUSES: Final[tuple[tuple[type[ClusterError], str], ...]] = (
    (ResourceNotFound, "it is gone"),
    (AnswerTooLarge, _TOO_LARGE),
    (ProtocolBroken, _NO_LIST),
    (ClusterError, "its server does not answer"),
)
"""Causes by error: the first that matches."""


@dataclass(frozen=True, slots=True)
class AggregatedDocument:
    """The one document of a newer server.

    Attributes:
        body: The document.
        items: Its groups, each not decoded yet.
    """

    body: bytes
    items: Sequence[msgspec.Raw]

    def parts(self) -> Iterator[bytes]:
        """Yields everything that decides about the kinds."""
        yield self.body

    async def add_to(self, collection: ServedCollection, *, is_core: bool) -> None:
        """Adds all kinds to a collection."""
        pace = Pace()
        for number, item in enumerate(self.items, start=1):
            try:
                group = await GROUP.read(bytes(item))
            except Undecodable:
                collection.problems.add(f"group {number} in its list of kinds is invalid or too large.")
                continue
            name = (group.metadata and group.metadata.name) or ""
            await collection.add(name, group.versions or (), is_core=is_core)
            await pace.breathe()


@dataclass(frozen=True, slots=True)
class LegacyDocuments:
    """The documents of an older server.

    Attributes:
        groups: The groups, each with its versions, the preferred one first.
        answers: The document of each group and version that was asked, or the error that concerns only them.
        excess: True if more versions are listed than are asked.
    """

    groups: Sequence[GroupVersions]
    answers: Mapping[GroupVersion, bytes | ClusterError]
    excess: bool

    def parts(self) -> Iterator[bytes]:
        """Yields everything that decides about the kinds."""
        yield msgspec.json.encode(self.groups)
        for place, answer in self.answers.items():
            yield api_version(*place).encode()
            yield answer if isinstance(answer, bytes) else _cause(answer).encode()

    async def add_to(self, collection: ServedCollection, *, is_core: bool) -> None:
        """Adds all kinds to a collection."""
        if self.excess:
            collection.problems.add(
                f"it serves more than {_MOST_VERSIONS} API versions; the others are not asked for their kinds."
            )
        for group, versions in self.groups:
            found = [await self._version(collection, (group, version)) for version in versions]
            await collection.add(group, [version for version in found if version is not None], is_core=is_core)

    async def _version(self, collection: ServedCollection, place: GroupVersion) -> DiscoveredVersion | None:
        """Returns the kinds of a version; None if they are not available."""
        answer = self.answers.get(place)
        if answer is None:  # an invalid version, which the collection reports
            return DiscoveredVersion(place[1])
        cause = _TOO_LARGE
        if isinstance(answer, bytes):
            try:
                resources = (await LEGACY_RESOURCES.read(answer)).resources or ()
            except Undecodable as error:
                cause = _TOO_LARGE if isinstance(error, TooMuchToDecode) else _NO_LIST
            else:
                return DiscoveredVersion(place[1], modern(resources))
        else:
            cause = _cause(answer)
        collection.failed[api_version(*place)] = cause
        return None


RootDocuments: TypeAlias = AggregatedDocument | LegacyDocuments


async def listed_versions(groups: LegacyGroups) -> tuple[Sequence[GroupVersions], bool]:
    """Returns all groups with their versions, the preferred one first, and whether they are more than the limit."""
    listed: list[GroupVersions] = [("", groups.versions[:_MOST_VERSIONS])] if groups.versions else []
    count = len(groups.versions or ())
    async for group in paced(groups.groups or ()):
        if count > _MOST_VERSIONS:
            break
        listed.append((group.name or "", group.version_names()[: _MOST_VERSIONS - count]))
        count += len(group.versions or ())
    return listed, count > _MOST_VERSIONS


def asked_versions(groups: Iterable[GroupVersions]) -> list[GroupVersion]:
    """Returns the groups and versions that have a path, once each."""
    places = dict.fromkeys((group, version) for group, versions in groups for version in versions)
    return [place for place in places if is_version(*place)]


def _cause(error: ClusterError) -> str:
    return next(cause for kind, cause in _CAUSES if isinstance(error, kind))
