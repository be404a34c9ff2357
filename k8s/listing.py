"""What is asked of one cluster, and what it answered."""

from dataclasses import dataclass
from datetime import datetime

from k8s.decoding import Row
from k8s.kind import Kind
from k8s.selection import Selection


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The objects of one kind that a query needs, and what of each.

    Attributes:
        kind: what to list.
        structure: the name of the kind's structure.
        selection: the paths to decode; `metadata.name` and, for namespaced kinds, `metadata.namespace` among them.
        namespace: None for all of them.
        label_selector: as Kubernetes writes it; empty for none.
        field_selector: likewise.
    """

    kind: Kind
    structure: str
    selection: Selection
    namespace: str | None = None
    label_selector: str = ""
    field_selector: str = ""

    @property
    def needs_only_metadata(self) -> bool:
        """Whether metadata answers it, so that the API server need not send the rest."""
        return self.selection.keys in {("metadata",), ()}


@dataclass(frozen=True, slots=True)
class Listing:
    """All rows of one list of one cluster, ordered by namespace and name.

    Attributes:
        rows: the decoded objects.
        resource_version: of the list's first page.
        observed_at: when that page was asked for; the answer is not older than this.
    """

    rows: list[Row]
    resource_version: str
    observed_at: datetime
