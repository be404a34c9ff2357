"""Where an object stands among those of its kind."""

from collections.abc import Mapping

from k8s.kinds.kind import Kind
from snapshots.serving.index.item import Item
from snapshots.serving.servedkinds import ContentInvalid, shown


def kind_of(item: Item, kinds: Mapping[tuple[object, object], Kind]) -> Kind:
    """The kind of an object.

    Raises:
        ContentInvalid: it is of none of the kinds.
    """
    kind = kinds.get((item.get("apiVersion"), item.get("kind")))
    if kind is None:
        raise ContentInvalid(f"{shown(item)}: no such kind is served; its CustomResourceDefinition is missing.")
    return kind


def key_of(kind: Kind, item: Item) -> str:
    """The key of an object: `namespace/name`, or the name of an object of the whole cluster.

    Raises:
        ContentInvalid: it has no name, or no namespace though its kind has namespaces.
    """
    metadata = item.get("metadata")
    found = metadata if isinstance(metadata, Mapping) else {}
    name, namespace = found.get("name"), found.get("namespace")
    if not isinstance(name, str) or not name:
        raise ContentInvalid(f"{shown(item)}: it has no metadata.name.")
    if not kind.namespaced:
        return name
    if not isinstance(namespace, str) or not namespace:
        raise ContentInvalid(f"{shown(item)}: it has no metadata.namespace.")
    return f"{namespace}/{name}"
