"""Raw JSON of objects at any path, typed or not: the paths below the key `*` of a selection.

A tree of keys is decoded to `msgspec.Struct` classes that accept any JSON at each level, so other paths never become
objects. A list between is mapped over its elements. The tree of a selection is built by `SelectionBuilder.add_open`;
`open_value` reads it from a row. Values are dicts, lists, texts, and numbers as they were sent.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, TypeAlias

import msgspec

from k8s.reading.selection import WHOLE, Selection

OPEN_ROOT: Final = "__open__"
"""The attribute of a row with all its open values, if they were decoded apart from its fields."""

OpenPath: TypeAlias = str | tuple[str, ...]
"""Keys with dots between, such as `status.conditions`; or the keys one by one, which may then contain dots."""

OpenKeys: TypeAlias = Mapping[str, tuple[str, type | None]]
"""The attribute of each key of a decoded object, and the class of the objects there; None for whole values."""

_ATTRIBUTE: Final = "__at{}__"
"""The attribute of a key by its place; no JSON key has it as its own attribute (`k8s.kinds.structure`)."""

_CACHED_TYPES: Final = 256


def open_value(row: Any, path: OpenPath) -> Any:
    """Returns the JSON of a row at a path that is in its open selection; None without any.

    Below a list it is the list of the values of its elements, with None for elements without one. The empty path is the
    whole object.
    """
    readers = type(row).open_readers
    reader = readers.get(path)
    if reader is None:
        reader = readers[path] = _reader(type(row), keys_of(path))
    return reader(row)


def keys_of(path: OpenPath) -> tuple[str, ...]:
    """Returns the keys of a path."""
    if isinstance(path, tuple):
        return path
    return tuple(path.split(".")) if path else ()


def below(value: Any, keys: Sequence[str]) -> Any:
    """Returns the JSON at keys below a value, as `open_value` does."""
    for place, key in enumerate(keys):
        if isinstance(value, list):
            return [below(element, keys[place:]) for element in value]
        if isinstance(value, dict):
            value = value.get(key)
        else:
            attribute = getattr(type(value), "open_keys", {}).get(key)
            value = getattr(value, attribute[0]) if attribute is not None else None
    return value


def is_whole(tree: Selection) -> bool:
    """Returns True if the value at the root of a tree is decoded whole."""
    return not tree or WHOLE in tree.keys


def open_fields(tree: Selection) -> list[tuple[str, str, Any]]:
    """Returns attribute, JSON key and type for each key of a tree that is not whole."""
    return [(_ATTRIBUTE.format(place), key, _value_type(inner)) for place, (key, inner) in enumerate(tree)]


def open_namespace(tree: Selection, shared: OpenKeys) -> dict[str, Any]:
    """Returns the attributes of the class of an object with the fields of a tree; without fields if it is whole.

    Args:
        tree: the tree.
        shared: attributes of the object that have the JSON of their keys, and are read for those in the tree.
    """
    keys: OpenKeys = {}
    if not is_whole(tree):
        keys = {
            key: shared.get(key) or (_ATTRIBUTE.format(place), None if is_whole(inner) else open_type(inner))
            for place, (key, inner) in enumerate(tree)
        }
    return {"open_keys": keys, "open_readers": {}}


@lru_cache(maxsize=_CACHED_TYPES)
def open_type(tree: Selection) -> Any:
    """Returns the class of an object with the fields of a tree; `Any` for a whole value."""
    if is_whole(tree):
        return Any
    fields = open_fields(tree)
    return msgspec.defstruct(
        "Open",
        [(attribute, value_type, None) for attribute, _, value_type in fields],
        rename={attribute: key for attribute, key, _ in fields},
        namespace=open_namespace(tree, {}),
        gc=False,
    )


def pruned(value: Any, tree: Selection) -> Any:
    """Returns decoded JSON with the paths of a tree only."""
    if is_whole(tree):
        return value
    if isinstance(value, list):
        return [pruned(element, tree) for element in value]
    if isinstance(value, dict):
        return {key: pruned(value[key], inner) for key, inner in tree if key in value}
    return None


def _value_type(tree: Selection) -> Any:
    """Returns a type of any JSON except fractions, which msgspec would parse with its own parser (`numbers`)."""
    if is_whole(tree):
        return Any
    inner: Any = open_type(tree)
    elements: Any = inner | list[Any] | str | int | bool | None
    return inner | list[elements] | str | int | bool | None


def _reader(row_type: Any, keys: tuple[str, ...]) -> Callable[[Any], Any]:
    """Returns a function that reads the value at keys; on objects inside each other, in one step."""
    is_apart = OPEN_ROOT in row_type.__struct_fields__
    root_of = attrgetter(OPEN_ROOT) if is_apart else _itself
    names, inner = [OPEN_ROOT] if is_apart else [], row_type
    for key in keys:
        if inner is None or key not in inner.open_keys:
            inner, names = None, []
            break
        attribute, inner = inner.open_keys[key]
        names.append(attribute)
    if not keys or not names:
        return lambda row: below(root_of(row), keys)
    read = attrgetter(".".join(names))

    def value(row: Any) -> Any:
        try:
            return read(row)
        except AttributeError:  # a value on the way is null, a list, or no object
            return below(root_of(row), keys)

    return value


def _itself(row: Any) -> Any:
    return row
