"""OpenAPI schemas of the fields of custom kinds, each with its description."""

from collections.abc import Sequence

from demo.fleet.manifest import Manifest


def text(about: str, *, form: str = "", values: Sequence[str] = ()) -> Manifest:
    """Returns the schema of a text, of a format or with some values only."""
    return {"type": "string", "description": about, **_set(format=form, enum=list(values))}


def time(about: str) -> Manifest:
    """Returns the schema of a time."""
    return text(about, form="date-time")


def flag(about: str) -> Manifest:
    """Returns the schema of a boolean."""
    return {"type": "boolean", "description": about}


def whole(about: str, *, form: str = "int64") -> Manifest:
    """Returns the schema of an integer."""
    return {"type": "integer", "format": form, "description": about}


def texts(about: str) -> Manifest:
    """Returns the schema of a list of texts."""
    return {"type": "array", "description": about, "items": {"type": "string"}}


def struct(about: str, required: Sequence[str] = (), **fields: Manifest) -> Manifest:
    """Returns the schema of an object with known fields."""
    return {"type": "object", "description": about, "properties": fields, **_set(required=list(required))}


def structs(about: str, required: Sequence[str] = (), **fields: Manifest) -> Manifest:
    """Returns the schema of a list of objects with known fields."""
    item: Manifest = {"type": "object", "properties": fields, **_set(required=list(required))}
    return {"type": "array", "description": about, "items": item}


def conditions() -> Manifest:
    """Returns the schema of the usual conditions of a status."""
    return {
        **structs(
            "The latest observations of the object's state.",
            ["type", "status"],
            type=text("The type of the condition."),
            status=text("Whether it holds.", values=["True", "False", "Unknown"]),
            reason=text("The reason of the last change, in one word."),
            message=text("The reason of the last change, for people."),
            lastTransitionTime=time("The time at which the status changed last."),
            observedGeneration=whole("The generation of the object that the condition is about."),
        ),
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
    }


def _set(**fields: object) -> Manifest:
    return {name: value for name, value in fields.items() if value}
