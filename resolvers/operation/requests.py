"""The requests to clusters of one operation: those that are estimated before, and what single clusters need beyond.

Beyond the estimate a cluster is asked namespace by namespace, or object by object. How often depends on what it says
itself, so a cluster that needs more than its share pays for that alone.
"""

from collections import Counter
from dataclasses import dataclass, field

from k8s.errors import TooManyNamespaces
from resolvers.errors import LimitExceeded


@dataclass(slots=True)
class Requests:
    """Those of one operation.

    Attributes:
        most: how many it may make; clusters that keep to their share may need as many again.
        estimated: how many were estimated.
    """

    most: int
    estimated: int = 0
    _beyond: Counter[str] = field(default_factory=Counter)

    def estimate(self, requests: int) -> None:
        """Counts requests that are going to be made.

        Raises:
            LimitExceeded: with those before, they are more than an operation may make.
        """
        self.estimated += requests
        if self.estimated > self.most:
            raise LimitExceeded(
                f"The query needs about {self.estimated} requests to clusters, and may make {self.most}; ask for fewer "
                "lists and links, or name clusters."
            )

    def add(self, cluster: str, requests: int) -> None:
        """Counts requests to one cluster beyond the estimate.

        Raises:
            TooManyNamespaces: with all others they are more than an operation may make, and it needs more than its
                share of what the estimate leaves: as much as any other that needs some.
        """
        if not requests:
            return
        self._beyond[cluster] += requests
        left = max(0, self.most - self.estimated)
        if self._beyond.total() > left and self._beyond[cluster] * len(self._beyond) > left:
            needed = self._beyond[cluster]
            self._beyond[cluster] -= requests
            self._beyond += Counter()  # without those that need nothing any more
            raise TooManyNamespaces(
                cluster,
                f"{needed} requests are needed for namespaces or objects that are asked about one by one, and with all "
                f"others of the query these are more than {self.most} (FLEETGRAPH_MAX_REQUESTS); name the namespaces "
                "that you need, or ask for it alone.",
            )
