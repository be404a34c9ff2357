"""The kind and the key of an object."""

from collections.abc import Mapping

from k8s.kinds.kind import Kind
from snapshots.serving.index.item import Item
from snapshots.serving.servedkinds import ContentInvalid, in_words


def kind_of(item: Item, kinds: Mapping[tuple[object, object], Kind]) -> Kind:
    """Returns the kind of an object.

    Raises:
        ContentInvalid: It has another kind.
    """
    kind = kinds.get((item.get("apiVersion"), item.get("kind")))
    if kind is None:
        raise ContentInvalid(f"{in_words(item)}: no such kind is served; its CustomResourceDefinition is missing.")
    return kind


def key_of(kind: Kind, item: Item) -> str:
    """Returns the key of an object: `namespace/name`, or the name of a cluster-scoped object.

    Raises:
        ContentInvalid: It has no name, or no namespace although its kind is namespaced.
    """
    metadata = item.get("metadata")
    names = metadata if isinstance(metadata, Mapping) else {}
    name, namespace = names.get("name"), names.get("namespace")
    if not isinstance(name, str) or not name:
        raise ContentInvalid(f"{in_words(item)}: it has no metadata.name.")
    if not kind.namespaced:
        return name
    if not isinstance(namespace, str) or not namespace:
        raise ContentInvalid(f"{in_words(item)}: it has no metadata.namespace.")
    return f"{namespace}/{name}"
