"""How many values the paths of one operation lead to, counted while they are read.

Objects that links share are read once, but a path through links to many leads to each of them from each parent: three
times `node.pods` over 2,000 pods is two billion values, of two thousand pods.
"""

from dataclasses import dataclass, field

from k8s.turns.turns import Pace
from resolvers.errors import LimitExceeded


class TooManyValues(LimitExceeded):
    """The values of one operation are more than it may read."""


class Expansion:
    """The values that one operation has read through links.

    Attributes:
        most: how many they may be.
        values: how many they are.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.values = 0

    def count(self, values: int) -> None:
        """Adds values.

        Raises:
            TooManyValues: they are more than an operation may read.
        """
        self.values += values
        if self.values > self.most:
            raise TooManyValues(
                f"The paths of where, orderBy and groups lead to more than {self.most} values through links "
                "(FLEETGRAPH_MAX_EXPANDED_VALUES). Use paths through fewer links, or narrow the list."
            )


@dataclass(slots=True)
class Walk:
    """A walk over many values: they are counted, and others go on in between.

    Attributes:
        expansion: of the operation.
        pace: of the task that walks.
    """

    expansion: Expansion
    pace: Pace = field(default_factory=Pace)
