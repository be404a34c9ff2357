"""The type of an object, and the validity of its names."""

import re
from dataclasses import dataclass
from typing import Final

from k8s.dnslabel import DNS_LABEL
from snapshots.dumps.errors import DocumentBroken

_API_VERSION: Final = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?v?[a-z0-9]{1,62}", re.ASCII)
_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}", re.ASCII)
_NAME: Final = re.compile(r"[-A-Za-z0-9._:@+~]{1,253}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class ObjectType:
    """The type of an object, as it has it."""

    api_version: str
    kind: str

    @property
    def group(self) -> str:
        """Returns the API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """Returns the version within the group."""
        return self.api_version.rpartition("/")[2]

    @property
    def is_complete(self) -> bool:
        """Returns whether it has both parts."""
        return bool(self.api_version and self.kind)

    @property
    def is_valid(self) -> bool:
        """Returns whether an API server could serve such a type."""
        return bool(_API_VERSION.fullmatch(self.api_version) and _KIND.fullmatch(self.kind))


NO_TYPE: Final = ObjectType("", "")


def require_identity(object_type: ObjectType, name: str | None, namespace: str | None) -> None:
    """Raises an error for names that no API server accepts; the rules are those of `k8s.transport.path`.

    Raises:
        DocumentBroken: The type, the name or the namespace is invalid.
    """
    if not object_type.is_valid:
        raise DocumentBroken("its apiVersion or kind is invalid")
    if not _NAME.fullmatch(name or "") or name in {".", ".."}:
        raise DocumentBroken(f"the name of a {object_type.kind} is invalid")
    if namespace and not DNS_LABEL.fullmatch(namespace):
        raise DocumentBroken(f"the namespace of {object_type.kind} {name} is invalid")
