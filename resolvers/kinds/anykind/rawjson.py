"""Raw JSON of objects of every kind: `fields(path:)` at a path, and `manifest` of the whole object."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from k8s.reading.openpaths import open_value
from k8s.reading.rowdecoders import Row
from k8s.yamltext import MAX_CHARACTERS, YamlTooLong, yaml_steps
from resolvers.arguments.jsonpaths import JsonPath, json_path
from resolvers.errors import LimitExceeded
from resolvers.kinds.leaves import Json
from resolvers.links.members import ANY_KIND, Argument, Arguments, Family

RAW_JSON = Family(ANY_KIND)


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


def _path(arguments: Mapping[str, object]) -> JsonPath:
    return json_path(str(arguments["path"]))


@RAW_JSON.derived(
    description="The JSON at a path of the object, as the API server sent it; null if there is none. Of a list on the "
    "way it is the list of the values of its elements. Masked values are null.",
    open_reads=lambda path: (path.keys,),
    arguments=Arguments(
        (
            Argument(
                "path",
                str,
                "JSON keys with dots between, such as `spec.source.repoURL`; other keys as in "
                '`metadata.annotations["example.com/owner"]`, an element of a list as in '
                "`status.conditions[type=Ready].message`.",
            ),
        ),
        _path,
    ),
)
def fields(row: Row, path: JsonPath) -> Json | None:
    """Returns the JSON of the row at the path."""
    return Json(value) if (value := path.of(row)) is not None else None


def _checked(arguments: Mapping[str, object]) -> ManifestArguments:
    return ManifestArguments(ManifestFormat(arguments.get("format") or "JSON"), bool(arguments.get("managedFields")))


@RAW_JSON.derived(
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
    returns=Json,
)
def manifest(row: Row, arguments: ManifestArguments) -> Generator[None, None, Json]:
    """Returns the JSON, or a text, which takes seconds for the largest objects.

    Raises:
        LimitExceeded: the text is too long.
    """
    value: dict[str, Any] = open_value(row, ())
    kind = type(row).kind
    value = {"apiVersion": kind.api_version, "kind": kind.name} | value  # which items of lists do not have
    if not arguments.has_managed_fields and isinstance(value.get("metadata"), dict):
        value["metadata"] = {key: inner for key, inner in value["metadata"].items() if key != "managedFields"}
    if arguments.format is not ManifestFormat.YAML:
        return Json(value)
    try:
        return Json((yield from yaml_steps(value)))
    except YamlTooLong as error:
        raise LimitExceeded(
            f"manifest: the YAML of {kind} {row.metadata.name} has more than {MAX_CHARACTERS} characters. "
            "Ask for JSON, or for a part with fields(path:)."
        ) from error
