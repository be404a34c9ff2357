"""Objects in memory that stay as they are."""

from collections.abc import Iterable, Sequence

from k8s.kinds.kind import Kind
from snapshots.serving.content import Listed
from snapshots.serving.index.item import Item, item_bytes
from snapshots.serving.place import key_of, kind_of
from snapshots.serving.servedkinds import ContentInvalid, by_type, served_kinds, shown

DEFAULT_VERSION = "v1.37.2"


class StaticContent:
    """Serves the same objects for ever; see `Content`."""

    def __init__(
        self,
        objects: Iterable[Item],
        *,
        version: str = DEFAULT_VERSION,
        kinds: Iterable[Kind] | None = None,
        resource_version: str | None = None,
    ) -> None:
        """Takes the objects of a cluster.

        Args:
            objects: each with apiVersion, kind and metadata, in any order.
            version: the API server's release.
            kinds: what is served; by default the built-in kinds and those of the definitions among the objects.
            resource_version: of every list; by default the highest of the objects' own.

        Raises:
            ContentInvalid: an object is of no such kind, has no name, or is there twice.
        """
        items = tuple(objects)
        self.version = version
        self.kinds: Sequence[Kind] = served_kinds(items) if kinds is None else tuple(kinds)
        self.resource_version = resource_version or str(highest_version(items))
        self._listed = {
            kind: Listed(self.resource_version, tuple(written[key] for key in sorted(written)))
            for kind, written in sorted_by_kind(items, self.kinds).items()
        }

    async def listed(self, kind: Kind) -> Listed:
        """All objects of a kind."""
        return self._listed[kind]


def sorted_by_kind(items: Iterable[Item], kinds: Iterable[Kind]) -> dict[Kind, dict[str, bytes]]:
    """The JSON of objects by kind and key.

    Raises:
        ContentInvalid: see `StaticContent`.
    """
    found: dict[Kind, dict[str, bytes]] = {kind: {} for kind in kinds}
    types = by_type(found)
    for item in items:
        kind = kind_of(item, types)
        key = key_of(kind, item)
        if key in found[kind]:
            raise ContentInvalid(f"{shown(item)}: it is there twice.")
        found[kind][key] = item_bytes(kind, item)
    return found


def highest_version(items: Iterable[Item]) -> int:
    """The highest resource version among objects; 1 if none has any."""
    versions = (
        str(metadata.get("resourceVersion", "")) for item in items if isinstance(metadata := item.get("metadata"), dict)
    )
    return max((int(version) for version in versions if version.isascii() and version.isdigit()), default=1)
