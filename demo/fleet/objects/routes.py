"""Objects of the Gateway API: a gateway for each cloud cluster, and the routes of applications that use it already."""

from collections.abc import Iterator, Sequence
from typing import Final

from demo.fleet.company.profile import Profile
from demo.fleet.customkinds.gatewayapi import GATEWAY, GROUP, HTTP_ROUTE
from demo.fleet.customkinds.served import served_by
from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, condition, manifest
from demo.fleet.moment import DAY_S, HOUR_S, stamp

NOT_RESOLVED: Final = ("staging-eu-1", "checkout-api")
"""The route that leads to a service that does not exist, by cluster and application."""

_CONTROLLER: Final = "gateway.k8s.aws/alb"
_NAMESPACE: Final = "platform"
_NAME: Final = "public"
_PARENT: Final = {"group": GROUP, "kind": "Gateway", "namespace": _NAMESPACE, "name": _NAME, "sectionName": "https"}
_PILOTS: Final = {"checkout-web", "query-api"}
"""Applications that use the gateway in production, too."""


def routes(site: Site, workloads: Sequence[Workload]) -> Iterator[Manifest]:
    """Yields the gateway and the routes of a cluster; none if it does not serve their kinds."""
    versions = {kind.kind.name: kind.kind.api_version for kind in served_by(site.profile)}
    if GATEWAY.kind.name not in versions:
        return
    routed = [workload for workload in workloads if _is_routed(site.profile, workload)]
    yield _gateway(site, versions[GATEWAY.kind.name], routes=len(routed))
    for workload in routed:
        yield _route(workload, versions[HTTP_ROUTE.kind.name])


def _is_routed(profile: Profile, workload: Workload) -> bool:
    is_staging = profile.labels["env"] == "staging"
    return bool(workload.application.host) and (is_staging or workload.name in _PILOTS)


def _gateway(site: Site, api_version: str, *, routes: int) -> Manifest:
    at, profile = stamp(site.start_s - 30 * DAY_S), site.profile
    conditions = [_holds("Accepted", at), _holds("Programmed", at)]
    listener: Manifest = {"name": "https", "attachedRoutes": routes, "conditions": conditions}
    return manifest(
        api_version,
        "Gateway",
        metadata={
            "name": _NAME,
            "namespace": _NAMESPACE,
            "uid": site.uid("Gateway", _NAMESPACE, _NAME),
            "generation": 1,
            "creationTimestamp": at,
        },
        spec={
            "gatewayClassName": "alb",
            "listeners": [{"name": "https", "port": 443, "protocol": "HTTPS"}],
        },
        status={
            "addresses": [
                {"type": "Hostname", "value": f"public-{profile.name}.elb.{profile.region}.amazonaws.com"}
            ],
            "conditions": conditions,
            "listeners": [listener],
        },
    )  # fmt: skip


def _holds(kind: str, at: str) -> Manifest:
    return {**condition(kind, True, at, reason=kind, message=""), "observedGeneration": 1}


def _route(workload: Workload, api_version: str) -> Manifest:
    site, at = workload.site, stamp(workload.site.start_s - 9 * DAY_S)
    is_resolved = (site.profile.name, workload.name) != NOT_RESOLVED
    port = 80 if workload.application.port_name == "http" else workload.application.port
    backends: list[Manifest] = [{"name": workload.name, "port": port, "weight": 90 if not is_resolved else 100}]
    resolved = _holds("ResolvedRefs", at)
    if not is_resolved:
        canary = f"{workload.name}-canary"
        backends.append({"name": canary, "port": port, "weight": 10})
        message = f'Service "{workload.namespace}/{canary}" not found'
        failed = condition(
            "ResolvedRefs", False, stamp(site.start_s - HOUR_S), reason="BackendNotFound", message=message
        )
        resolved = {**failed, "observedGeneration": 1}
    rule: Manifest = {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": backends}
    parent: Manifest = {
        "parentRef": _PARENT,
        "controllerName": _CONTROLLER,
        "conditions": [_holds("Accepted", at), resolved],
    }
    return manifest(
        api_version,
        "HTTPRoute",
        metadata={
            "name": workload.name,
            "namespace": workload.namespace,
            "uid": site.uid("HTTPRoute", workload.namespace, workload.name),
            "generation": 1,
            "creationTimestamp": at,
            "labels": workload.labels(),
            "annotations": workload.tracked(f"{GROUP}/HTTPRoute", workload.name),
        },
        spec={"parentRefs": [_PARENT], "hostnames": [workload.host], "rules": [rule]},
        status={"parents": [parent]},
    )
