"""The three lists of a kubeconfig, of contexts, clusters and users, whose items have names."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.errors import KubeconfigInvalid, KubeconfigTooLarge, quoted_name
from k8s.kubeconfig.limits import CONTEXTS_SETTING, KubeconfigLimits

MAX_NAME_CHARACTERS: Final = 512
"""The longest name; the longest in use, resource names of clouds, have about 200 characters."""


@dataclass(frozen=True, slots=True)
class Section:
    """One of the lists of contexts, clusters and users of a file, in which each item has a name and a body.

    Attributes:
        key: The key of the list.
        kind: The kind of the items, and the key of their bodies: context, cluster or user.
        items: The items by name, in the file's order; nothing but their names is checked.
        repeated: The names of several items; kubectl refuses a file with one, here only the contexts that use it.
        unnamed: The number of items without a usable name, which no context can name.
    """

    key: str
    kind: str
    items: Mapping[str, Entry] = field(repr=False)
    repeated: frozenset[str] = frozenset()
    unnamed: int = 0

    def item(self, name: str, *, context: str) -> Entry:
        """Returns a named item, for a context.

        Raises:
            KubeconfigInvalid: Several items have the name.
        """
        item = replace(self.items[name], context=context)
        if name in self.repeated:
            reason = f"{self.key} has {quoted_name(name)} twice; rename or remove one"
            raise KubeconfigInvalid(reason, source=item.source, context=context)
        return item

    def body(self, item: Entry) -> Entry:
        """Returns the body of an item; a missing one is empty. Raises KubeconfigInvalid if it is not a mapping."""
        return replace(item, fields=item.mapping(self.kind), beside=item.unknown({"name", self.kind}))


def section_of(file: Entry, key: str, kind: str, limits: KubeconfigLimits) -> Section:
    """Returns a list of the file; a missing one is empty.

    Raises:
        KubeconfigInvalid: The value is not a list.
        KubeconfigTooLarge: It has too many items.
    """
    listed = file.items(key)
    if len(listed) > limits.contexts:
        reason = f"{key} has more than {limits.contexts} items ({CONTEXTS_SETTING})"
        raise KubeconfigTooLarge(reason, source=file.source)
    items: dict[str, Entry] = {}
    repeated: set[str] = set()
    unnamed = 0
    for value in listed:
        fields = value if isinstance(value, dict) else {}
        name = fields.get("name")
        if not isinstance(name, str) or not name or len(name) > MAX_NAME_CHARACTERS:
            unnamed += 1
            continue
        if name in items:
            repeated.add(name)
            continue
        label = None if kind == "context" else f"{kind} {quoted_name(name)}"
        items[name] = Entry(label, fields, file.source, file.folder)
    return Section(key, kind, items, frozenset(repeated), unnamed)
