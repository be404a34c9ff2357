"""Older API versions of built-in kinds, served in the version that queries ask for, as API servers convert them.

One line per kind and versions; a function where the structure changed. A version that is not here is served as it is
(sources: the API reference, and the conversions of the API server).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from snapshots.dumps.errors import DocumentBroken
from snapshots.dumps.objects import typed
from snapshots.dumps.objecttype import ObjectType
from snapshots.dumps.versionchanges import (
    to_autoscaler_v2,
    to_definition_v1,
    to_endpoint_slice_v1,
    to_ingress_v1,
    to_priority_level_v1,
)

Change: TypeAlias = Callable[[dict[str, Any]], None]
"""Changes the decoded JSON of an object; raises KeyError, TypeError or ValueError for one that cannot be converted."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion of a type; `change` is None if the structure is the same."""

    kind: Kind
    change: Change | None = None


_APPS: Final = ("apps/v1beta1", "apps/v1beta2")
_OLD_EXTENSIONS: Final = "extensions/v1beta1"
_RBAC: Final = "rbac.authorization.k8s.io/v1beta1"
_ADMISSION: Final = "admissionregistration.k8s.io"
_FLOW: Final = "flowcontrol.apiserver.k8s.io"
_RESOURCE: Final = "resource.k8s.io/v1beta2"
_STORAGE: Final = "storage.k8s.io"

