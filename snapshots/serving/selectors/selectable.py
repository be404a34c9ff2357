"""Selectable fields of kinds, and the paths of their values.

Source: the field label conversions and registry strategies of Kubernetes 1.37, compared with a real API server.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.kinds.models import structure_names
from k8s.kinds.structure import attribute_name
from k8s.reading.rowdecoders import Row
from k8s.reading.rowtypes import object_type
from k8s.reading.selection import selection_of
from snapshots.lenientdecoder import LenientDecoder
from snapshots.serving.selectors.fields import FieldSelector
from snapshots.serving.status import bad_request, quoted

NAME: Final = "metadata.name"
NAMESPACE: Final = "metadata.namespace"


_ANYTHING: Final[LenientDecoder[Any]] = LenientDecoder(object)


@dataclass(frozen=True, slots=True)
class FieldReading:
    """The paths of a field: the first path with a value counts, of lists the first entry."""

    paths: tuple[str, ...]
    default: str = ""

    def value(self, row: Row) -> str:
        """Returns the value in the form of a selector."""
        for path in self.paths:
            value = _at(row, path)
            if value not in (None, ""):
                return str(value).lower() if isinstance(value, bool) else str(value)
        return self.default


@dataclass(frozen=True, slots=True)
class SelectableFields:
    """The fields of one kind.

    Attributes:
        readings: The paths of all selectable fields except name and namespace.
        decode: Decodes the values of the readings from an object's JSON.
        metadata: The selectable fields among name and namespace.
        unsupported: The message for any other field, with `{field}` or `{quoted}` in its place.
    """

    readings: Mapping[str, FieldReading]
    decode: Callable[[bytes], Row]
    metadata: frozenset[str] = frozenset({NAME, NAMESPACE})
    unsupported: str = "field label not supported: {field}"

    def checked(self, selector: FieldSelector) -> FieldSelector:
        """Returns the selector if all of its fields are selectable.

        Raises:
            RequestRefused: A field is not selectable.
        """
        for term in selector.terms:
            if term.field not in self.readings and term.field not in self.metadata:
                raise bad_request(self.unsupported.format(field=term.field, quoted=quoted(term.field)))
        return selector


def read_at(*paths: str, default: str = "") -> FieldReading:
    """Returns a reading of the first path with a value."""
    return FieldReading(paths, default)


_REGARDING: Final = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_SIGNER: Final = {"spec.signerName": read_at("spec.signerName")}
_READINGS: Final[Mapping[Kind, Mapping[str, FieldReading]]] = MappingProxyType(
    {
        kinds.POD: {
            "spec.nodeName": read_at("spec.nodeName"),
            "spec.host": read_at("spec.nodeName"),
            "spec.restartPolicy": read_at("spec.restartPolicy"),
            "spec.schedulerName": read_at("spec.schedulerName"),
            "spec.serviceAccountName": read_at("spec.serviceAccountName"),
            "spec.hostNetwork": read_at("spec.hostNetwork", default="false"),
            "status.phase": read_at("status.phase"),
            "status.podIP": read_at("status.podIPs.ip", "status.podIP"),
            "status.podIPs": read_at(),  # accepted, but empty for every pod
            "status.nominatedNodeName": read_at("status.nominatedNodeName"),
        },
        kinds.NODE: {"spec.unschedulable": read_at("spec.unschedulable", default="false")},
        kinds.REPLICATION_CONTROLLER: {"status.replicas": read_at("status.replicas", default="0")},
        kinds.NAMESPACE: {"status.phase": read_at("status.phase")},
        kinds.SECRET: {"type": read_at("type")},
        kinds.SERVICE: {"spec.clusterIP": read_at("spec.clusterIP"), "spec.type": read_at("spec.type")},
        kinds.EVENT: {
            **{f"involvedObject.{key}": read_at(f"involvedObject.{key}") for key in _REGARDING},
            "reason": read_at("reason"),
            "reportingComponent": read_at("reportingComponent"),
            "source": read_at("source.component", "reportingComponent"),
            "type": read_at("type"),
        },
        kinds.EVENTS_EVENT: {
            **{f"regarding.{key}": read_at(f"regarding.{key}") for key in _REGARDING},
            "reason": read_at("reason"),
            "reportingController": read_at("reportingController"),
            "type": read_at("type"),
        },
        kinds.JOB: {"status.successful": read_at("status.succeeded", default="0")},
        kinds.CERTIFICATE_SIGNING_REQUEST: _SIGNER,
        kinds.CLUSTER_TRUST_BUNDLE: _SIGNER,
        kinds.POD_CERTIFICATE_REQUEST: {
            **_SIGNER,
            "spec.podName": read_at("spec.podName"),
            "spec.nodeName": read_at("spec.nodeName"),
        },
        kinds.RESOURCE_SLICE: {
            "spec.nodeName": read_at("spec.nodeName"),
            "spec.driver": read_at("spec.driver"),
            "spec.pool.name": read_at("spec.pool.name"),
        },
    }
)
_ONLY_BY_NAME: Final = frozenset(
    {
        kinds.NODE,
        kinds.NAMESPACE,
        kinds.CERTIFICATE_SIGNING_REQUEST,
        kinds.CLUSTER_TRUST_BUNDLE,
        kinds.POD_CERTIFICATE_REQUEST,
        kinds.RESOURCE_SLICE,
    }
)
_UNSUPPORTED: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        kinds.JOB: "field label {quoted} not supported for Job",
        kinds.RESOURCE_SLICE: "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: {field}",
    }
)


def custom_fields(paths: Iterable[str]) -> SelectableFields:
    """Returns the selectable fields of a custom kind: these paths, which its definition names."""
    return SelectableFields({path: FieldReading((path,)) for path in paths}, decode=_ANYTHING.decode)


def built_in_fields(kind: Kind) -> SelectableFields:
    """Returns the selectable fields of a built-in kind; at least name and namespace."""
    readings = _READINGS.get(kind)
    if readings is None:
        only = f'{{quoted}} is not a known field selector: only "{NAME}", "{NAMESPACE}"'
        return SelectableFields({}, decode=_nothing, unsupported=only)
    paths = _paths(readings.values())
    decode: Callable[[bytes], Row] = _nothing
    if paths:
        decode = LenientDecoder(object_type(structure_names()[kind], selection_of((NAME, *paths)), kind)).decode
    fields = SelectableFields(readings, decode)
    if kind in _ONLY_BY_NAME:
        fields = replace(fields, metadata=frozenset({NAME}))
    return replace(fields, unsupported=_UNSUPPORTED.get(kind, fields.unsupported))


def _paths(readings: Iterable[FieldReading]) -> list[str]:
    return [path for reading in readings for path in reading.paths]


def _nothing(_item: bytes) -> Row:
    return None


def _at(row: Row, path: str) -> Row:
    """Returns the value at a path of a decoded object: attributes of structs, keys of maps."""
    for key in path.split("."):
        if isinstance(row, list):
            row = row[0] if row else None
        row = row.get(key) if isinstance(row, dict) else getattr(row, attribute_name(key), None)
    return row
