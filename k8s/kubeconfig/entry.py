"""Entries of a kubeconfig: mappings with typed fields, which name themselves in errors."""

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from k8s.kubeconfig.errors import KubeconfigInvalid, UnsupportedField, quoted_key
from k8s.kubeconfig.yaml import Fault, YamlValue

_OMITTED: Final = frozenset({"DATA+OMITTED", "REDACTED"})
"""Texts that `kubectl config view` prints in the place of secrets and certificates."""
_SHOWN_KEYS: Final = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields of one entry.

    Attributes:
        name: The name in messages, such as `user 'admin'`; None for a context, which they name already.
        fields: The keys and values as read.
        source: The file.
        folder: The folder for relative paths; None if the kubeconfig came without one.
        context: The context for which it is read; None while the file itself is read.
        beside: The unknown keys of the item that it is the body of.
    """

    name: str | None
    fields: Mapping[str, YamlValue] = field(repr=False)
    source: str
    folder: Path | None = None
    context: str | None = None
    beside: tuple[str, ...] = ()

    def require_none_of(self, unsupported: Mapping[str, str]) -> None:
        """Refuses the entry if it has a value for a key that changes the meaning of the others.

        Raises:
            UnsupportedField: It has; the text has the way out from `unsupported`.
        """
        for key, way_out in unsupported.items():
            if self.fields.get(key):
                raise UnsupportedField(key, way_out, entry=self.name or "it", source=self.source, context=self.context)

    def require_complete(self) -> None:
        """Refuses the entry if `kubectl config view` has replaced one of its values.

        Raises:
            KubeconfigInvalid: It has.
        """
        for key, value in self.fields.items():
            if isinstance(value, str) and value in _OMITTED:
                way_out = "kubectl config view leaves secrets out; write the file with: kubectl config view --raw"
                raise self.invalid(f"{quoted_key(key)} is {value}: {way_out}")

    def unknown(self, known: Collection[str]) -> tuple[str, ...]:
        """Returns the first keys that are not known, as a message may show them; kubectl ignores them as well."""
        keys = (quoted_key(key) for key in self.fields if key not in known)
        return self.beside + tuple(islice(keys, _SHOWN_KEYS))

    def value(self, key: str) -> YamlValue:
        """Returns a value; None if the key is absent or null.

        Raises:
            KubeconfigInvalid: The value is not plain YAML, or the key is repeated.
        """
        return self.plain(self.fields.get(key))

    def plain(self, value: YamlValue) -> YamlValue:
        """Returns a value of the entry that is no fault; raises KubeconfigInvalid."""
        if isinstance(value, Fault):
            raise KubeconfigInvalid(value.reason, source=self.source, context=self.context)
        return value

    def text(self, key: str) -> str | None:
        """Returns a text; None if the key is absent, null or empty, which kubectl treats alike.

        Raises:
            KubeconfigInvalid: The value is not a text.
        """
        value = self.value(key)
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
        value = self.value(key)
        if value is not None and not isinstance(value, bool):
            raise self.invalid(f"{key} is not true or false (without quotes)")
        return bool(value)

    def mapping(self, key: str) -> dict[str, YamlValue]:
        """Returns a mapping; empty if the key is absent or null.

        Raises:
            KubeconfigInvalid: The value is something else.
        """
        value = self.value(key)
        if value is not None and not isinstance(value, dict):
            raise self.invalid(f"{key} is not a mapping")
        return value or {}

    def items(self, key: str) -> list[YamlValue]:
        """Returns a list; empty if the key is absent or null.

        Raises:
            KubeconfigInvalid: The value is something else.
        """
        value = self.value(key)
        if value is not None and not isinstance(value, list):
            raise self.invalid(f"{key} is not a list")
        return value or []

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
