"""What our own snapshots say of themselves: one file beside the pages of their lists."""

from datetime import datetime
from typing import Final

import msgspec

from k8s.kinds.kind import Kind
from snapshots.decoding import Decoder

MANIFEST_NAME: Final = "fleetgraph-snapshot.json"
FORMAT: Final = "fleetgraph.snapshot/v1"


class ManifestKind(msgspec.Struct, rename="camel", frozen=True):
    """One kind that was listed, whether there are objects of it or not."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    objects: int
    resource_version: str

    @property
    def as_kind(self) -> Kind:
        """The kind itself."""
        return Kind(self.group, self.version, self.kind, self.plural, namespaced=self.namespaced)


class Skipped(msgspec.Struct, rename="camel", frozen=True):
    """A kind that could not be listed, and why."""

    resource: str
    cause: str


class Manifest(msgspec.Struct, rename="camel", frozen=True):
    """The whole of it.

    Attributes:
        format: which layout this is.
        cluster: what the cluster was called.
        version: the release of its API server.
        taken_at: when the first list was read, with a time zone.
        has_secret_data: whether secrets have their values.
        kinds: what was listed.
        skipped: what could not be.
    """

    format: str
    cluster: str
    version: str
    taken_at: datetime
    has_secret_data: bool
    kinds: tuple[ManifestKind, ...]
    skipped: tuple[Skipped, ...] = ()


_MANIFEST: Final = Decoder(Manifest)


def read_manifest(body: bytes) -> Manifest | None:
    """The manifest; None if it is none, or of a layout that this release does not know."""
    try:
        manifest = _MANIFEST.decode(body)
    except msgspec.DecodeError:
        return None
    return manifest if manifest.format == FORMAT and manifest.taken_at.tzinfo else None
