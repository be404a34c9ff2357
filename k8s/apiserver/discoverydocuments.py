"""The documents of discovery: the aggregated one of newer servers, and those of older ones.

A null field is an absent one, as Go clients read them.
"""

from typing import Final

import msgspec

from k8s.reading.decoder import Decoder
from k8s.reading.decodingcost import field_decoding_s


class ResponseKind(msgspec.Struct):
    """The kind of a resource's objects."""

    kind: str | None = None


class DiscoveredResource(msgspec.Struct, rename="camel"):
    """A resource of a version."""

    resource: str | None = None
    scope: str | None = None
    verbs: list[str] | None = None
    response_kind: ResponseKind | None = None


class DiscoveredVersion(msgspec.Struct):
    """A version of a group, with its resources."""

    version: str | None = None
    resources: list[DiscoveredResource] | None = None
    freshness: str | None = None


class DiscoveredMetadata(msgspec.Struct):
    """The name of a group."""

    name: str | None = None


class DiscoveredGroup(msgspec.Struct):
    """A group."""

    metadata: DiscoveredMetadata | None = None
    versions: list[DiscoveredVersion] | None = None


class DiscoveredGroups(msgspec.Struct):
    """The document of all groups."""

    kind: str | None = None
    items: list[DiscoveredGroup] | None = None


class LegacyResource(msgspec.Struct):
    """A resource of one version, or a subresource."""

    name: str | None = None
    kind: str | None = None
    namespaced: bool | None = None
    verbs: list[str] | None = None


class LegacyResources(msgspec.Struct):
    """The document of one version."""

    resources: list[LegacyResource] | None = None


class LegacyVersion(msgspec.Struct):
    """A version of a group."""

    version: str | None = None


class LegacyGroup(msgspec.Struct):
    """A group with the names of its versions."""

    name: str | None = None
    versions: list[LegacyVersion] | None = None


class LegacyGroups(msgspec.Struct):
    """The documents of all groups, and of the versions of the core group."""

    groups: list[LegacyGroup] | None = None
    versions: list[str] | None = None


GROUPS: Final = Decoder(DiscoveredGroups, cost_s=field_decoding_s)
LEGACY_GROUPS: Final = Decoder(LegacyGroups, cost_s=field_decoding_s)
LEGACY_RESOURCES: Final = Decoder(LegacyResources, cost_s=field_decoding_s)
