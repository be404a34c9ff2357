"""Networking of workloads: services, their endpoints, and ingresses."""

from collections.abc import Iterator
from typing import Final

from demo.fleet.chance import suffix
from demo.fleet.company.application import Controller
from demo.fleet.machines.workload import PlannedPod, State, Workload
from demo.fleet.manifest import Manifest, manifest, owner_reference
from demo.fleet.moment import stamp

ABANDONED: Final = {
    ("prod-ap-1", "cart"): "cart-v1",
    ("prod-us-1", "suggest"): "suggest-beta",
}
"""Services whose pods are gone, by cluster and the workload beside them: their selectors select nothing."""

_ABANDONED_ADDRESSES: Final = 100
_UNADDRESSED = {State.CREATING, State.UNSCHEDULABLE}


def services(workload: Workload) -> Iterator[Manifest]:
    """Yields the service, the headless one of a stateful set, and the ingress of a workload."""
    yield _service(workload, workload.name, is_headless=False)
    if workload.kind is Controller.STATEFUL_SET:
        yield _service(workload, f"{workload.name}-headless", is_headless=True)
    if workload.application.host:
        yield _ingress(workload)
    if abandoned := ABANDONED.get((workload.site.profile.name, workload.name)):
        yield from _abandoned(workload, abandoned)


def _abandoned(workload: Workload, name: str) -> Iterator[Manifest]:
    """Yields a service without endpoints, with the empty slice that its controller writes."""
    service, ip = (
        _service(workload, name, is_headless=False),
        workload.site.service_ip(workload.index + _ABANDONED_ADDRESSES),
    )
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name}
    spec = service["spec"]
    assert isinstance(spec, dict)  # noqa: S101  for the type checker: services have a spec
    yield {**service, "spec": {**spec, "clusterIP": ip, "clusterIPs": [ip], "selector": labels}}
    yield _slice(workload, name, is_empty=True)
    yield _endpoints(workload, name, is_empty=True)


def endpoints(workload: Workload) -> Iterator[Manifest]:
    """Yields the endpoints of a workload's services; ready ones are those of ready pods."""
    names = [workload.name]
    if workload.kind is Controller.STATEFUL_SET:
        names.append(f"{workload.name}-headless")
    for name in names:
        yield _slice(workload, name)
        yield _endpoints(workload, name)


def _metadata(workload: Workload, kind: str, name: str, **more: object) -> Manifest:
    return {
        "name": name,
        "namespace": workload.namespace,
        "uid": workload.site.uid(kind, workload.namespace, name),
        "creationTimestamp": stamp(workload.created_s),
        "labels": workload.labels(),
        **more,
    }


def _service(workload: Workload, name: str, *, is_headless: bool) -> Manifest:
    ip = "None" if is_headless else workload.site.service_ip(workload.index)
    port: Manifest = {
        "name": workload.application.port_name,
        "port": _service_port(workload),
        "targetPort": workload.application.port_name,
        "protocol": "TCP",
    }
    is_entrance = workload.name == "ingress-nginx-controller"
    spec: Manifest = {
        "type": "LoadBalancer" if is_entrance else "ClusterIP",
        "clusterIP": ip,
        "clusterIPs": [ip],
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "ports": [{**port, "nodePort": 31080} if is_entrance else port],
        "selector": workload.selector(),
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
    }
    balancer: Manifest = {}
    if is_entrance:
        spec |= {"externalTrafficPolicy": "Local", "healthCheckNodePort": 31081, "allocateLoadBalancerNodePorts": True}
        balancer = {"ingress": [_entrance(workload)]}
    return manifest(
        "v1",
        "Service",
        metadata=_metadata(workload, "Service", name, annotations=workload.tracked("/Service", name)),
        spec=spec,
        status={"loadBalancer": balancer},
    )


def _service_port(workload: Workload) -> int:
    return 80 if workload.application.port_name == "http" else workload.application.port


