"""Namespaces with their usual objects: a service account, the cluster's CA, limits, policies and roles of the team."""

from collections.abc import Iterator, Sequence
from typing import Final

from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, manifest
from demo.fleet.moment import DAY_S, stamp
from demo.fleet.objects.containers import requested

TEAMS: Final = ("payments", "checkout", "search", "identity")
PLATFORM: Final = ("data", "platform", "monitoring")
SYSTEM: Final = ("default", "kube-node-lease", "kube-public", "kube-system")
QUOTA_EXCEEDED: Final = ("staging-eu-1", "checkout")
"""The namespace whose quota is exhausted."""

_DEMO_CA: Final = "-----BEGIN CERTIFICATE-----\ndemo: no certificate stands here\n-----END CERTIFICATE-----\n"
_RBAC: Final = "rbac.authorization.k8s.io"


def namespaces(site: Site) -> Iterator[Manifest]:
    """Yields all namespaces with their objects."""
    for name in (*TEAMS, *PLATFORM, *SYSTEM):
        yield _namespace(site, name)
        yield manifest("v1", "ServiceAccount", metadata=_metadata(site, "ServiceAccount", name, "default"))
        root_ca = _metadata(site, "ConfigMap", name, "kube-root-ca.crt")
        yield manifest("v1", "ConfigMap", metadata=root_ca, data={"ca.crt": _DEMO_CA})
        if name not in SYSTEM:
            yield from _policies(site, name)
            yield from _rights(site, name)
        if name in TEAMS:
            yield _limit_range(site, name)


def quotas(site: Site, workloads: Sequence[Workload]) -> Iterator[Manifest]:
    """Yields the quotas of the teams, with what their pods request."""
    for name in TEAMS:
        yield _quota(site, name, [workload for workload in workloads if workload.namespace == name])


def _namespace(site: Site, name: str) -> Manifest:
    labels = {"kubernetes.io/metadata.name": name}
    if name not in SYSTEM:
        labels |= {"team": name if name in TEAMS else "platform", "env": site.profile.labels["env"]}
        labels["pod-security.kubernetes.io/enforce"] = "baseline" if name in TEAMS else "privileged"
    created_s = site.created_s + (0 if name in SYSTEM else DAY_S)
    metadata: Manifest = {
        "name": name,
        "uid": site.uid("Namespace", "", name),
        "creationTimestamp": stamp(created_s),
        "labels": labels,
    }
    spec: Manifest = {"finalizers": ["kubernetes"]}
    return manifest("v1", "Namespace", metadata=metadata, spec=spec, status={"phase": "Active"})


def _metadata(site: Site, kind: str, namespace: str, name: str) -> Manifest:
    return {
        "name": name,
        "namespace": namespace,
        "uid": site.uid(kind, namespace, name),
        "creationTimestamp": stamp(site.created_s + DAY_S),
    }


def _policies(site: Site, namespace: str) -> Iterator[Manifest]:
    closed: Manifest = {"podSelector": {}, "policyTypes": ["Ingress"]}
    kind, api_version = "NetworkPolicy", "networking.k8s.io/v1"
    yield manifest(api_version, kind, metadata=_metadata(site, kind, namespace, "default-deny"), spec=closed)
    sources = [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": source}}}
        for source in dict.fromkeys((namespace, "platform", "monitoring"))
    ]
    opened: Manifest = {**closed, "ingress": [{"from": sources}]}
    yield manifest(api_version, kind, metadata=_metadata(site, kind, namespace, "allow-known"), spec=opened)


def _rights(site: Site, namespace: str) -> Iterator[Manifest]:
    rules: list[Manifest] = [
        {"apiGroups": [""], "resources": ["pods/exec", "pods/portforward"], "verbs": ["create"]},
        {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["get", "update", "patch"]},
    ]
    yield manifest(f"{_RBAC}/v1", "Role", metadata=_metadata(site, "Role", namespace, "on-call"), rules=rules)
    for name, kind in (("on-call", "Role"), ("view", "ClusterRole")):
        group = f"team-{namespace}" if name == "view" else f"on-call-{namespace}"
        yield manifest(
            f"{_RBAC}/v1",
            "RoleBinding",
            metadata=_metadata(site, "RoleBinding", namespace, f"{group}-{name}"),
            roleRef={"apiGroup": _RBAC, "kind": kind, "name": name},
            subjects=[{"apiGroup": _RBAC, "kind": "Group", "name": group}],
        )


def _quota(site: Site, namespace: str, workloads: list[Workload]) -> Manifest:
    requests = [requested(workload.application) for workload in workloads for _ in workload.pods]
    cpu_m, memory_mib = (sum(amounts) for amounts in zip(*requests, strict=True))
    used = {"pods": str(len(requests)), "requests.cpu": f"{cpu_m}m", "requests.memory": f"{memory_mib}Mi"}
    hard = {"pods": "200", "requests.cpu": "100", "requests.memory": "200Gi"}
    if (site.profile.name, namespace) == QUOTA_EXCEEDED:
        hard |= {"pods": str(len(requests)), "requests.cpu": str(cpu_m // 1000 + 1)}
    metadata = _metadata(site, "ResourceQuota", namespace, "team")
    return manifest(
        "v1", "ResourceQuota", metadata=metadata, spec={"hard": hard}, status={"hard": hard, "used": used}
    )  # fmt: skip


def _limit_range(site: Site, namespace: str) -> Manifest:
    limit: Manifest = {
        "type": "Container",
        "default": {"memory": "256Mi"},
        "defaultRequest": {"cpu": "50m", "memory": "64Mi"},
        "max": {"memory": "16Gi"},
    }
    return manifest(
        "v1", "LimitRange", metadata=_metadata(site, "LimitRange", namespace, "defaults"), spec={"limits": [limit]}
    )
