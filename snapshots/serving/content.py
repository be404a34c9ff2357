"""What a snapshot cluster holds, however it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from k8s.kinds.kind import Kind


@dataclass(frozen=True, slots=True)
class Listed:
    """All objects of one kind at one moment.

    Attributes:
        resource_version: of the list; a decimal number that never falls while the cluster is served.
        objects: the JSON of each object, in the API's order (key order: namespace/name), as `item.item_bytes` writes
            it. As long as nothing of the kind changes it is the same sequence, so that it is indexed once.
    """

    resource_version: str
    objects: Sequence[bytes]


class Content(Protocol):
    """What a snapshot cluster holds."""

    @property
    def version(self) -> str:
        """The release of the API server that it was taken from, as `v1.36.2`; what `/version` answers."""
        ...

    @property
    def kinds(self) -> Sequence[Kind]:
        """The kinds that it serves, built-in and custom."""
        ...

    async def listed(self, kind: Kind) -> Listed:
        """All objects of one of the kinds; may load when first asked, and is cheap when asked again."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one object.

    Attributes:
        type: as a watch says it.
        revision: the resource version that it has since.
        item: the JSON of the object; of a deleted one its last state, with the version of the deletion.
        previous: the JSON before; None of an object that was not there.
    """

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    revision: int
    item: bytes
    previous: bytes | None = None


class Changes(Protocol):
    """What happens to the objects of one kind, in its order, from some version on."""

    async def next(self, *, timeout_s: float) -> Change | None:
        """The next change; None if there is none for so long.

        Raises:
            Refused: changes since that version are not kept any more.
        """
        ...


@runtime_checkable
class Changing(Protocol):
    """A content whose objects change while it is served."""

    def changes(self, kind: Kind, *, after: int) -> Changes:
        """The changes of a kind since a version."""
        ...
