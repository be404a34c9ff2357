"""Immutable objects in memory."""

from collections.abc import Iterable, Sequence

from k8s.kinds.kind import Kind
from snapshots.serving.content import ObjectList
from snapshots.serving.index.item import Item, item_bytes
from snapshots.serving.place import key_of, kind_of
from snapshots.serving.servedkinds import ContentInvalid, by_type, in_words, served_kinds

DEFAULT_VERSION = "v1.37.2"


class StaticContent:
    """A content that never changes; see `Content`."""

    def __init__(
        self,
        objects: Iterable[Item],
        *,
        version: str = DEFAULT_VERSION,
        kinds: Iterable[Kind] | None = None,
        resource_version: str | None = None,
    ) -> None:
        """Sorts the objects of a cluster.

        Args:
            objects: Objects with apiVersion, kind and metadata, in any order.
            version: The API server's release.
            kinds: The served kinds; by default the built-in ones and those of the definitions among the objects.
            resource_version: The version of every list; by default the highest version of the objects.

        Raises:
            ContentInvalid: An object has another kind, has no name, or occurs twice.
        """
        items = tuple(objects)
        self.version = version
        self.kinds: Sequence[Kind] = served_kinds(items) if kinds is None else tuple(kinds)
        self.resource_version = resource_version or str(highest_version(items))
        self._listed = {
            kind: ObjectList(self.resource_version, tuple(items_by_key[key] for key in sorted(items_by_key)))
            for kind, items_by_key in sorted_by_kind(items, self.kinds).items()
        }

    async def listed(self, kind: Kind) -> ObjectList:
        """Returns all objects of a kind."""
        return self._listed[kind]


def sorted_by_kind(items: Iterable[Item], kinds: Iterable[Kind]) -> dict[Kind, dict[str, bytes]]:
    """Returns the JSON of objects by kind and key.

    Raises:
        ContentInvalid: See `StaticContent`.
    """
    by_kind: dict[Kind, dict[str, bytes]] = {kind: {} for kind in kinds}
    types = by_type(by_kind)
    for item in items:
        kind = kind_of(item, types)
        key = key_of(kind, item)
        if key in by_kind[kind]:
            raise ContentInvalid(f"{in_words(item)}: it occurs twice.")
        by_kind[kind][key] = item_bytes(kind, item)
    return by_kind


def highest_version(items: Iterable[Item]) -> int:
    """Returns the highest resource version of objects; 1 if there is none."""
    versions = (
        str(metadata.get("resourceVersion", "")) for item in items if isinstance(metadata := item.get("metadata"), dict)
    )
    return max((int(version) for version in versions if version.isascii() and version.isdigit()), default=1)
