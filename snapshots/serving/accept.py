"""Content negotiation: the form of a response, from the Accept header."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from snapshots.serving.status import not_acceptable

PLAIN: Final = ""
METADATA: Final = "PartialObjectMetadata"
METADATA_LIST: Final = "PartialObjectMetadataList"
DISCOVERY_LIST: Final = "APIGroupDiscoveryList"
TABLE: Final = "Table"

_GROUP_VERSIONS: Final[Mapping[str, frozenset[tuple[str, str]]]] = MappingProxyType(
    {
        METADATA: frozenset({("meta.k8s.io", "v1"), ("meta.k8s.io", "v1beta1")}),
        METADATA_LIST: frozenset({("meta.k8s.io", "v1"), ("meta.k8s.io", "v1beta1")}),
        DISCOVERY_LIST: frozenset({("apidiscovery.k8s.io", "v2")}),
        TABLE: frozenset({("meta.k8s.io", "v1")}),
    }
)
_JSON: Final = frozenset({"application/json", "application/*", "*/*"})


def negotiated_form(accept: str, *others: str) -> str:
    """Returns the first supported form in the header: `PLAIN` JSON, or one of the `others`.

    Raises:
        RequestRefused: The header has no supported form.
    """
    for clause in accept.split(",") if accept.strip() else ["*/*"]:
        media_type, *texts = (part.strip() for part in clause.split(";"))
        parameters = dict(part.partition("=")[::2] for part in texts)
        form = parameters.get("as", PLAIN)
        if media_type.lower() in _JSON and (form == PLAIN or (form in others and _is_known(form, parameters))):
            return form
    raise not_acceptable()


def _is_known(form: str, parameters: Mapping[str, str]) -> bool:
    return (parameters.get("g"), parameters.get("v")) in _GROUP_VERSIONS[form]
