"""Members of PodCertificateRequests beyond their Kubernetes fields, and of the objects that they name."""

from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.certificates.trustbundle import TRUST_BUNDLES
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_named, add_naming, by_paths

POD_CERTIFICATE_REQUESTS = Family(kinds.POD_CERTIFICATE_REQUEST)
REQUESTED_FOR_PODS = Family(kinds.POD)
REQUESTED_ON_NODES = Family(kinds.NODE)
REQUESTED_FOR_ACCOUNTS = Family(kinds.SERVICE_ACCOUNT)
TRUSTING_PODS = Family(kinds.POD)

_STATES: Final = frozenset({"Issued", "Denied", "Failed"})
_PODS = by_paths(kinds.POD_CERTIFICATE_REQUEST, kinds.POD, "spec.podName")
_NODES = by_paths(kinds.POD_CERTIFICATE_REQUEST, kinds.NODE, "spec.nodeName")
_ACCOUNTS = by_paths(kinds.POD_CERTIFICATE_REQUEST, kinds.SERVICE_ACCOUNT, "spec.serviceAccountName")
_BUNDLES = by_paths(kinds.POD, kinds.CLUSTER_TRUST_BUNDLE, "spec.volumes.projected.sources.clusterTrustBundle.name")


@POD_CERTIFICATE_REQUESTS.derived(
    "status.conditions.type", description="Issued, Denied, Failed or Pending, as in kubectl's STATE column."
)
def state(request: Row) -> str:
    """Returns kubectl's STATE: the last condition of those types.

    Source: `printPodCertificateRequest` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    conditions = items_of(request.status.conditions if request.status is not None else None)
    return next((one.type for one in reversed(conditions) if one.type in _STATES), "Pending")


@POD_CERTIFICATE_REQUESTS.derived(
    "status.notAfter",
    description="The time at which the issued certificate expires; null before it is issued.",
)
def not_after(request: Row) -> Time | None:
    """Returns the end that the signer gave."""
    return (request.status.notAfter or None) if request.status is not None else None


add_named(POD_CERTIFICATE_REQUESTS, _PODS, shape=Shape.ONE, description="The pod that the certificate is for.")
add_named(POD_CERTIFICATE_REQUESTS, _NODES, shape=Shape.ONE, description="The node whose kubelet made the request.")
add_named(POD_CERTIFICATE_REQUESTS, _ACCOUNTS, shape=Shape.ONE, description="The service account of the pod.")
add_naming(REQUESTED_FOR_PODS, _PODS, description="The requests for certificates of its volumes.")
add_naming(REQUESTED_ON_NODES, _NODES, description="The requests of its kubelet for certificates of pods.")
add_naming(REQUESTED_FOR_ACCOUNTS, _ACCOUNTS, description="The requests for certificates of pods that run as it.")
add_naming(TRUST_BUNDLES, _BUNDLES, description="The pods that mount it by name.")
add_named(TRUSTING_PODS, _BUNDLES, description="The ClusterTrustBundles that its volumes name.")
