"""The number of values to which the paths of one operation lead through links, counted while they are read.

Objects that several parents share are read once, but a path leads to them from each parent: `node.pods.node.pods` and
so on, three times over 2,000 pods of one node, is two billion values of two thousand pods.
"""

from dataclasses import dataclass, field

from k8s.turns.turns import Pace
from resolvers.errors import LimitExceeded


class TooManyValues(LimitExceeded):
    """The values of one operation are over the limit."""


class Expansion:
    """The count of values that one operation has read through links.

    Attributes:
        most: the limit.
        values: the count.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.values = 0

    def count(self, values: int) -> None:
        """Adds to the count.

        Raises:
            TooManyValues: the count is over the limit.
        """
        self.values += values
        if self.values > self.most:
            raise TooManyValues(
                f"The paths of where, orderBy and groups lead to more than {self.most} values through links "
                "(FLEETGRAPH_MAX_EXPANDED_VALUES). Use paths through fewer links, or narrow the list."
            )


@dataclass(slots=True)
class Walk:
    """A walk over many values that counts them and gives way to other requests.

    Attributes:
        expansion: the operation's count.
        pace: the pace of the current task.
    """

    expansion: Expansion
    pace: Pace = field(default_factory=Pace)
