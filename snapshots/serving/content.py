"""The content of a snapshot cluster, independent of its storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from k8s.kinds.kind import Kind


@dataclass(frozen=True, slots=True)
class ObjectList:
    """All objects of one kind at one moment.

    Attributes:
        resource_version: The version of the list, a decimal number that never decreases while the cluster is served.
        objects: The JSON of each object in the API's order (by key, namespace/name), as `item.item_bytes` encodes it.
            It is the same sequence until an object of the kind changes, so that it is indexed once.
    """

    resource_version: str
    objects: Sequence[bytes]


class Content(Protocol):
    """The objects of a snapshot cluster."""

    @property
    def version(self) -> str:
        """Returns the release of the original API server, such as `v1.36.2`, for `/version`."""
        ...

    @property
    def kinds(self) -> Sequence[Kind]:
        """Returns the served kinds, built-in and custom."""
        ...

    async def listed(self, kind: Kind) -> ObjectList:
        """Returns all objects of one of the kinds; the first call may load them, later calls are cheap."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one object.

    Attributes:
        type: The type of the watch event.
        revision: The new resource version.
        item: The JSON of the object; of a deleted one its last state, with the version of the deletion.
        previous: The JSON before the change; None for a new object.
    """

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    revision: int
    item: bytes
    previous: bytes | None = None


class Changes(Protocol):
    """The changes of the objects of one kind, in order, since a version."""

    async def next(self, *, timeout_s: float) -> Change | None:
        """Returns the next change; None after the timeout.

        Raises:
            RequestRefused: Changes since that version are not retained any more.
        """
        ...


@runtime_checkable
class Changing(Protocol):
    """A content whose objects change while it is served."""

    def changes(self, kind: Kind, *, after: int) -> Changes:
        """Returns the changes of a kind since a version."""
        ...
