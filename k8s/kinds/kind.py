"""The value that identifies a kind of object."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of Kubernetes object in one API version.

    Attributes:
        group: The API group; empty for the core group.
        version: The API version within the group, such as `v1`.
        name: The kind's name in PascalCase, such as `Pod`.
        plural: The resource name in the URL, such as `pods`.
        namespaced: False for objects of the whole cluster.
    """

    group: str
    version: str
    name: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """Returns the value of an object's `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural
