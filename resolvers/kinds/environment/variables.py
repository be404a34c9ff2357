"""Variables of a container's environment: as the API sends them, and their values while they are made."""

from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct


class EnvironmentSourceKind(StrEnum):
    """The kind of the place that a variable's value comes from."""

    ConfigMap = "ConfigMap"
    Secret = "Secret"  # noqa: S105  a kind
    Pod = "Pod"
    Container = "Container"
    Node = "Node"
    Volume = "Volume"


class EnvironmentSource(Struct, frozen=True):
    """The place that a variable's value comes from, if it is not written in the container itself."""

    kind: Annotated[EnvironmentSourceKind, Meta(description="The kind of the object or part.")]
    name: Annotated[str, Meta(description="The name of the object, container or volume; objects are in the namespace.")]
    key: Annotated[
        str | None,
        Meta(
            description="The key of its data; the path of a field (`metadata.labels['app']`, `limits.cpu`); of a file "
            "its path and the key (`app.env:MODE`). Null for a whole object that could not be read."
        ),
    ]


class EnvironmentVariable(Struct, frozen=True):
    """A variable of a container's environment, as the kubelet will set it."""

    name: Annotated[
        str | None,
        Meta(
            description="The name; null for all variables of an `envFrom` that is masked, or whose object is missing "
            "or not readable."
        ),
    ]
    value: Annotated[
        str | None,
        Meta(description="The value; null if it is of a Secret or otherwise masked, or if it is unknown: see `error`."),
    ]
    source: Annotated[
        EnvironmentSource | None,
        Meta(
            description="The place that the value comes from; null if the container has it. Of a value that is masked "
            "because it contains another variable, the source of that."
        ),
    ]
    error: Annotated[
        str | None,
        Meta(
            description="The reason for an unknown value: in the kubelet's words, if the container cannot start for it."
        ),
    ]


class Value(NamedTuple):
    """A variable's value: masked if there is neither a text nor an error.

    Attributes:
        text: the value; None if it is masked or unknown.
        source: the place that it comes from; None for the container itself.
        error: the reason for an unknown value.
        is_fatal: whether the kubelet does not start the container for the error, whatever comes after it.
    """

    text: str | None
    source: EnvironmentSource | None = None
    error: str | None = None
    is_fatal: bool = False


def refused(source: EnvironmentSource, error: str) -> Value:
    """Returns the value of a variable for which the kubelet does not start the container; the error is its own."""
    return Value(None, source, error, is_fatal=True)


EMPTY: Final = Value("")
