"""Objects without a namespace: priorities, roles, ingress classes, aggregated APIs and webhooks."""

from collections.abc import Iterator
from typing import Final

from demo.fleet.machines.site import Site
from demo.fleet.manifest import Manifest, condition, manifest
from demo.fleet.moment import stamp

_RBAC: Final = "rbac.authorization.k8s.io"
_PRIORITIES: Final = (
    ("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved from their node."),
    ("system-cluster-critical", 2_000_000_000, "Used for system critical pods, but can be moved to another node."),
    ("platform-critical", 1_000_000, "What the teams' applications depend on."),
    ("batch", -100, "Jobs that make room for everything else."),
)
_READ: Final = ["get", "list", "watch"]
_ROLES: Final = (
    ("cluster-admin", [("*", "*", ["*"])]),
    ("view", [("", "pods", _READ), ("", "services", _READ), ("apps", "deployments", _READ), ("", "events", _READ)]),
    ("edit", [("", "pods", ["*"]), ("apps", "deployments", ["*"]), ("", "configmaps", ["*"])]),
    ("prometheus", [("", "pods", _READ), ("", "nodes/metrics", ["get"]), ("", "endpoints", _READ)]),
    ("argocd-application-controller", [("*", "*", ["*"])]),
    ("external-dns", [("", "services", _READ), ("networking.k8s.io", "ingresses", _READ)]),
    ("cert-manager", [("cert-manager.io", "certificates", ["*"]), ("", "secrets", ["*"])]),
)
_BINDINGS: Final = (
    ("cluster-admins", "cluster-admin", "Group", "platform-admins"),
    ("everyone-views", "view", "Group", "engineering"),
    ("prometheus", "prometheus", "ServiceAccount", "monitoring/prometheus"),
    ("argocd", "argocd-application-controller", "ServiceAccount", "platform/argocd-application-controller"),
    ("external-dns", "external-dns", "ServiceAccount", "platform/external-dns"),
    ("cert-manager", "cert-manager", "ServiceAccount", "platform/cert-manager"),
)


def cluster_wide(site: Site) -> Iterator[Manifest]:
    """Yields all of these objects."""
    yield from _priority_classes(site)
    yield from _roles(site)
    yield manifest(
        "networking.k8s.io/v1",
        "IngressClass",
        metadata={
            **_metadata(site, "IngressClass", "nginx"),
            "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"},
        },
        spec={"controller": "k8s.io/ingress-nginx"},
    )
    yield _metrics_api(site)
    yield _webhook(site)


def _metadata(site: Site, kind: str, name: str) -> Manifest:
    return {"name": name, "uid": site.uid(kind, "", name), "creationTimestamp": stamp(site.created_s)}


def _priority_classes(site: Site) -> Iterator[Manifest]:
    for name, value, description in _PRIORITIES:
        yield manifest(
            "scheduling.k8s.io/v1",
            "PriorityClass",
            metadata=_metadata(site, "PriorityClass", name),
            value=value,
            description=description,
            preemptionPolicy="PreemptLowerPriority",
        )


def _roles(site: Site) -> Iterator[Manifest]:
    for name, allowed in _ROLES:
        rules = [{"apiGroups": [group], "resources": [resource], "verbs": verbs} for group, resource, verbs in allowed]
        yield manifest(f"{_RBAC}/v1", "ClusterRole", metadata=_metadata(site, "ClusterRole", name), rules=rules)
    for name, role, kind, subject in _BINDINGS:
        yield manifest(
            f"{_RBAC}/v1",
            "ClusterRoleBinding",
            metadata=_metadata(site, "ClusterRoleBinding", name),
            roleRef={"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
            subjects=[_subject(kind, subject)],
        )


def _subject(kind: str, subject: str) -> Manifest:
    if kind == "Group":
        return {"apiGroup": _RBAC, "kind": kind, "name": subject}
    namespace, _, name = subject.partition("/")
    return {"kind": kind, "namespace": namespace, "name": name}


def _metrics_api(site: Site) -> Manifest:
    passed = condition("Available", True, stamp(site.created_s), reason="Passed", message="all checks passed")
    spec: Manifest = {
        "group": "metrics.k8s.io",
        "version": "v1beta1",
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "insecureSkipTLSVerify": True,
        "service": {"namespace": "kube-system", "name": "metrics-server", "port": 10250},
    }
    metadata = _metadata(site, "APIService", "v1beta1.metrics.k8s.io")
    return manifest(
        "apiregistration.k8s.io/v1", "APIService", metadata=metadata, spec=spec, status={"conditions": [passed]}
    )


def _webhook(site: Site) -> Manifest:
    rule: Manifest = {
        "apiGroups": ["cert-manager.io"],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["*/*"],
        "scope": "*",
    }
    webhook: Manifest = {
        "name": "webhook.cert-manager.io",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {
            "service": {"namespace": "platform", "name": "cert-manager-webhook", "path": "/validate", "port": 10250}
        },
        "rules": [rule],
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "namespaceSelector": {},
        "objectSelector": {},
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }
    metadata = _metadata(site, "ValidatingWebhookConfiguration", "cert-manager-webhook")
    return manifest(
        "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", metadata=metadata, webhooks=[webhook]
    )
