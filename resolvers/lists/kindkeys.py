"""Keys of objects of several kinds in one list: the kind is a part of the namespace, which has no slash by itself."""

from collections.abc import Iterable

from k8s.watches.keyorder import Key


def key_of_kind(group: str, name: str, key: Key) -> Key:
    """Returns the key of an object in a list of several kinds, from its kind's group and name and its own key."""
    return f"{name}.{group}/{key[0]}", key[1]


def keys_of_kind(group: str, name: str, keys: Iterable[Key]) -> frozenset[Key]:
    """Returns the own keys of the objects of a kind; keys without a kind are of all kinds."""
    prefix = f"{name}.{group}/"
    return frozenset((place.removeprefix(prefix), own) for place, own in keys if _is_of(prefix, place))


def own_key(key: Key) -> tuple[str, Key]:
    """Returns the kind of a key as a text, and the key without it."""
    kind, slash, namespace = key[0].rpartition("/")
    return f"{kind}{slash}", (namespace, key[1])


def _is_of(prefix: str, place: str) -> bool:
    return place.startswith(prefix) or "/" not in place
