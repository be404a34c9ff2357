"""The objects of one cluster that variables of its containers need, as far as they were read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from k8s.errors import ClusterError
from resolvers.kinds.environment.containerresources import Allocatable
from resolvers.messages.translation import localize

Place = tuple[str, str]
"""Namespace and name."""

Data = Mapping[str, str | None] | str | None
"""The data of a ConfigMap or Secret, with null for masked values; a text is the reason for not knowing it, None an
object that is not there."""

Services = Mapping[str, str] | str
"""The variables of Services by name; a text is the reason for not knowing them."""

_NO_SERVICES: Final[Mapping[str, str]] = {}


@dataclass(slots=True)
class EnvironmentObjects:
    """The objects of a cluster that were read for variables, and those that are needed beyond them.

    Attributes:
        config_maps: data by namespace and name.
        secrets: the same, of which all values are null.
        allocatable: what nodes can allocate, by name.
        services: the variables of a namespace's Services; under None those of the API server's, which all containers
            have.
        needed_nodes: names of nodes that were needed and not read.
        needed_services: namespaces of Services that were needed and not read.
        misses: how often something was needed and not read.
        failures: errors of the cluster by the text that stands for what they leave unknown.
    """

    config_maps: dict[Place, Data] = field(default_factory=dict)
    secrets: dict[Place, Data] = field(default_factory=dict)
    allocatable: dict[str, Allocatable] = field(default_factory=dict)
    services: dict[str | None, Services] = field(default_factory=dict)
    needed_nodes: set[str] = field(default_factory=set)
    needed_services: set[str | None] = field(default_factory=set)
    misses: int = 0
    failures: dict[str, ClusterError] = field(default_factory=dict)

    def failed(self, error: ClusterError) -> str:
        """Returns the text for what an error leaves unknown, and keeps the error."""
        text = localize(str(error))
        self.failures[text] = error
        return text

    def allocatable_of(self, node: str) -> Allocatable:
        """Returns what a node can allocate; notes that it is needed if it was not read."""
        if node not in self.allocatable:
            self.needed_nodes.add(node)
            self.misses += 1
        return self.allocatable.get(node)

    def services_of(self, namespace: str | None) -> Services:
        """Returns the variables of a namespace's Services; notes that they are needed if they were not read."""
        if namespace not in self.services:
            self.needed_services.add(namespace)
            self.misses += 1
        return self.services.get(namespace, _NO_SERVICES)
