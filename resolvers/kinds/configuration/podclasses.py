"""Members of PriorityClasses and RuntimeClasses beyond their Kubernetes fields."""

from collections.abc import Iterator

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.podspecs.relations import POD_PRIORITY_CLASS, POD_RUNTIME_CLASS
from resolvers.links.labels import EVERYTHING, ObjectSelector, map_selector
from resolvers.links.members import Family
from resolvers.links.naming import add_naming
from resolvers.links.selecting import Selecting, add_selected, add_selecting

PRIORITY_CLASSES = Family(kinds.PRIORITY_CLASS)
RUNTIME_CLASSES = Family(kinds.RUNTIME_CLASS)
NODES_OF_CLASSES = Family(kinds.NODE)


@PRIORITY_CLASSES.derived(
    "preemptionPolicy",
    description="True if its pods evict others of lower priority to be scheduled: preemptionPolicy is not Never.",
)
def preempts(priority_class: Row) -> bool:
    """Returns whether its pods preempt others; PreemptLowerPriority is the default."""
    return bool(priority_class.preemptionPolicy != "Never")


def _selectors(runtime_class: Row) -> Iterator[ObjectSelector]:
    """Yields the node selector; without one, all nodes are expected to have the handler."""
    scheduling = runtime_class.scheduling
    yield map_selector(scheduling.nodeSelector if scheduling is not None else None) or EVERYTHING


_NODES = Selecting(kinds.RUNTIME_CLASS, kinds.NODE, ("scheduling.nodeSelector",), _selectors)

add_naming(PRIORITY_CLASSES, POD_PRIORITY_CLASS, description="The pods that have its priority, by its name.")
add_naming(RUNTIME_CLASSES, POD_RUNTIME_CLASS, description="The pods that it runs, by its name.")
add_selected(
    RUNTIME_CLASSES, _NODES, description="The nodes that can run its pods, by its nodeSelector; all without one."
)
add_selecting(NODES_OF_CLASSES, _NODES, description="The runtime classes whose pods it can run.")
