"""The value that says what kind of object is meant."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of Kubernetes object as one API version serves it.

    Attributes:
        group: API group; empty for the core group.
        version: API version within the group, as `v1`.
        name: the kind's name in PascalCase, as `Pod`.
        plural: the resource name in the URL, as `pods`.
        namespaced: False for objects of the whole cluster.
    """

    group: str
    version: str
    name: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """What stands in an object's `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural
