"""`fields(path:)`: the JSON at a path, for objects of every kind."""

from collections.abc import Mapping

from k8s.reading.rowdecoders import Row
from resolvers.arguments.jsonpaths import JsonPath, json_path
from resolvers.kinds.leaves import Json
from resolvers.links.members import ANY_KIND, Argument, Arguments, Family

JSON_FIELDS = Family(ANY_KIND)


def _checked(arguments: Mapping[str, object]) -> JsonPath:
    return json_path(str(arguments["path"]))


@JSON_FIELDS.derived(
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
        _checked,
    ),
)
def fields(row: Row, path: JsonPath) -> Json | None:
    """Returns the JSON of the row at the path."""
    return Json(value) if (value := path.of(row)) is not None else None
