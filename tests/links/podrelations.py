"""The other links of pods, and those of networks."""

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Final

from tests.links.relation import (
    EVERY_KIND,
    Json,
    Relation,
    World,
    at,
    backward,
    by_kind,
    by_name,
    by_place,
    chosen,
    labels,
    name,
    on_node,
    space,
    through,
)


def _is_held(lease: Json, pod: Json, _world: World) -> bool:
    holder = lease["spec"].get("holderIdentity", "")
    return space(lease) == space(pod) and holder.partition("_")[0] == name(pod)


def _is_limited(pod: Json, limits: Json, _world: World) -> bool:
    return space(pod) == space(limits) and bool({"Pod", "Container"} & {*at(limits, "spec.limits.type")})


def _is_metered(pod: Json, quota: Json, _world: World) -> bool:
    return space(pod) == space(quota) and "pods" in quota["spec"]["hard"]


def _has_claim(pod: Json, claim: Json, _world: World) -> bool:
    own = [
        *at(pod, "spec.resourceClaims.resourceClaimName"),
        *at(pod, "status.resourceClaimStatuses.resourceClaimName"),
    ]
    return space(pod) == space(claim) and name(claim) in own


def _pods() -> Iterator[Relation]:
    """Yields the links of pods beyond those of `workloadrelations`."""
    yield Relation("Pod.node", "Node", "pods", on_node)
    yield Relation("Pod.priorityClass", "PriorityClass", "pods", by_name("spec.priorityClassName"))
    yield Relation("Pod.runtimeClass", "RuntimeClass", "pods", by_name("spec.runtimeClassName"))
    trusted = by_name("spec.volumes.projected.sources.clusterTrustBundle.name")
    yield Relation("Pod.clusterTrustBundles", "ClusterTrustBundle", "pods", trusted)
    yield Relation("Pod.csiDrivers", "CSIDriver", "pods", by_name("spec.volumes.csi.driver"))
    yield Relation("Pod.endpointSlices", "EndpointSlice", "pods", backward(by_place("endpoints.targetRef")))
    yield Relation("Pod.endpoints", "Endpoints", "pods", backward(_has_address))
    yield Relation("Pod.evictionRequests", "EvictionRequest", "pod", backward(by_name("spec.target.pod.name")))
    yield Relation("Pod.evictions", "Eviction", "pod", backward(by_name("spec.target.pod.name")))
    yield Relation("Pod.leases", "Lease", "pod", backward(_is_held))
    yield Relation("Pod.limitRanges", "LimitRange", "pods", _is_limited)
    yield Relation("Pod.resourceQuotas", "ResourceQuota", "pods", _is_metered)
    yield Relation("Pod.podCertificateRequests", "PodCertificateRequest", "pod", backward(by_name("spec.podName")))
    templates = by_name("spec.resourceClaims.resourceClaimTemplateName")
    yield Relation("Pod.resourceClaimTemplates", "ResourceClaimTemplate", "pods", templates)
    yield Relation("Pod.resourceClaims", "ResourceClaim", "pods", _has_claim)


def _has_address(endpoints: Json, pod: Json, world: World) -> bool:
    return any(
        by_place(f"subsets.{addresses}.targetRef")(endpoints, pod, world)
        for addresses in ("addresses", "notReadyAddresses")
    )


def _has_service(part: Json, service: Json, _world: World) -> bool:
    return space(part) == space(service) and labels(part).get("kubernetes.io/service-name") == name(service)


def _parent(address: Json, service: Json, _world: World) -> bool:
    parent = address["spec"]["parentRef"]
    return (parent["resource"], parent["namespace"], parent["name"]) == ("services", space(service), name(service))


def _is_inside(address: Json, block: Json, _world: World) -> bool:
    return any(ip_address(name(address)) in ip_network(cidr) for cidr in at(block, "spec.cidrs"))


def _peers(direction: str, policy: Json, pod: Json, _world: World) -> bool:
    return space(policy) == space(pod) and any(
        chosen(selector, labels(pod)) for selector in at(policy, f"{direction}.podSelector")
    )


def _network() -> Iterator[Relation]:
    """Yields the links of networks."""
    yield Relation("EndpointSlice.service", "Service", "endpointSlices", _has_service)
    yield Relation("EndpointSlice.nodes", "Node", "endpointSlices", by_name("endpoints.nodeName"))
    yield Relation(
        "Service.nodes", "Node", "", through("EndpointSlice", backward(_has_service), by_name("endpoints.nodeName"))
    )
    yield Relation("Endpoints.service", "Service", "endpoints", by_name("metadata.name"))
    nodes = by_name("subsets.addresses.nodeName", "subsets.notReadyAddresses.nodeName")
    yield Relation("Endpoints.nodes", "Node", "endpoints", nodes)
    services = by_name("spec.defaultBackend.service.name", "spec.rules.http.paths.backend.service.name")
    yield Relation("Ingress.services", "Service", "ingresses", services)
    yield Relation("Ingress.secrets", "Secret", "ingresses", by_name("spec.tls.secretName"))
    yield Relation("Ingress.ingressClass", "IngressClass", "ingresses", by_name("spec.ingressClassName"))
    backends = by_kind("spec.rules.http.paths.backend.resource", group="apiGroup")
    yield Relation("Ingress.resourceBackends", EVERY_KIND, "", backends)
    yield Relation("IngressClass.parameters", EVERY_KIND, "", by_kind("spec.parameters", group="apiGroup"))
    yield Relation("IPAddress.service", "Service", "ipAddresses", _parent)
    yield Relation("IPAddress.serviceCIDRs", "ServiceCIDR", "ipAddresses", _is_inside)
    yield Relation("NetworkPolicy.allowedSources", "Pod", "", partial(_peers, "spec.ingress.from"))
    yield Relation("NetworkPolicy.allowedDestinations", "Pod", "", partial(_peers, "spec.egress.to"))
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        back = f"{kind[0].lower()}{kind[1:]}s"
        yield Relation(f"{kind}.services", "Service", back, by_place("webhooks.clientConfig.service"))
    yield Relation("APIService.service", "Service", "apiServices", by_place("spec.service"))
    converts = by_place("spec.conversion.webhook.clientConfig.service")
    yield Relation("CustomResourceDefinition.conversionService", "Service", "customResourceDefinitions", converts)


PODS: Final = (*_pods(), *_network())
