"""The requests of one operation to clusters: the estimated ones, and those of single clusters beyond the estimate.

Beyond the estimate, namespaces, kinds or objects of a cluster are requested one by one. Their number depends on the
cluster's own answers, so only a cluster that needs more than its share fails.
"""

from collections import Counter
from dataclasses import dataclass, field

from k8s.errors import TooManyNamespaces
from resolvers.errors import LimitExceeded


@dataclass(slots=True)
class Requests:
    """The numbers of requests of one operation.

    Attributes:
        most: the limit; clusters within their share may need as many again.
        estimated: the estimated number.
    """

    most: int
    estimated: int = 0
    _beyond: Counter[str] = field(default_factory=Counter)

    def estimate(self, requests: int) -> None:
        """Counts estimated requests.

        Raises:
            LimitExceeded: the estimate exceeds the limit.
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
            TooManyNamespaces: all requests exceed the limit, and the cluster needs more than its share. Clusters that
                need requests beyond the estimate share equally in the rest of the limit.
        """
        if not requests:
            return
        self._beyond[cluster] += requests
        left = max(0, self.most - self.estimated)
        if self._beyond.total() > left and self._beyond[cluster] * len(self._beyond) > left:
            needed = self._beyond[cluster]
            self._beyond[cluster] -= requests
            self._beyond += Counter()  # drops clusters without further requests
            raise TooManyNamespaces(
                cluster,
                f"{needed} requests are needed for namespaces, kinds or objects that are asked about one by one, and "
                f"with all others of the query these are more than {self.most} (FLEETGRAPH_MAX_REQUESTS); name the "
                "namespaces that you need, or ask for it alone.",
            )
