"""Whether an object can stand in a list: names that could be none of Kubernetes' would stand between others' keys."""

import re
from typing import Final

from demo.dumps.errors import DocumentBroken
from demo.dumps.objects import Found

_API_VERSION: Final = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?v?[a-z0-9]{1,62}", re.ASCII)
_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}", re.ASCII)
_NAME: Final = re.compile(r"[-A-Za-z0-9._:@+~]{1,253}", re.ASCII)
_NAMESPACE: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)


def require_identity(found: Found) -> None:
    """Refuses what no API server would have; the rules are those of `k8s.path`.

    Raises:
        DocumentBroken: the type, the name or the namespace cannot be one.
    """
    metadata = found.metadata
    if not _API_VERSION.fullmatch(found.api_version) or not _KIND.fullmatch(found.kind):
        raise DocumentBroken("its apiVersion or its kind can be none")
    if not _NAME.fullmatch(metadata.name or "") or metadata.name in {".", ".."}:
        raise DocumentBroken(f"the name of a {found.kind} can be none")
    if metadata.namespace and not _NAMESPACE.fullmatch(metadata.namespace):
        raise DocumentBroken(f"the namespace of {found.kind} {metadata.name} can be none")
