"""The protocol of whatever knows the clusters of callers: the fleet, or one that is read from watches."""

from typing import Protocol

from resolvers.audit.auditor import Auditor
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster


class FleetOfCaller(Protocol):
    """The clusters that exist for a caller, read over the network or from watches."""

    @property
    def auditor(self) -> Auditor | None:
        """The auditor of changes, if there is one."""
        ...

    async def clusters(self, caller: Caller) -> tuple[FleetCluster, ...]:
        """Returns the clusters that exist for a caller; raises StoreError."""
        ...
