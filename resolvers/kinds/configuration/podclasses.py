"""Members of PriorityClasses and RuntimeClasses beyond their Kubernetes fields: the pods that name them."""

from k8s.kinds import builtin as kinds
from resolvers.kinds.podspecs.relations import POD_PRIORITY_CLASS, POD_RUNTIME_CLASS
from resolvers.links.members import Family
from resolvers.links.naming import add_naming

PRIORITY_CLASSES = Family(kinds.PRIORITY_CLASS)
RUNTIME_CLASSES = Family(kinds.RUNTIME_CLASS)

add_naming(PRIORITY_CLASSES, POD_PRIORITY_CLASS, description="The pods that have its priority, by its name.")
add_naming(RUNTIME_CLASSES, POD_RUNTIME_CLASS, description="The pods that it runs, by its name.")
