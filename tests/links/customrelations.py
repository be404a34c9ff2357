"""The links of custom kinds, by the API references of their operators."""

from collections.abc import Iterator
from typing import Final

from tests.links.relation import Relation, by_kind, by_name, controlled

_GATEWAY: Final = "gateway.networking.k8s.io"
_MULTI_CLUSTER: Final = "multicluster.x-k8s.io"
_MACHINES: Final = "cluster.x-k8s.io"
_CONTROL_PLANE: Final = "controlplane.cluster.x-k8s.io/KubeadmControlPlane"
_CERTS, _ACME = "cert-manager.io", "acme.cert-manager.io"
_ARGO: Final = "argoproj.io"
_SOURCES: Final = "source.toolkit.fluxcd.io"
_KUSTOMIZATION: Final = "kustomize.toolkit.fluxcd.io/Kustomization"
_KNATIVE: Final = "serving.knative.dev"
_EXTENSIONS, _PACKAGES = "apiextensions.crossplane.io", "pkg.crossplane.io"


def _certificates() -> Iterator[Relation]:
    for kind, back in (
        (f"{_CERTS}/Certificate", "certificates"),
        (f"{_CERTS}/CertificateRequest", "certificateRequests"),
        (f"{_ACME}/Order", "orders"),
        (f"{_ACME}/Challenge", "challenges"),
    ):
        issuers = by_kind("spec.issuerRef", default="Issuer")
        yield Relation(f"{kind}.issuer", f"{_CERTS}/Issuer", back, issuers)
        yield Relation(f"{kind}.clusterIssuer", f"{_CERTS}/ClusterIssuer", back, issuers)
    yield Relation(f"{_CERTS}/Certificate.secret", "Secret", "certificates", by_name("spec.secretName"))
    accounts = by_name("spec.acme.privateKeySecretRef.name")
    yield Relation(f"{_CERTS}/Issuer.accountSecret", "Secret", "issuers", accounts)
    yield Relation(f"{_CERTS}/Certificate.ingress", "Ingress", "certificates", controlled)
    certificate, request, order = f"{_CERTS}/Certificate", f"{_CERTS}/CertificateRequest", f"{_ACME}/Order"
    yield Relation(f"{request}.certificate", certificate, "certificateRequests", controlled)
    yield Relation(f"{order}.certificateRequest", request, "orders", controlled)
    yield Relation(f"{_ACME}/Challenge.order", order, "challenges", controlled)


def _gateways() -> Iterator[Relation]:
    gateway, listeners, service = f"{_GATEWAY}/Gateway", f"{_GATEWAY}/ListenerSet", f"{_MULTI_CLUSTER}/ServiceImport"
    yield Relation(f"{gateway}.gatewayClass", f"{_GATEWAY}/GatewayClass", "gateways", by_name("spec.gatewayClassName"))
    for kind, back in ((gateway, "gateways"), (listeners, "listenerSets")):
        secrets = by_kind("spec.listeners.tls.certificateRefs", default="Secret")
        yield Relation(f"{kind}.certificateSecrets", "Secret", back, secrets)
    parent = by_kind("spec.parentRef", default="Gateway")
    yield Relation(f"{listeners}.gateway", gateway, "listenerSets", parent)
    for protocol in ("HTTP", "GRPC", "TLS", "TCP", "UDP"):
        kind, back = f"{_GATEWAY}/{protocol}Route", f"{protocol.lower()}Routes"
        parents = by_kind("spec.parentRefs", default="Gateway")
        backends = by_kind("spec.rules.backendRefs", default="Service")
        yield Relation(f"{kind}.gateways", gateway, back, parents)
        yield Relation(f"{kind}.listenerSets", listeners, back, parents)
        yield Relation(f"{kind}.services", "Service", back, backends)
        yield Relation(f"{kind}.serviceImports", service, back, backends)
    policy, back = f"{_GATEWAY}/BackendTLSPolicy", "backendTLSPolicies"
    yield Relation(f"{policy}.services", "Service", back, by_kind("spec.targetRefs"))
    authorities = by_kind("spec.validation.caCertificateRefs")
    yield Relation(f"{policy}.authorityConfigMaps", "ConfigMap", back, authorities)
    yield Relation(f"{service}.service", "Service", "serviceImports", by_name("metadata.name"))
    yield Relation(f"{_MULTI_CLUSTER}/ServiceExport.service", "Service", "serviceExports", by_name("metadata.name"))


