"""The manifest of our own snapshots: one file in addition to the pages of their lists."""

from datetime import datetime
from typing import Final

import msgspec

from k8s.kinds.kind import Kind
from snapshots.lenientdecoder import LenientDecoder

MANIFEST_NAME: Final = "fleetgraph-snapshot.json"
FORMAT: Final = "fleetgraph.snapshot/v1"


class ManifestKind(msgspec.Struct, rename="camel", frozen=True):
    """One kind that was listed, with or without objects."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    objects: int
    resource_version: str

    @property
    def as_kind(self) -> Kind:
        """Returns the kind itself."""
        return Kind(self.group, self.version, self.kind, self.plural, namespaced=self.namespaced)


class Skipped(msgspec.Struct, rename="camel", frozen=True):
    """A kind that could not be listed, with the cause."""

    resource: str
    cause: str


class Manifest(msgspec.Struct, rename="camel", frozen=True):
    """The manifest of a snapshot.

    Attributes:
        format: The name of this layout.
        cluster: The name of the cluster.
        version: The release of its API server.
        taken_at: The time of the first list, with a time zone.
        has_secret_data: Whether secrets have their values.
        kinds: The listed kinds.
        skipped: The kinds that could not be listed.
    """

    format: str
    cluster: str
    version: str
    taken_at: datetime
    has_secret_data: bool
    kinds: tuple[ManifestKind, ...]
    skipped: tuple[Skipped, ...] = ()


_MANIFEST: Final = LenientDecoder(Manifest)


def read_manifest(body: bytes) -> Manifest | None:
    """Returns the manifest; None if the body is not one, or has a layout that this release does not know."""
    try:
        manifest = _MANIFEST.decode(body)
    except msgspec.DecodeError:
        return None
    return manifest if manifest.format == FORMAT and manifest.taken_at.tzinfo else None
