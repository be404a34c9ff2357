"""The three lists of a kubeconfig (contexts, clusters, users), in which each item has a name and a body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from k8s.kubeconfig.entry import Entry
from k8s.kubeconfig.errors import KubeconfigInvalid, KubeconfigTooLarge, shown_name
from k8s.kubeconfig.yaml import YamlValue

MAX_ITEMS: Final = 1000
"""How many contexts, clusters or users a file may have."""
MAX_NAME_CHARACTERS: Final = 512
"""The length of a name; the longest in use, resource names of clouds, have about 200."""


@dataclass(frozen=True, slots=True)
class Section:
    """One list, by name.

    Attributes:
        kind: What an item is, and the key of its body: context, cluster or user.
        items: The items as read, in the file's order; their bodies may be anything.
        source: The file.
    """

    kind: str
    items: Mapping[str, Mapping[str, YamlValue]] = field(repr=False)
    source: str

    def entry(self, name: str, *, context: str | None) -> Entry:
        """Return the body of a named item; an absent one is empty.

        Raises:
            KubeconfigError: The body is not a mapping, or other keys stand beside it.
        """
        shown = None if self.kind == "context" else f"{self.kind} {shown_name(name)}"
        item = Entry(shown, self.items[name], self.source, context)
        item.require_only({"name", self.kind}, ways_out={})
        body = item.fields.get(self.kind)
        if body is not None and not isinstance(body, dict):
            raise item.invalid(f"{self.kind} is not a mapping")
        return Entry(item.name, body or {}, self.source, context)


def section_of(file: Entry, key: str, kind: str) -> Section:
    """Return a list of the file; an absent one is empty.

    Raises:
        KubeconfigInvalid: It is not a list, or an item has no name, or two have the same.
        KubeconfigTooLarge: It has more than `MAX_ITEMS`.
    """
    listed = file.fields.get(key)
    if listed is not None and not isinstance(listed, list):
        raise file.invalid(f"{key} is not a list")
    if listed is not None and len(listed) > MAX_ITEMS:
        raise KubeconfigTooLarge(f"{key} has more than {MAX_ITEMS} items", source=file.source)
    items: dict[str, Mapping[str, YamlValue]] = {}
    for number, item in enumerate(listed or (), start=1):
        if not isinstance(item, dict):
            raise file.invalid(f"item {number} of {key} is not a mapping")
        name = _name(Entry(f"item {number} of {key}", item, file.source))
        if name in items:
            raise file.invalid(f"{key} has {shown_name(name)} twice")
        items[name] = item
    return Section(kind, items, file.source)


def _name(item: Entry) -> str:
    name = item.printable("name")
    if name is None:
        raise KubeconfigInvalid(f"{item.name} has no name", source=item.source)
    if len(name) > MAX_NAME_CHARACTERS:
        raise KubeconfigTooLarge(
            f"{item.name} has a name of more than {MAX_NAME_CHARACTERS} characters", source=item.source
        )
    return name
