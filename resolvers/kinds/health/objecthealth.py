"""The health of an object: one word, and the reason in a sentence."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


class HealthStatus(StrEnum):
    """The health of an object, in the words of kstatus."""

    Current = "Current"
    InProgress = "InProgress"
    Failed = "Failed"
    Terminating = "Terminating"
    NotFound = "NotFound"
    Unknown = "Unknown"


class ObjectHealth(Struct, frozen=True):
    """The health of an object: the progress from its spec to its status."""

    status: Annotated[HealthStatus, Meta(description="One word for it.")]
    message: Annotated[str, Meta(description="The reason; of a condition, the message that its controller wrote.")]


def current(message: str) -> ObjectHealth:
    """Returns the health of an object whose status agrees with its spec."""
    return ObjectHealth(HealthStatus.Current, message)


def in_progress(message: str) -> ObjectHealth:
    """Returns the health of an object whose controller has not finished yet."""
    return ObjectHealth(HealthStatus.InProgress, message)


def failed(message: str) -> ObjectHealth:
    """Returns the health of an object whose controller cannot finish."""
    return ObjectHealth(HealthStatus.Failed, message)


def unknown(message: str) -> ObjectHealth:
    """Returns the health of an object with a status that the rules do not understand."""
    return ObjectHealth(HealthStatus.Unknown, message)
