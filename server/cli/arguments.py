"""Labels as they are written on a command line: `key=value` sets, `key-` removes, as with kubectl label."""

from collections.abc import Iterable
from typing import NamedTuple

from server.errors import InputError
from store.names import require_labels


class LabelChanges(NamedTuple):
    """What shall become of labels."""

    put: dict[str, str]
    remove: frozenset[str]


def parse_labels(words: Iterable[str]) -> dict[str, str]:
    """Labels to set.

    Raises:
        InputError: A word is not `key=value`, or a key is given two values.
        InvalidValue: A key or value is none that Kubernetes accepts.
    """
    labels: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise InputError(f"{word[:80]!r} is no label; write KEY=VALUE.")
        if labels.setdefault(key, value) != value:
            raise InputError(f"The label {key!r} is given two values.")
    require_labels(labels)
    return labels


def parse_label_changes(words: Iterable[str]) -> LabelChanges:
    """Labels to set and to remove; raises as `parse_labels` does."""
    words = list(words)
    remove = frozenset(word.removesuffix("-") for word in words if "=" not in word and word.endswith("-"))
    put = parse_labels(word for word in words if "=" in word or not word.endswith("-"))
    if both := remove & put.keys():
        raise InputError(f"The label {min(both)!r} is both set and removed.")
    require_labels(dict.fromkeys(remove, ""))
    return LabelChanges(put, remove)