_CONVERSIONS: Final[tuple[tuple[Kind, tuple[str, ...], Change | None], ...]] = (
    (kinds.API_SERVICE, ("apiregistration.k8s.io/v1beta1",), None),
    (kinds.CERTIFICATE_SIGNING_REQUEST, ("certificates.k8s.io/v1beta1",), None),
    (kinds.CLUSTER_ROLE, (_RBAC,), None),
    (kinds.CLUSTER_ROLE_BINDING, (_RBAC,), None),
    (kinds.CLUSTER_TRUST_BUNDLE, ("certificates.k8s.io/v1alpha1", "certificates.k8s.io/v1beta1"), None),
    (kinds.CONTROLLER_REVISION, _APPS, None),
    (kinds.CRON_JOB, ("batch/v1beta1", "batch/v2alpha1"), None),
    (kinds.CSI_DRIVER, (f"{_STORAGE}/v1beta1",), None),
    (kinds.CSI_NODE, (f"{_STORAGE}/v1beta1",), None),
    (kinds.CSI_STORAGE_CAPACITY, (f"{_STORAGE}/v1alpha1", f"{_STORAGE}/v1beta1"), None),
    (kinds.CUSTOM_RESOURCE_DEFINITION, ("apiextensions.k8s.io/v1beta1",), to_definition_v1),
    (kinds.DAEMON_SET, ("apps/v1beta2", _OLD_EXTENSIONS), None),
    (kinds.DEPLOYMENT, (*_APPS, _OLD_EXTENSIONS), None),
    (kinds.DEVICE_CLASS, (_RESOURCE,), None),
    (kinds.ENDPOINT_SLICE, ("discovery.k8s.io/v1beta1",), to_endpoint_slice_v1),
    (kinds.EVENTS_EVENT, ("events.k8s.io/v1beta1",), None),
    (kinds.FLOW_SCHEMA, tuple(f"{_FLOW}/v1beta{number}" for number in (1, 2, 3)), None),
    (kinds.HORIZONTAL_POD_AUTOSCALER, ("autoscaling/v2beta2",), None),
    (kinds.HORIZONTAL_POD_AUTOSCALER, ("autoscaling/v1",), to_autoscaler_v2),
    (kinds.INGRESS, (_OLD_EXTENSIONS, "networking.k8s.io/v1beta1"), to_ingress_v1),
    (kinds.INGRESS_CLASS, ("networking.k8s.io/v1beta1",), None),
    (kinds.IP_ADDRESS, ("networking.k8s.io/v1alpha1", "networking.k8s.io/v1beta1"), None),
    (kinds.LEASE, ("coordination.k8s.io/v1beta1",), None),
    (kinds.MUTATING_ADMISSION_POLICY, (f"{_ADMISSION}/v1alpha1", f"{_ADMISSION}/v1beta1"), None),
    (kinds.MUTATING_ADMISSION_POLICY_BINDING, (f"{_ADMISSION}/v1alpha1", f"{_ADMISSION}/v1beta1"), None),
    (kinds.MUTATING_WEBHOOK_CONFIGURATION, (f"{_ADMISSION}/v1beta1",), None),
    (kinds.NETWORK_POLICY, (_OLD_EXTENSIONS,), None),
    (kinds.POD_DISRUPTION_BUDGET, ("policy/v1beta1",), None),
    (kinds.PRIORITY_CLASS, ("scheduling.k8s.io/v1alpha1", "scheduling.k8s.io/v1beta1"), None),
    (kinds.PRIORITY_LEVEL_CONFIGURATION, (f"{_FLOW}/v1beta3",), None),
    (kinds.PRIORITY_LEVEL_CONFIGURATION, (f"{_FLOW}/v1beta1", f"{_FLOW}/v1beta2"), to_priority_level_v1),
    (kinds.REPLICA_SET, ("apps/v1beta2", _OLD_EXTENSIONS), None),
    (kinds.RESOURCE_CLAIM, (_RESOURCE,), None),
    (kinds.RESOURCE_CLAIM_TEMPLATE, (_RESOURCE,), None),
    (kinds.RESOURCE_SLICE, (_RESOURCE,), None),
    (kinds.ROLE, (_RBAC,), None),
    (kinds.ROLE_BINDING, (_RBAC,), None),
    (kinds.RUNTIME_CLASS, ("node.k8s.io/v1beta1",), None),
    (kinds.SERVICE_CIDR, ("networking.k8s.io/v1alpha1", "networking.k8s.io/v1beta1"), None),
    (kinds.STATEFUL_SET, _APPS, None),
    (kinds.STORAGE_CLASS, (f"{_STORAGE}/v1beta1",), None),
    (kinds.VALIDATING_ADMISSION_POLICY, (f"{_ADMISSION}/v1alpha1", f"{_ADMISSION}/v1beta1"), None),
    (kinds.VALIDATING_ADMISSION_POLICY_BINDING, (f"{_ADMISSION}/v1alpha1", f"{_ADMISSION}/v1beta1"), None),
    (kinds.VALIDATING_WEBHOOK_CONFIGURATION, (f"{_ADMISSION}/v1beta1",), None),
    (kinds.VOLUME_ATTACHMENT, (f"{_STORAGE}/v1alpha1", f"{_STORAGE}/v1beta1"), None),
    (kinds.VOLUME_ATTRIBUTES_CLASS, (f"{_STORAGE}/v1alpha1", f"{_STORAGE}/v1beta1"), None),
)
_BY_TYPE: Final[Mapping[ObjectType, Conversion]] = {
    ObjectType(api_version, kind.name): Conversion(kind, change)
    for kind, api_versions, change in _CONVERSIONS
    for api_version in api_versions
}
OLDER_TYPES: Final = tuple(_BY_TYPE)
"""The types that are converted."""


def served_type(object_type: ObjectType) -> ObjectType:
    """Returns the type in which objects of a type are served; the same for a current or an unknown one."""
    conversion = _BY_TYPE.get(object_type)
    return ObjectType(conversion.kind.api_version, conversion.kind.name) if conversion else object_type


def converted(body: bytes, object_type: ObjectType) -> bytes:
    """Returns an object in the type of `served_type`; `body` has no white space.

    Raises:
        DocumentBroken: It cannot be converted.
    """
    conversion = _BY_TYPE.get(object_type)
    if conversion is None:
        return body
    if conversion.change is not None:
        item = msgspec.json.decode(body, type=dict[str, Any])
        try:
            conversion.change(item)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            name = f"{object_type.api_version} {object_type.kind}"
            raise DocumentBroken(f"{name} cannot be converted to {conversion.kind.api_version}") from error
        body = msgspec.json.encode(item)
    return typed(body, served_type(object_type))
