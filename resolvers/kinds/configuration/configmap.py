"""Members of ConfigMaps beyond their Kubernetes fields."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Any

from msgspec import Meta, Struct

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.kinds.uses.usedby import add_uses
from resolvers.links.members import Family

CONFIG_MAPS = Family(kinds.CONFIG_MAP)


class ConfigMapEntry(Struct, frozen=True):
    """A key of a ConfigMap, without its value."""

    key: Annotated[str, Meta(description="The key.")]
    sizeBytes: Annotated[  # noqa: N815  GraphQL
        int | None, Meta(description="The size of the value in bytes; null if the value is masked.")
    ]
    isBinary: Annotated[bool, Meta(description="True for a key of `binaryData`.")]  # noqa: N815  GraphQL


@CONFIG_MAPS.derived("data", "binaryData", description="The number of its keys, as in kubectl's DATA column.")
def key_count(config_map: Row) -> int:
    """Returns kubectl's DATA.

    Source: `printConfigMap` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    return len(config_map.data or ()) + len(config_map.binaryData or ())


@CONFIG_MAPS.derived("data", "binaryData", description="Its keys, sorted, of `data` and `binaryData`.")
def keys(config_map: Row) -> list[str]:
    """Returns the keys."""
    return sorted({*_keys(config_map.data), *_keys(config_map.binaryData)})


@CONFIG_MAPS.derived("data", "binaryData", description="Its keys, sorted, with the sizes of their values.")
def entries(config_map: Row) -> list[ConfigMapEntry]:
    """Returns the keys with their sizes."""
    return sorted(_entries(config_map), key=lambda entry: entry.key)


@CONFIG_MAPS.derived(
    "data", "binaryData", description="The size of all its values in bytes; null if some of them are masked."
)
def size_bytes(config_map: Row) -> int | None:
    """Returns the sum of the sizes."""
    sizes = [entry.sizeBytes for entry in _entries(config_map)]
    return None if None in sizes else sum(size or 0 for size in sizes)


add_uses(CONFIG_MAPS, kinds.CONFIG_MAP, examples="as volumes, or in environments of containers")


def _keys(values: Mapping[str, Any] | None) -> Iterator[str]:
    return islice(values or (), MAX_ITEMS)


def _entries(config_map: Row) -> Iterator[ConfigMapEntry]:
    for key in _keys(config_map.data):
        value = config_map.data[key]
        yield ConfigMapEntry(key, len(value.encode()) if value is not None else None, isBinary=False)
    for key in _keys(config_map.binaryData):
        value = config_map.binaryData[key]
        yield ConfigMapEntry(key, _decoded_size(value) if value is not None else None, isBinary=True)


def _decoded_size(base64: str) -> int:
    """Returns the number of bytes of a value in base64."""
    return max(0, len(base64) * 3 // 4 - base64[-2:].count("="))
