"""Secrets without what is secret in them."""

from typing import Any, Final

import msgspec

from k8s.decoding import Decoder

_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_VALUES: Final = ("data", "stringData", "binaryData")

_ANY: Final[Decoder[dict[str, Any]]] = Decoder(dict[str, Any])  # whatever a list of secrets holds is kept


def without_values(page: bytes) -> bytes:
    """A page of secrets without their values; kubectl repeats them in an annotation, which goes, too."""
    listed = _ANY.decode(page)
    for secret in listed.get("items") or ():
        for key in _VALUES:
            secret.pop(key, None)
        _forget_last_applied(secret.get("metadata") or {})
    return msgspec.json.encode(listed)


def _forget_last_applied(metadata: dict[str, Any]) -> None:
    annotations = metadata.get("annotations") or {}
    if annotations.pop(_LAST_APPLIED, None) is not None and not annotations:
        del metadata["annotations"]
