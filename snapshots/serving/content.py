"""The content of a snapshot cluster, independent of its storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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
