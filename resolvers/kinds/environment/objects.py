"""The objects of one cluster that variables of its containers need, as far as they were read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from resolvers.kinds.environment.containerresources import Allocatable

Place = tuple[str, str]
"""Namespace and name."""

Data = Mapping[str, str | None] | str | None
"""The data of a ConfigMap or Secret, with null for masked values; a text is the reason for not knowing it, None an
object that is not there."""

Unread = str
"""The reason for not knowing something that could be read."""


@dataclass(slots=True)
class EnvironmentObjects:
    """What was read of a cluster for variables, and what is needed beyond that.

    Attributes:
        config_maps: data by namespace and name.
        secrets: the same, of which all values are null.
        allocatable: what nodes can allocate, by name.
        services: the variables of the Services that containers of a namespace see; by namespace, and whether it is
            only the API server's Service.
        needed_nodes: names of nodes that were needed and not read.
        needed_services: keys of `services` that were needed and not read.
    """

    config_maps: dict[Place, Data] = field(default_factory=dict)
    secrets: dict[Place, Data] = field(default_factory=dict)
    allocatable: dict[str, Allocatable] = field(default_factory=dict)
    services: dict[tuple[str, bool], Mapping[str, str] | Unread] = field(default_factory=dict)
    needed_nodes: set[str] = field(default_factory=set)
    needed_services: set[tuple[str, bool]] = field(default_factory=set)

    @property
    def needs_more(self) -> int:
        """Returns the number of objects that were needed and not read."""
        return len(self.needed_nodes) + len(self.needed_services)

    def allocatable_of(self, node: str) -> Allocatable:
        """Returns what a node can allocate; notes that it is needed if it was not read."""
        if node not in self.allocatable:
            self.needed_nodes.add(node)
        return self.allocatable.get(node)

    def service_variable(self, name: str, namespace: str, *, has_links: bool) -> str | Unread | None:
        """Returns"""
