"""The documents of discovery: the aggregated one of newer servers, and those of older ones.

A null field is an absent one, as Go clients read them. The groups of the aggregated document are decoded one by one, so
an invalid one costs no other.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from k8s.reading.decoder import Decoder
from k8s.reading.decodingcost import field_decoding_s


class ResponseKind(msgspec.Struct):
    """The kind of a resource's objects."""

    kind: str | None = None


class DiscoveredSubresource(msgspec.Struct):
    """A subresource."""

    subresource: str | None = None


class DiscoveredResource(msgspec.Struct, rename="camel"):
    """A resource of a version."""

    resource: str | None = None
    scope: str | None = None
    verbs: list[str] | None = None
    response_kind: ResponseKind | None = None
    singular_resource: str | None = None
    short_names: list[str] | None = None
    categories: list[str] | None = None
    subresources: list[DiscoveredSubresource] | None = None


class DiscoveredVersion(msgspec.Struct):
    """A version of a group, with its resources."""

    version: str | None = None
    resources: list[DiscoveredResource] | None = None
    freshness: str | None = None


class DiscoveredMetadata(msgspec.Struct):
    """The name of a group."""

    name: str | None = None


class DiscoveredGroup(msgspec.Struct):
    """A group; the preferred version is the first one."""

    metadata: DiscoveredMetadata | None = None
    versions: list[DiscoveredVersion] | None = None


class DiscoveredGroups(msgspec.Struct):
    """The document of all groups, which are `DiscoveredGroup`s."""

    kind: str | None = None
    items: list[msgspec.Raw] | None = None


class LegacyResource(msgspec.Struct, rename="camel"):
    """A resource of one version, or a subresource: `pods/status`."""

    name: str | None = None
    kind: str | None = None
    namespaced: bool | None = None
    verbs: list[str] | None = None
    singular_name: str | None = None
    short_names: list[str] | None = None
    categories: list[str] | None = None


class LegacyResources(msgspec.Struct):
    """The document of one version."""

    resources: list[LegacyResource] | None = None


class LegacyVersion(msgspec.Struct):
    """A version of a group."""

    version: str | None = None


class LegacyGroup(msgspec.Struct, rename="camel"):
    """A group with the names of its versions."""

    name: str | None = None
    versions: list[LegacyVersion] | None = None
    preferred_version: LegacyVersion | None = None

    def version_names(self) -> list[str]:
        """Returns the versions, the preferred one first."""
        names = [version.version or "" for version in self.versions or ()]
        preferred = self.preferred_version and self.preferred_version.version
        return sorted(names, key=lambda name: name != preferred)


class LegacyGroups(msgspec.Struct):
    """The documents of all groups, and of the versions of the core group."""

    groups: list[LegacyGroup] | None = None
    versions: list[str] | None = None


GROUPS: Final = Decoder(DiscoveredGroups, cost_s=field_decoding_s)
GROUP: Final = Decoder(DiscoveredGroup, cost_s=field_decoding_s)
LEGACY_GROUPS: Final = Decoder(LegacyGroups, cost_s=field_decoding_s)
LEGACY_RESOURCES: Final = Decoder(LegacyResources, cost_s=field_decoding_s)


def modern(resources: Iterable[LegacyResource]) -> list[DiscoveredResource]:
    """Returns resources as the aggregated document has them, with their subresources.

    A subresource without its resource is left out: APIs of custom metrics list nothing else.
    """
    by_name: dict[str, DiscoveredResource] = {}
    found: list[DiscoveredResource] = []
    subresources: list[tuple[str, DiscoveredSubresource]] = []
    for resource in resources:
        name, slash, subresource = (resource.name or "").partition("/")
        if slash:
            subresources.append((name, DiscoveredSubresource(subresource)))
            continue
        found.append(_modern(resource))
        by_name.setdefault(name, found[-1])
    for name, entry in subresources:
        parent = by_name.get(name)
        if parent is not None and parent.subresources is not None:
            parent.subresources.append(entry)
    return found


def _modern(resource: LegacyResource) -> DiscoveredResource:
    return DiscoveredResource(
        resource.name,
        "Namespaced" if resource.namespaced else "Cluster",
        resource.verbs,
        ResponseKind(resource.kind),
        resource.singular_name,
        resource.short_names,
        resource.categories,
        [],
    )
