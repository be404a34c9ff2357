"""Whether an object can stand in a list: names that could be none of Kubernetes' would stand between others' keys."""

import re
from typing import Final

from k8s.dnslabel import DNS_LABEL
from snapshots.dumps.errors import DocumentBroken
from snapshots.dumps.objects import Found

_API_VERSION: Final = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?v?[a-z0-9]{1,62}", re.ASCII)
_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}", re.ASCII)
_NAME: Final = re.compile(r"[-A-Za-z0-9._:@+~]{1,253}", re.ASCII)


def is_type(api_version: str, kind: str) -> bool:
    """Whether an API server could serve such a type."""
    return bool(_API_VERSION.fullmatch(api_version) and _KIND.fullmatch(kind))


def require_identity(found: Found) -> None:
    """Refuses what no API server would have; the rules are those of `k8s.transport.path`.

    Raises:
        DocumentBroken: the type, the name or the namespace cannot be one.
    """
    metadata = found.metadata
    if not is_type(found.api_version, found.kind):
        raise DocumentBroken("its apiVersion or its kind can be none")
    if not _NAME.fullmatch(metadata.name or "") or metadata.name in {".", ".."}:
        raise DocumentBroken(f"the name of a {found.kind} can be none")
    if metadata.namespace and not DNS_LABEL.fullmatch(metadata.namespace):
        raise DocumentBroken(f"the namespace of {found.kind} {metadata.name} can be none")