def _entrance(workload: Workload) -> Manifest:
    profile = workload.site.profile
    if workload.site.is_cloud:
        return {"hostname": f"ingress-{profile.name}.elb.{profile.region}.amazonaws.com"}
    return {"ip": "203.0.113.15", "ipMode": "VIP"}


def _ingress(workload: Workload) -> Manifest:
    backend: Manifest = {"service": {"name": workload.name, "port": {"name": workload.application.port_name}}}
    path: Manifest = {"path": "/", "pathType": "Prefix", "backend": backend}
    spec: Manifest = {
        "ingressClassName": "nginx",
        "rules": [{"host": workload.host, "http": {"paths": [path]}}],
        "tls": [{"hosts": [workload.host], "secretName": f"{workload.name}-tls"}],
    }
    annotations = {
        **workload.tracked("networking.k8s.io/Ingress", workload.name),
        "cert-manager.io/cluster-issuer": "letsencrypt",
        "nginx.ingress.kubernetes.io/proxy-body-size": "8m",
    }
    return manifest(
        "networking.k8s.io/v1",
        "Ingress",
        metadata=_metadata(workload, "Ingress", workload.name, annotations=annotations),
        spec=spec,
        status={"loadBalancer": {"ingress": [_ingress_address(workload)]}},
    )


def _ingress_address(workload: Workload) -> Manifest:
    return {name: value for name, value in _entrance(workload).items() if name != "ipMode"}


def _slice(workload: Workload, service: str, *, is_empty: bool = False) -> Manifest:
    name = f"{service}-{suffix(5, workload.uid, service, 'slice')}"
    labels = {
        **workload.labels(),
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": service,
    }
    metadata = _metadata(workload, "EndpointSlice", name, labels=labels, generateName=f"{service}-")
    uid = workload.site.uid("Service", workload.namespace, service)
    metadata["ownerReferences"] = [owner_reference("v1", "Service", service, uid=uid)]
    return manifest(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        metadata=metadata,
        addressType="IPv4",
        endpoints=[] if is_empty else [_endpoint(workload, pod) for pod in _addressed(workload)],
        ports=[] if is_empty else [_target(workload)],
    )


def _addressed(workload: Workload) -> list[PlannedPod]:
    return [pod for pod in workload.pods if pod.state not in _UNADDRESSED]


def _ip(workload: Workload, pod: PlannedPod) -> str:
    return pod.machine.ip if workload.application.is_host_network and pod.machine else pod.ip


def _endpoint(workload: Workload, pod: PlannedPod) -> Manifest:
    endpoint: Manifest = {
        "addresses": [_ip(workload, pod)],
        "conditions": {"ready": pod.is_ready, "serving": pod.is_ready, "terminating": not pod.is_active},
        "targetRef": _reference(workload, pod),
    }
    if pod.machine:
        endpoint |= {"nodeName": pod.machine.name, "zone": pod.machine.zone}
    return endpoint


def _target(workload: Workload) -> Manifest:
    return {"name": workload.application.port_name, "port": workload.application.port, "protocol": "TCP"}


def _reference(workload: Workload, pod: PlannedPod) -> Manifest:
    uid = workload.site.uid("Pod", workload.namespace, pod.name)
    return {"kind": "Pod", "namespace": workload.namespace, "name": pod.name, "uid": uid}


def _endpoints(workload: Workload, service: str, *, is_empty: bool = False) -> Manifest:
    """Returns the same in the older API without slices, which controllers still write."""
    subset: Manifest = {"ports": [_target(workload)]}
    for key, is_ready in (("addresses", True), ("notReadyAddresses", False)):
        addresses = [
            {"ip": _ip(workload, pod), "nodeName": pod.machine.name, "targetRef": _reference(workload, pod)}
            for pod in _addressed(workload)
            if pod.is_ready is is_ready and pod.is_active and pod.machine and not is_empty
        ]
        if addresses:
            subset[key] = addresses
    subsets = [subset] if len(subset) > 1 else None
    metadata = _metadata(workload, "Endpoints", service)
    return manifest("v1", "Endpoints", metadata=metadata, subsets=subsets)
