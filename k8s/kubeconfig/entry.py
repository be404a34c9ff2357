"""Entries of a kubeconfig with typed fields, and its three lists of named entries."""

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from k8s.kubeconfig.allowance import Allowance
from k8s.kubeconfig.errors import KubeconfigInvalid, KubeconfigTooLarge, UnsupportedField, quoted_name
from k8s.kubeconfig.yaml import YamlValue


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields of one entry.

    Attributes:
        name: The name in messages, such as `user 'admin'`; None for a context, which they name already.
        fields: The keys and values as read.
        source: The file.
        context: The context for which it is read; None while the file itself is read.
    """

    name: str | None
    fields: Mapping[str, YamlValue] = field(repr=False)
    source: str
    context: str | None = None

    def require_only(self, known: Collection[str], *, ways_out: Mapping[str, str]) -> None:
        """Refuses the entry if it has an unknown key.

        Raises:
            UnsupportedField: A key is unknown; the text has the way out from `ways_out`, or the advice to remove the
                key.
        """
        for key in self.fields:
            if key not in known:
                raise self.unsupported(key, ways_out.get(key, "remove it"))

    def text(self, key: str) -> str | None:
        """Returns a text; None if the key is absent, null or empty, which kubectl treats alike.

        Raises:
            KubeconfigInvalid: The value is not a text.
        """
        value = self.fields.get(key)
        if value is not None and not isinstance(value, str):
            raise self.invalid(f"{key} is not a text")
        return value or None

    def printable(self, key: str) -> str | None:
        """Returns a text that a message may show on one line.

        Raises:
            KubeconfigInvalid: The value is not a text, or has control characters.
        """
        value = self.text(key)
        if value is not None and not value.isprintable():
            raise self.invalid(f"{key} has unprintable characters")
        return value

    def flag(self, key: str) -> bool:
        """Returns a boolean; False if the key is absent or null.

        Raises:
            KubeconfigInvalid: The value is neither true nor false; a quoted text is invalid.
        """
        value = self.fields.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.invalid(f"{key} is not true or false (without quotes)")
        return bool(value)

    def decoded(self, key: str) -> str | None:
        """Returns the text that a key holds in base64; None if there is none.

        Raises:
            KubeconfigInvalid: The value is not base64 (RFC 4648, section 4; line breaks are allowed).
        """
        value = self.text(key)
        if value is None:
            return None
        try:
            decoded = base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            raise self.invalid(f"{key} is not base64") from None
        return decoded.decode("utf-8", "replace")

    def one_of(self, first: str, second: str) -> None:
        """Refuses the entry if two keys with the same meaning are both set.

        Raises:
            KubeconfigInvalid: Both are set.
        """
        if self.fields.get(first) and self.fields.get(second):
            raise self.invalid(f"{first} and {second} are both set; keep one")

    def invalid(self, cause: str) -> KubeconfigInvalid:
        """Returns the error for an invalid value."""
        reason = cause if self.name is None else f"{self.name}: {cause}"
        return KubeconfigInvalid(reason, source=self.source, context=self.context)

    def unsupported(self, key: str, way_out: str, allowance: Allowance | None = None) -> UnsupportedField:
        """Returns the error for an unsupported key."""
        return UnsupportedField(
            key, way_out, entry=self.name or "it", source=self.source, context=self.context, allowance=allowance
        )


MAX_ITEMS: Final = 1000
"""The limit of contexts, clusters or users in a file."""
MAX_NAME_CHARACTERS: Final = 512
"""The longest name; the longest in use, resource names of clouds, have about 200 characters."""


@dataclass(frozen=True, slots=True)
class Section:
    """One of the lists of contexts, clusters and users, in which each item has a name and a body.

    Attributes:
        kind: The kind of the items, and the key of their bodies: context, cluster or user.
        items: The items as read, in the file's order; their bodies may be anything.
        source: The file.
    """

    kind: str
    items: Mapping[str, Mapping[str, YamlValue]] = field(repr=False)
    source: str

    def entry(self, name: str, *, context: str | None) -> Entry:
        """Returns the body of a named item; a missing one is empty.

        Raises:
            KubeconfigError: The body is not a mapping, or there are other keys beside it.
        """
        label = None if self.kind == "context" else f"{self.kind} {quoted_name(name)}"
        item = Entry(label, self.items[name], self.source, context)
        item.require_only({"name", self.kind}, ways_out={})
        body = item.fields.get(self.kind)
        if body is not None and not isinstance(body, dict):
            raise item.invalid(f"{self.kind} is not a mapping")
        return Entry(item.name, body or {}, self.source, context)


def section_of(file: Entry, key: str, kind: str) -> Section:
    """Returns a list of the file; a missing one is empty.

    Raises:
        KubeconfigInvalid: The value is not a list, or an item has no name, or two have the same.
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
            raise file.invalid(f"{key} has {quoted_name(name)} twice")
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
