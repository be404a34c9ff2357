"""One registered cluster, as an operation sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from k8s.credentials.expiry import CredentialFacts
from k8s.errors import ClusterError
from k8s.reading.reader import Reader
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from resolvers.fleet.listable import Listable


@dataclass(frozen=True, slots=True, eq=False)
class FleetCluster:
    """A cluster, as it exists for one caller, and the only way to reach it: as that caller.

    Attributes:
        id: stable for as long as the cluster is registered.
        name: unique; a DNS label.
        labels: what the operator attached to it.
        reader: reads its objects.
        sender: sends it any other call.
        taken_at: when the cluster was as it is shown here; None for a live one.
        roles: what the caller acts as there: `ADMINISTRATOR_ROLE` alone, or what is granted: the name of a ClusterRole,
            or `namespace/name` for a role in one namespace (names of roles hold no slash).
        listable: what was found of where `reader`'s identity may look.
        namespaces_hint: namespaces that this identity was granted something in, for where it may not list them.
        credential: what its stored credential is, for administrators; None for others, snapshots and unreadable ones.
    """

    id: str
    name: str
    labels: Mapping[str, str]
    description: str
    created_at: datetime
    updated_at: datetime
    reader: Reader
    sender: Sender
    taken_at: datetime | None = None
    roles: tuple[str, ...] = ()
    listable: Listable = field(default_factory=Listable, repr=False)
    namespaces_hint: tuple[str, ...] = ()
    credential: CredentialFacts | None = None

    def __repr__(self) -> str:
        return f"FleetCluster({self.name!r})"

    @property
    def standing(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the caller is there; equal as long as nothing that was granted has changed."""
        return self.roles, self.namespaces_hint


@dataclass(frozen=True, slots=True)
class Unusable:
    """The sender of a cluster that cannot be asked, for its stored credential or for the caller's name."""

    name: str
    error: ClusterError

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Raises what is wrong."""
        raise self.error
