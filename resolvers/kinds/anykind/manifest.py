"""`manifest`: the whole object, as JSON or as the text that kubectl writes, for objects of every kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from k8s.reading.openpaths import open_value
from k8s.reading.rowdecoders import Row
from k8s.yamltext import yaml_text
from resolvers.kinds.leaves import Json
from resolvers.links.members import ANY_KIND, Argument, Arguments, Family

MANIFESTS = Family(ANY_KIND)


class ManifestFormat(Enum):
    """The format of a manifest."""

    JSON = "JSON"
    YAML = "YAML"


@dataclass(frozen=True, slots=True)
class ManifestArguments:
    """The arguments of `manifest`.

    Attributes:
        has_managed_fields: whether `metadata.managedFields` is left in.
    """

    format: ManifestFormat
    has_managed_fields: bool


def _checked(arguments: Mapping[str, object]) -> ManifestArguments:
    return ManifestArguments(ManifestFormat(arguments.get("format") or "JSON"), bool(arguments.get("managedFields")))


@MANIFESTS.derived(
    description="The whole object as the API server sent it, with null at masked places: a JSON value, or the text "
    "that `kubectl get -o yaml` writes.",
    open_reads=((),),
    arguments=Arguments(
        (
            Argument("format", ManifestFormat | None, "JSON without it."),
            Argument(
                "managedFields", bool | None, "True to leave `metadata.managedFields` in; without it they are left out."
            ),
        ),
        _checked,
    ),
)
def manifest(row: Row, arguments: ManifestArguments) -> Json:
    """Returns the JSON, or a text."""
    value: dict[str, Any] = open_value(row, ())
    kind = type(row).kind
    value = {"apiVersion": kind.api_version, "kind": kind.name} | value  # which items of lists do not have
    if not arguments.has_managed_fields and isinstance(value.get("metadata"), dict):
        value["metadata"] = {key: inner for key, inner in value["metadata"].items() if key != "managedFields"}
    return Json(yaml_text(value) if arguments.format is ManifestFormat.YAML else value)
