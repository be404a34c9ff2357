"""Secrets without what is secret in them."""

from typing import Any, Final

import msgspec

from k8s.reading.decoder import Decoder
from k8s.reading.decodingcost import uncounted_s

_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_VALUES: Final = ("data", "stringData", "binaryData")

_ANY: Final[Decoder[dict[str, Any]]] = Decoder(dict[str, Any], cost_s=uncounted_s)
"""Whatever a list of secrets holds is kept."""


async def without_values(page: bytes) -> bytes:
    """Returns a page of secrets without their values; kubectl repeats them in an annotation, which goes as well.

    Raises:
        Undecodable: it is no list.
    """
    listed = await _ANY.read(page)
    found = listed.get("items")
    listed["items"] = [_bare(each) for each in (found if isinstance(found, list) else ()) if isinstance(each, dict)]
    return msgspec.json.encode(listed)


def _bare(secret: dict[str, Any]) -> dict[str, Any]:
    for key in _VALUES:
        secret.pop(key, None)
    metadata = secret.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if isinstance(annotations, dict) and annotations.pop(_LAST_APPLIED, None) is not None and not annotations:
        del secret["metadata"]["annotations"]
    return secret
