"""A custom kind with its schema, and the definition with which a cluster serves it."""

from dataclasses import dataclass, field

from demo.fleet.manifest import Manifest, condition, manifest
from k8s.kinds.kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that kubectl prints."""

    name: str
    path: str
    type: str = "string"
    priority: int = 0


AGE = Column(name="Age", path=".metadata.creationTimestamp", type="date")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomKind:
    """A kind of an operator.

    Attributes:
        kind: Its names and scope, in the version in which its objects are stored.
        about: Its description.
        spec, status: The schemas of its fields; a kind without a controller has no status.
        also: Further versions that are served; their schema is the same.
    """

    kind: Kind
    about: str
    spec: Manifest = field(hash=False)
    status: Manifest | None = field(default=None, hash=False)
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    columns: tuple[Column, ...] = (AGE,)
    also: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Returns the name of its definition."""
        return f"{self.kind.plural}.{self.kind.group}"

    def definition(self, uid: str, at: str) -> Manifest:
        """Returns its CustomResourceDefinition, created and established at a time."""
        names: Manifest = {
            "kind": self.kind.name,
            "listKind": f"{self.kind.name}List",
            "plural": self.kind.plural,
            "singular": self.kind.name.lower(),
            **({"shortNames": list(self.short_names)} if self.short_names else {}),
            **({"categories": list(self.categories)} if self.categories else {}),
        }
        established = condition(
            "Established", True, at, reason="InitialNamesAccepted", message="the initial names have been accepted"
        )
        accepted = condition("NamesAccepted", True, at, reason="NoConflicts", message="no conflicts found")
        return manifest(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            metadata={"name": self.name, "uid": uid, "creationTimestamp": at},
            spec={
                "group": self.kind.group,
                "names": names,
                "scope": "Namespaced" if self.kind.namespaced else "Cluster",
                "versions": [self._version(version) for version in (self.kind.version, *self.also)],
                "conversion": {"strategy": "None"},
            },
            status={
                "acceptedNames": names,
                "conditions": [accepted, established],
                "storedVersions": [self.kind.version],
            },
        )

    def _version(self, name: str) -> Manifest:
        return {
            "name": name,
            "served": True,
            "storage": name == self.kind.version,
            "schema": {"openAPIV3Schema": self._schema()},
            "additionalPrinterColumns": [_printed(column) for column in self.columns],
            **({"subresources": {"status": {}}} if self.status is not None else {}),
        }

    def _schema(self) -> Manifest:
        text: Manifest = {"type": "string"}
        fields: Manifest = {"apiVersion": text, "kind": text, "metadata": {"type": "object"}, "spec": self.spec}
        if self.status is not None:
            fields["status"] = self.status
        return {"type": "object", "description": self.about, "required": ["spec"], "properties": fields}


def _printed(column: Column) -> Manifest:
    priority = {"priority": column.priority} if column.priority else {}
    return {"name": column.name, "type": column.type, "jsonPath": column.path, **priority}