def _machines() -> Iterator[Relation]:
    cluster, machine = f"{_MACHINES}/Cluster", f"{_MACHINES}/Machine"
    for kind in ("Machine", "MachineSet", "MachineDeployment", "MachineHealthCheck"):
        back = f"{kind[0].lower()}{kind[1:]}s"
        yield Relation(f"{_MACHINES}/{kind}.machineCluster", cluster, back, by_name("spec.clusterName"))
    control_planes = by_kind("spec.controlPlaneRef", group="apiGroup")
    yield Relation(f"{cluster}.controlPlane", _CONTROL_PLANE, "machineClusters", control_planes)
    yield Relation(f"{machine}.node", "Node", "machines", by_name("status.nodeRef.name"))
    yield Relation(f"{machine}.bootstrapSecret", "Secret", "machines", by_name("spec.bootstrap.dataSecretName"))
    configs = by_kind("spec.bootstrap.configRef", group="apiGroup")
    yield Relation(f"{machine}.bootstrapConfig", "bootstrap.cluster.x-k8s.io/KubeadmConfig", "machines", configs)
    yield Relation(f"{machine}.machineSet", f"{_MACHINES}/MachineSet", "machines", controlled)
    yield Relation(f"{machine}.controlPlane", _CONTROL_PLANE, "machines", controlled)
    deployment = f"{_MACHINES}/MachineDeployment"
    yield Relation(f"{_MACHINES}/MachineSet.machineDeployment", deployment, "machineSets", controlled)


def _delivery() -> Iterator[Relation]:
    application = f"{_ARGO}/Application"
    yield Relation(f"{application}.project", f"{_ARGO}/AppProject", "applications", by_name("spec.project"))
    yield Relation(f"{application}.applicationSet", f"{_ARGO}/ApplicationSet", "applications", controlled)
    for kind, link in (("GitRepository", "gitRepository"), ("OCIRepository", "ociRepository"), ("Bucket", "bucket")):
        sources = by_kind("spec.sourceRef")
        yield Relation(f"{_KUSTOMIZATION}.{link}", f"{_SOURCES}/{kind}", "kustomizations", sources)
    dependencies = by_kind("spec.dependsOn", default="Kustomization")
    yield Relation(f"{_KUSTOMIZATION}.dependencies", _KUSTOMIZATION, "dependents", dependencies)
    release, charts = "helm.toolkit.fluxcd.io/HelmRelease", by_kind("spec.chart.spec.sourceRef")
    yield Relation(f"{release}.helmRepository", f"{_SOURCES}/HelmRepository", "helmReleases", charts)


def _workloads() -> Iterator[Relation]:
    service, configuration = f"{_KNATIVE}/Service", f"{_KNATIVE}/Configuration"
    yield Relation(f"{configuration}.knativeService", service, "configurations", controlled)
    yield Relation(f"{_KNATIVE}/Route.knativeService", service, "routes", controlled)
    yield Relation(f"{_KNATIVE}/Revision.configuration", configuration, "revisions", controlled)
    yield Relation("Deployment.revisionOwner", f"{_KNATIVE}/Revision", "deployments", controlled)
    for group, kind, link in (
        ("monitoring.coreos.com", "Prometheus", "prometheus"),
        ("monitoring.coreos.com", "Alertmanager", "alertmanager"),
        ("leaderworkerset.x-k8s.io", "LeaderWorkerSet", "leaderWorkerSet"),
    ):
        yield Relation(f"StatefulSet.{link}", f"{group}/{kind}", "statefulSets", controlled)
    yield Relation("ReplicaSet.rolloutOwner", f"{_ARGO}/Rollout", "replicaSets", controlled)
    yield Relation("Job.jobSet", "jobset.x-k8s.io/JobSet", "jobs", controlled)
    targets = by_kind("spec.scaleTargetRef", default="Deployment")
    yield Relation("keda.sh/ScaledObject.deployment", "Deployment", "scaledObjects", targets)


def _crossplane() -> Iterator[Relation]:
    composition, definition = f"{_EXTENSIONS}/Composition", f"{_EXTENSIONS}/CompositeResourceDefinition"
    yield Relation(f"{_EXTENSIONS}/CompositionRevision.composition", composition, "revisions", controlled)
    functions = by_name("spec.pipeline.functionRef.name")
    yield Relation(f"{composition}.functions", f"{_PACKAGES}/Function", "compositions", functions)
    default = by_name("spec.defaultCompositionRef.name")
    yield Relation(f"{definition}.defaultComposition", composition, "defaultFor", default)
    back = "customResourceDefinitions"
    yield Relation("CustomResourceDefinition.compositeResourceDefinition", definition, back, controlled)
    for kind in ("Provider", "Function", "Configuration"):
        package, revision = f"{_PACKAGES}/{kind}", f"{_PACKAGES}/{kind}Revision"
        yield Relation(f"{revision}.{kind.lower()}", package, "revisions", controlled)
        if kind != "Configuration":
            runtimes, runtime = f"{_PACKAGES}/DeploymentRuntimeConfig", "DeploymentRuntimeConfig"
            reference = by_kind("spec.runtimeConfigRef", default=runtime)
            yield Relation(f"{package}.runtimeConfig", runtimes, f"{kind.lower()}s", reference)
            yield Relation(f"Deployment.{kind.lower()}Revision", revision, "deployments", controlled)


CUSTOM_RELATIONS: Final = tuple(
    relation
    for operator in (_certificates, _gateways, _machines, _delivery, _workloads, _crossplane)
    for relation in operator()
)
"""Every link of or to a custom kind."""
