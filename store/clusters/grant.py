"""Values of the registry of grants. Constructors refuse invalid values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from store.clusters.cluster import ClusterRecord
from store.errors import InvalidValue
from store.names import DNS_LABEL, require_cluster_name, require_labels, require_text

GrantId = NewType("GrantId", str)

MAX_SUBJECT_CHARACTERS: Final = 512
MAX_NAMESPACES: Final = 100
MAX_CLUSTER_NAMES: Final = 1000

_ROLE_NAME: Final = re.compile(r"[^/%\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,253}")
"""Names of roles need only be path segments (`path.IsValidPathSegmentName` of k8s.io/apimachinery)."""
_OF_KUBERNETES: Final = "system:"


class SubjectKind(StrEnum):
    """The kind of the subject of a grant."""

    USER = "user"
    GROUP = "group"


class RoleKind(StrEnum):
    """The kind of the granted role, by Kubernetes' own names."""

    CLUSTER_ROLE = "ClusterRole"
    ROLE = "Role"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A user or a group, by its name from authentication.

    Raises:
        InvalidValue: The name is empty, too long, unprintable, or reserved by Kubernetes (`system:`).
    """

    kind: SubjectKind
    name: str

    def __post_init__(self) -> None:
        name = self.name
        if not 0 < len(name) <= MAX_SUBJECT_CHARACTERS or not name.isprintable() or name != name.strip():
            raise InvalidValue(
                f"{name[:80]!r} is not a {self.kind} name: use 1 to {MAX_SUBJECT_CHARACTERS} printable characters, "
                "with no space before or after them."
            )
        if name.lower().startswith(_OF_KUBERNETES):
            raise InvalidValue(f"{name[:80]!r} is reserved by Kubernetes; grants are for people and their groups.")

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class GrantedClusters:
    """The clusters of a grant, by names or by labels; also clusters that are registered later.

    Attributes:
        names: The clusters' names; None for a grant by labels.
        labels: All of these labels must match; empty for every cluster; None for a grant by names.
    """

    names: tuple[str, ...] | None = None
    labels: Mapping[str, str] | None = field(default=None, hash=False)
    _names: frozenset[str] = field(default=frozenset(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if (self.names is None) == (self.labels is None):
            raise InvalidValue("A grant selects clusters either by names or by labels: give one of them.")
        if self.names is not None:
            if not 0 < len(self.names) <= MAX_CLUSTER_NAMES:
                raise InvalidValue(f"A grant names 1 to {MAX_CLUSTER_NAMES} clusters, not {len(self.names)}.")
            for name in self.names:
                require_cluster_name(name)
            object.__setattr__(self, "_names", frozenset(self.names))
            object.__setattr__(self, "names", tuple(sorted(self._names)))
        else:
            require_labels(self.labels or {})

    def include(self, record: ClusterRecord) -> bool:
        """Returns whether a cluster is one of them."""
        if self.names is not None:
            return record.name in self._names
        return (self.labels or {}).items() <= record.labels.items()


@dataclass(frozen=True, slots=True)
class GrantedRole:
    """A ClusterRole in the whole cluster, or a ClusterRole or Role in some namespaces.

    Raises:
        InvalidValue: Kubernetes does not accept a name, or a Role has no namespaces.
    """

    kind: RoleKind
    name: str
    namespaces: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not _ROLE_NAME.fullmatch(self.name) or self.name in {".", ".."}:
            raise InvalidValue(
                f"{self.name[:80]!r} is not a valid {self.kind} name: use at most 253 characters without '/', '%' and "
                "control characters, and neither '.' nor '..'."
            )
        if self.namespaces is None:
            if self.kind is RoleKind.ROLE:
                raise InvalidValue(
                    f"A Role belongs to a namespace: name the namespaces in which {self.name!r} is granted."
                )
            return
        if not 0 < len(self.namespaces) <= MAX_NAMESPACES:
            raise InvalidValue(f"A grant names 1 to {MAX_NAMESPACES} namespaces, not {len(self.namespaces)}.")
        for namespace in self.namespaces:
            if not DNS_LABEL.fullmatch(namespace):
                raise InvalidValue(
                    f"{namespace[:80]!r} is not a valid namespace: use a DNS label of at most 63 lower case characters."
                )
        object.__setattr__(self, "namespaces", tuple(sorted(set(self.namespaces))))

    @property
    def is_cluster_wide(self) -> bool:
        """Returns whether it applies to the whole cluster."""
        return self.namespaces is None

    def __str__(self) -> str:
        places = "" if self.namespaces is None else f" in {', '.join(self.namespaces)}"
        return f"{self.kind} {self.name}{places}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGrant:
    """A grant to store.

    Attributes:
        created_by: The granting caller, by its name from authentication.
    """

    subject: Subject
    clusters: GrantedClusters
    role: GrantedRole
    created_by: str

    def __post_init__(self) -> None:
        require_text("creator", self.created_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRecord:
    """A stored grant. The time is in UTC."""

    id: GrantId
    subject: Subject
    clusters: GrantedClusters
    role: GrantedRole
    created_at: datetime
    created_by: str
