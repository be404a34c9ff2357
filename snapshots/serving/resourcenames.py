"""Other names of kinds, as kubectl accepts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from snapshots.serving.customkinds.definitions import Definition

_SHORT: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        kinds.COMPONENT_STATUS: ("cs",),
        kinds.CONFIG_MAP: ("cm",),
        kinds.ENDPOINTS: ("ep",),
        kinds.EVENT: ("ev",),
        kinds.LIMIT_RANGE: ("limits",),
        kinds.NAMESPACE: ("ns",),
        kinds.NODE: ("no",),
        kinds.PERSISTENT_VOLUME_CLAIM: ("pvc",),
        kinds.PERSISTENT_VOLUME: ("pv",),
        kinds.POD: ("po",),
        kinds.REPLICATION_CONTROLLER: ("rc",),
        kinds.RESOURCE_QUOTA: ("quota",),
        kinds.SERVICE_ACCOUNT: ("sa",),
        kinds.SERVICE: ("svc",),
        kinds.DAEMON_SET: ("ds",),
        kinds.DEPLOYMENT: ("deploy",),
        kinds.REPLICA_SET: ("rs",),
        kinds.STATEFUL_SET: ("sts",),
        kinds.EVENTS_EVENT: ("ev",),
        kinds.HORIZONTAL_POD_AUTOSCALER: ("hpa",),
        kinds.CRON_JOB: ("cj",),
        kinds.CERTIFICATE_SIGNING_REQUEST: ("csr",),
        kinds.INGRESS: ("ing",),
        kinds.IP_ADDRESS: ("ip",),
        kinds.NETWORK_POLICY: ("netpol",),
        kinds.POD_DISRUPTION_BUDGET: ("pdb",),
        kinds.STORAGE_CLASS: ("sc",),
        kinds.VOLUME_ATTRIBUTES_CLASS: ("vac",),
        kinds.CUSTOM_RESOURCE_DEFINITION: ("crd", "crds"),
        kinds.PRIORITY_CLASS: ("pc",),
    }
)
_IN_ALL: Final = frozenset(
    {
        kinds.POD,
        kinds.REPLICATION_CONTROLLER,
        kinds.SERVICE,
        kinds.DAEMON_SET,
        kinds.DEPLOYMENT,
        kinds.REPLICA_SET,
        kinds.STATEFUL_SET,
        kinds.HORIZONTAL_POD_AUTOSCALER,
        kinds.CRON_JOB,
        kinds.JOB,
    }
)
_EXTENDING: Final = frozenset({"admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"})


@dataclass(frozen=True, slots=True)
class ResourceNames:
    """Singular and short names of a kind, and its categories, such as `all`."""

    singular: str
    short: tuple[str, ...]
    categories: tuple[str, ...]


def names_of(kind: Kind, definition: Definition | None = None) -> ResourceNames:
    """Returns the names of a kind; a custom kind without a definition has no short ones."""
    if definition is not None:
        names = definition.names
        return ResourceNames(
            names.singular or kind.name.lower(), tuple(names.short_names or ()), tuple(names.categories or ())
        )
    singular = "endpoints" if kind == kinds.ENDPOINTS else kind.name.lower()
    return ResourceNames(singular, _SHORT.get(kind, ()), _categories(kind))


def _categories(kind: Kind) -> tuple[str, ...]:
    if kind.group in _EXTENDING:
        return ("api-extensions",)
    return ("all",) if kind in _IN_ALL else ()
