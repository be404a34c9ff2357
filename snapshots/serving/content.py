"""The content of a snapshot cluster, independent of its storage."""

from collections.abc import Mapping, Sequence
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


class KeptDocuments(Protocol):
    """The OpenAPI v3 documents that were dumped with the objects."""

    @property
    def digests(self) -> Mapping[str, str]:
        """Returns a digest of each document by its name, such as `apis/example.com/v1`."""
        ...

    async def document(self, name: str) -> bytes:
        """Returns the JSON of one of them."""
        ...


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
