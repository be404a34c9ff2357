"""The links of built-in kinds, by the meaning that `docs/links.md` gives them."""

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Final

from tests.links.relation import (
    EVERY_KIND,
    Json,
    LeadsTo,
    Relation,
    World,
    at,
    by_kind,
    by_name,
    by_place,
    chosen,
    controlled,
    labels,
    name,
    space,
)

_TEMPLATES: Final = {
    "CronJob": "spec.jobTemplate.spec.template",
    "PodTemplate": "template",
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"), "spec.template"
    ),
}
_SPECS: Final = {"Pod": "spec", **{kind: f"{path}.spec" for kind, path in _TEMPLATES.items()}}
_CONTROLLERS: Final = {
    "DaemonSet": "daemonSet",
    "Job": "job",
    "ReplicaSet": "replicaSet",
    "ReplicationController": "replicationController",
    "StatefulSet": "statefulSet",
}
"""The kinds that control pods, with the links of pods to them."""
_SELECTED: Final = (*_CONTROLLERS, "Deployment")
_SCALED: Final = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")
_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")


def _named_in(*paths: str) -> LeadsTo:
    """Relates objects with pods' specs to what these name."""

    def leads(one: Json, other: Json, _world: World) -> bool:
        specs = at(one, _SPECS[one["kind"]])
        return space(one) == space(other) and any(name(other) in at(spec, path) for spec in specs for path in paths)

    return leads


_config_maps: Final = _named_in(
    "volumes.configMap.name",
    "volumes.projected.sources.configMap.name",
    *(
        f"{role}.{path}.name"
        for role in _CONTAINERS
        for path in ("env.valueFrom.configMapKeyRef", "envFrom.configMapRef")
    ),
)
_secrets: Final = _named_in(
    "volumes.secret.secretName",
    "volumes.projected.sources.secret.name",
    "volumes.csi.nodePublishSecretRef.name",
    "imagePullSecrets.name",
    *(f"{role}.{path}.name" for role in _CONTAINERS for path in ("env.valueFrom.secretKeyRef", "envFrom.secretRef")),
)
_claims_by_name: Final = _named_in("volumes.persistentVolumeClaim.claimName")


def _claims(one: Json, other: Json, world: World) -> bool:
    own = [f"{name(one)}-{volume['name']}" for volume in at(one, "spec.volumes") if "ephemeral" in volume]
    is_own = one["kind"] == "Pod" and name(other) in own and controlled(other, one, world)
    return _claims_by_name(one, other, world) or is_own


def _account(one: Json, other: Json, _world: World) -> bool:
    names = [spec.get("serviceAccountName", _default(one)) for spec in at(one, _SPECS[one["kind"]])]
    return space(one) == space(other) and name(other) in names


def _default(one: Json) -> str | None:
    return None if one["kind"] == "Pod" else "default"


def _uses(one: Json, other: Json, world: World) -> bool:
    """Returns whether the second object uses the first one."""
    kind, user = one["kind"], other["kind"]
    if kind == "Secret" and user == "Ingress":
        return by_name("spec.tls.secretName")(other, one, world)
    if kind == "Secret" and user == "ServiceAccount":
        return by_name("secrets.name", "imagePullSecrets.name")(other, one, world)
    if kind == "Secret" and user == "PersistentVolume":
        return by_place("spec.csi.nodePublishSecretRef")(other, one, world)
    if kind == "Secret" and user == "StorageClass":
        parameters, key = other.get("parameters", {}), "csi.storage.k8s.io/provisioner-secret-"
        return bool((parameters.get(f"{key}namespace"), parameters.get(f"{key}name")) == (space(one), name(one)))
    if kind == "PersistentVolumeClaim" and user == "StatefulSet" and _is_claim_of(one, other, world):
        return True
    leads = {
        "ConfigMap": _config_maps,
        "Secret": _secrets,
        "PersistentVolumeClaim": _claims,
        "ServiceAccount": _account,
    }
    return user in _SPECS and user != "PodTemplate" and leads[kind](other, one, world)


def _used_by_workloads(one: Json, other: Json, world: World) -> bool:
    return other["kind"] not in {"Pod", "PodTemplate"} and _is_free(other, _SPECS) and _uses(one, other, world)


def _is_free(one: Json, controllers: object) -> bool:
    """Returns whether a workload is controlled by no other one."""
    assert isinstance(controllers, dict | tuple)
    owners = one["metadata"].get("ownerReferences", ())
    return one["kind"] in _SPECS and not any(owner["kind"] in controllers for owner in owners)


def _selects(one: Json, other: Json, path: str = "spec.selector") -> bool:
    """Returns whether the selector of the first object matches the labels of the second one's pods."""
    selectors = at(one, path)
    if not selectors or space(one) != space(other):
        return False
    if one["kind"] in {"ReplicationController", "Service"}:
        selectors = [{"matchLabels": selectors[0]}]
    targets = [other] if other["kind"] == "Pod" else at(other, _TEMPLATES[other["kind"]])
    return any(chosen(selectors[0], labels(target)) for target in targets)


def _selecting(path: str = "spec.selector") -> LeadsTo:
    return lambda one, other, _world: _selects(other, one, path)


def _selected_workloads(path: str = "spec.selector") -> LeadsTo:
    return lambda one, other, _world: (
        other["kind"] in _SELECTED and _is_free(other, _SELECTED) and _selects(one, other, path)
    )


def _through(kind: str, first: LeadsTo, second: LeadsTo) -> LeadsTo:
    """Relates objects by a third one, which the first one leads to."""
    return lambda one, other, world: any(
        second(middle, other, world) for middle in world.of(kind) if first(one, middle, world)
    )


def _back(leads: LeadsTo) -> LeadsTo:
    return lambda one, other, world: leads(other, one, world)


def _shop() -> Iterator[Relation]:
    """Yields the links of pods and workloads to what they name, and of what selects them."""
    for kind in _SPECS:
        yield Relation(f"{kind}.configMaps", "ConfigMap", "", _config_maps)
        yield Relation(f"{kind}.secrets", "Secret", "", _secrets)
        if kind != "StatefulSet":
            back = "pods" if kind == "Pod" else ""
            yield Relation(f"{kind}.persistentVolumeClaims", "PersistentVolumeClaim", back, _claims)
        yield Relation(f"{kind}.serviceAccount", "ServiceAccount", "pods" if kind == "Pod" else "", _account)
    for kind in ("ConfigMap", "PersistentVolumeClaim", "Secret", "ServiceAccount"):
        yield Relation(f"{kind}.usedBy", EVERY_KIND, "", _uses)
        yield Relation(f"{kind}.workloads", EVERY_KIND, "", _used_by_workloads)
    for kind, link in _CONTROLLERS.items():
        yield Relation(f"Pod.{link}", kind, "pods", controlled)
    for kind in (*_SELECTED, "Pod"):
        back = "pods" if kind == "Pod" else ""
        yield Relation(f"{kind}.services", "Service", back, _selecting())
        yield Relation(f"{kind}.podDisruptionBudgets", "PodDisruptionBudget", back, _selecting())
        yield Relation(f"{kind}.networkPolicies", "NetworkPolicy", back, _selecting("spec.podSelector"))
    for kind, path in (("Service", ""), ("PodDisruptionBudget", ""), ("NetworkPolicy", "spec.podSelector")):
        yield Relation(f"{kind}.workloads", EVERY_KIND, "", _selected_workloads(path or "spec.selector"))
    for kind in _SCALED:
        yield Relation(f"{kind}.horizontalPodAutoscalers", "HorizontalPodAutoscaler", "", _back(_scales))


_scales: Final = by_kind("spec.scaleTargetRef")


def _scales_pod(one: Json, other: Json, world: World) -> bool:
    """Returns whether an autoscaler is that of an object above the pod."""
    return any(_scales(one, target, world) for target in world.above(other))


def _counted(one: Json, other: Json, world: World) -> bool:
    """Returns whether the pod is selected by what is scaled, or is below it if it is of a custom kind."""
    targets = [target for kind in _SCALED for target in world.of(kind) if _scales(one, target, world)]
    is_custom = "." in one["spec"]["scaleTargetRef"]["apiVersion"]
    return _scales_pod(one, other, world) if is_custom else any(_selects(target, other) for target in targets)


def _image(template: Json) -> Json:
    return {**template, "metadata": {"labels": labels(template)}}


def _is_current(one: Json, other: Json, world: World) -> bool:
    return controlled(other, one, world) and _image(one["spec"]["template"]) == _image(other["spec"]["template"])


def _is_earlier(one: Json, other: Json, world: World) -> bool:
    return controlled(other, one, world) and not _is_current(one, other, world)


def _is_last(one: Json, other: Json, world: World) -> bool:
    jobs = [job for job in world.of("Job") if controlled(job, one, world)]
    return bool(jobs) and other is max(jobs, key=lambda job: str(job["metadata"]["creationTimestamp"]))


def _apps() -> Iterator[Relation]:
    """Yields the links between workloads, their parts and their pods."""
    yield Relation("ReplicaSet.deployment", "Deployment", "replicaSets", controlled)
    yield Relation("Pod.deployment", "Deployment", "pods", _through("ReplicaSet", controlled, controlled))
    yield Relation("Job.cronJob", "CronJob", "jobs", controlled)
    yield Relation("Pod.cronJob", "CronJob", "pods", _through("Job", controlled, controlled))
    yield Relation("CronJob.activeJobs", "Job", "", by_name("status.active.name"))
    yield Relation("CronJob.lastJob", "Job", "", _is_last)
    yield Relation("Deployment.newReplicaSet", "ReplicaSet", "", _is_current)
    yield Relation("Deployment.oldReplicaSets", "ReplicaSet", "", _is_earlier)
    yield Relation("ControllerRevision.daemonSet", "DaemonSet", "controllerRevisions", controlled)
    yield Relation("ControllerRevision.statefulSet", "StatefulSet", "controllerRevisions", controlled)
    yield Relation("StatefulSet.service", "Service", "statefulSets", by_name("spec.serviceName"))
    yield Relation("PersistentVolumeClaim.statefulSet", "StatefulSet", "persistentVolumeClaims", _is_claim_of)
    yield Relation("DaemonSet.nodes", "Node", "daemonSets", _through("Pod", _back(controlled), _on_node))
    yield Relation("HorizontalPodAutoscaler.target", EVERY_KIND, "", _scales)
    yield Relation("HorizontalPodAutoscaler.pods", "Pod", "", _counted)
    yield Relation("Pod.horizontalPodAutoscalers", "HorizontalPodAutoscaler", "", _back(_scales_pod))


def _is_claim_of(claim: Json, one: Json, _world: World) -> bool:
    starts = [f"{template}-{name(one)}-" for template in at(one, "spec.volumeClaimTemplates.metadata.name")]
    return space(claim) == space(one) and any(
        name(claim).startswith(start) and name(claim).removeprefix(start).isdigit() for start in starts
    )


_on_node: Final = by_name("spec.nodeName")
_FINISHED: Final = ("Succeeded", "Failed")


def _is_held(lease: Json, pod: Json, _world: World) -> bool:
    holder = lease["spec"].get("holderIdentity", "")
    return space(lease) == space(pod) and holder.partition("_")[0] == name(pod)


def _in_group(pod: Json, group: Json, _world: World) -> bool:
    return space(pod) == space(group) and name(group) in at(pod, "spec.schedulingGroup.podGroupName")


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
    """Yields the links of pods beyond those of `_shop`."""
    yield Relation("Pod.node", "Node", "pods", _on_node)
    yield Relation("Pod.priorityClass", "PriorityClass", "pods", by_name("spec.priorityClassName"))
    yield Relation("Pod.runtimeClass", "RuntimeClass", "pods", by_name("spec.runtimeClassName"))
    trusted = by_name("spec.volumes.projected.sources.clusterTrustBundle.name")
    yield Relation("Pod.clusterTrustBundles", "ClusterTrustBundle", "pods", trusted)
    yield Relation("Pod.csiDrivers", "CSIDriver", "pods", by_name("spec.volumes.csi.driver"))
    yield Relation("Pod.endpointSlices", "EndpointSlice", "pods", _back(by_place("endpoints.targetRef")))
    yield Relation("Pod.endpoints", "Endpoints", "pods", _back(_has_address))
    yield Relation("Pod.evictionRequests", "EvictionRequest", "pod", _back(by_name("spec.target.pod.name")))
    yield Relation("Pod.evictions", "Eviction", "pod", _back(by_name("spec.target.pod.name")))
    yield Relation("Pod.leases", "Lease", "pod", _back(_is_held))
    yield Relation("Pod.limitRanges", "LimitRange", "pods", _is_limited)
    yield Relation("Pod.resourceQuotas", "ResourceQuota", "pods", _is_metered)
    yield Relation("Pod.podCertificateRequests", "PodCertificateRequest", "pod", _back(by_name("spec.podName")))
    yield Relation("Pod.podGroup", "PodGroup", "pods", _in_group)
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
        "Service.nodes", "Node", "", _through("EndpointSlice", _back(_has_service), by_name("endpoints.nodeName"))
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


def _can_use(capacity: Json, node: Json, _world: World) -> bool:
    return "nodeTopology" in capacity and chosen(capacity["nodeTopology"], labels(node))


def _affine(volume: Json, node: Json, _world: World) -> bool:
    terms = at(volume, "spec.nodeAffinity.required.nodeSelectorTerms")
    return any(chosen(term, labels(node)) for term in terms)


def _is_bound(volume: Json, claim: Json, world: World) -> bool:
    return by_place("spec.claimRef")(volume, claim, world)


def _storage() -> Iterator[Relation]:
    """Yields the links of storage."""
    for kind, path in (
        ("PersistentVolume", "spec.csi.driver"),
        ("StorageClass", "provisioner"),
        ("VolumeAttachment", "spec.attacher"),
        ("VolumeAttributesClass", "driverName"),
    ):
        back = f"{kind[0].lower()}{kind[1:]}{'es' if kind.endswith('s') else 's'}"
        yield Relation(f"{kind}.csiDriver", "CSIDriver", back, by_name(path))
    yield Relation("CSINode.csiDrivers", "CSIDriver", "csiNodes", by_name("spec.drivers.name"))
    yield Relation("CSINode.node", "Node", "csiNode", by_name("metadata.name"))
    yield Relation("CSIStorageCapacity.nodes", "Node", "csiStorageCapacities", _can_use)
    capacities = by_name("storageClassName")
    yield Relation("CSIStorageCapacity.storageClass", "StorageClass", "csiStorageCapacities", capacities)
    for kind in ("PersistentVolume", "PersistentVolumeClaim"):
        back = f"{kind[0].lower()}{kind[1:]}s"
        yield Relation(f"{kind}.storageClass", "StorageClass", back, by_name("spec.storageClassName"))
        attributes = by_name("spec.volumeAttributesClassName")
        yield Relation(f"{kind}.volumeAttributesClass", "VolumeAttributesClass", back, attributes)
    yield Relation("PersistentVolume.persistentVolumeClaim", "PersistentVolumeClaim", "", _is_bound)
    yield Relation("PersistentVolumeClaim.persistentVolume", "PersistentVolume", "", by_name("spec.volumeName"))
    yield Relation("PersistentVolume.nodes", "Node", "persistentVolumes", _affine)
    yield Relation("VolumeAttachment.node", "Node", "volumeAttachments", _on_node)
    attached = by_name("spec.source.persistentVolumeName")
    yield Relation("VolumeAttachment.persistentVolume", "PersistentVolume", "volumeAttachments", attached)


_RESULTS: Final = "status.allocation.devices.results"


def _is_allocated(claim: Json, part: Json, _world: World) -> bool:
    spec = part["spec"]
    return any(
        (one["driver"], one["pool"]) == (spec["driver"], spec["pool"]["name"])
        and one["device"] in at(spec, "devices.name")
        for one in at(claim, _RESULTS)
    )


def _taints(rule: Json, part: Json, _world: World) -> bool:
    chosen_by, spec = rule["spec"]["deviceSelector"], part["spec"]
    return (
        chosen_by.get("driver", spec["driver"]) == spec["driver"]
        and chosen_by.get("pool", spec["pool"]["name"]) == spec["pool"]["name"]
        and any(chosen_by.get("device", device) == device for device in at(spec, "devices.name"))
    )


def _asks_for(request: Json, part: Json, _world: World) -> bool:
    asked, spec = request["spec"], part["spec"]
    return bool(
        asked["driver"] == spec["driver"] and asked.get("poolName", spec["pool"]["name"]) == spec["pool"]["name"]
    )


def _devices() -> Iterator[Relation]:
    """Yields the links of devices."""
    for kind, spec, back in (
        ("ResourceClaim", "spec", "resourceClaims"),
        ("ResourceClaimTemplate", "spec.spec", "resourceClaimTemplates"),
    ):
        requests = f"{spec}.devices.requests"
        classes = by_name(f"{requests}.exactly.deviceClassName", f"{requests}.firstAvailable.deviceClassName")
        yield Relation(f"{kind}.deviceClasses", "DeviceClass", back, classes)
    yield Relation("ResourceClaim.resourceSlices", "ResourceSlice", "resourceClaims", _is_allocated)
    yield Relation("ResourceClaim.nodes", "Node", "", _through("ResourceSlice", _is_allocated, _on_node))
    yield Relation("ResourceSlice.node", "Node", "resourceSlices", _on_node)
    yield Relation("DeviceTaintRule.taintedSlices", "ResourceSlice", "deviceTaintRules", _taints)
    yield Relation("ResourcePoolStatusRequest.resourceSlices", "ResourceSlice", "resourcePoolStatusRequests", _asks_for)
    pools = by_name("status.pools.nodeName")
    yield Relation("ResourcePoolStatusRequest.nodes", "Node", "resourcePoolStatusRequests", pools)


def _is_template_of(group: Json, workload: Json, _world: World) -> bool:
    return space(group) == space(workload) and name(workload) in at(group, "spec.workloadRef.workloadName")


def _runs_on(runtime: Json, node: Json, _world: World) -> bool:
    selector = runtime.get("scheduling", {}).get("nodeSelector", {})
    return all(labels(node).get(key) == value for key, value in selector.items())


def _is_of_node(lease: Json, node: Json, _world: World) -> bool:
    return (space(lease), name(lease)) == ("kube-node-lease", name(node))


_describes: Final = by_kind("spec.controllerRef", group="apiGroup")


def _groups() -> Iterator[Relation]:
    """Yields the links of scheduling, of leases and of classes."""
    for kind, back in (("PodGroup", "podGroups"), ("CompositePodGroup", "compositePodGroups")):
        yield Relation(f"{kind}.workload", "Workload", back, _is_template_of)
        yield Relation(f"{kind}.parent", "CompositePodGroup", back, by_name("spec.parentCompositePodGroupName"))
    yield Relation("Workload.pods", "Pod", "", _through("PodGroup", _back(_is_template_of), _back(_in_group)))
    yield Relation("Workload.controller", EVERY_KIND, "", _describes)
    for kind in ("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"):
        yield Relation(f"{kind}.workloads", "Workload", "", _back(_describes))
    yield Relation("RuntimeClass.nodes", "Node", "runtimeClasses", _runs_on)
    yield Relation(
        "Lease.node", "Node", "lease", lambda one, node, _: (space(one), name(one)) == ("kube-node-lease", name(node))
    )
    yield Relation("LeaseCandidate.lease", "Lease", "leaseCandidates", by_name("spec.leaseName"))


def _subjects(one: Json, account: Json, _world: World) -> bool:
    return any(
        (subject["kind"], subject.get("namespace", space(one)), subject["name"])
        == ("ServiceAccount", space(account), name(account))
        for subject in one.get("subjects") or ()
    )


def _grants(kind: str) -> LeadsTo:
    return lambda binding, role, _world: (
        (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == (kind, name(role))
        and space(role) in {"", space(binding)}
    )


def _aggregates(one: Json, other: Json, _world: World) -> bool:
    selectors = at(one, "aggregationRule.clusterRoleSelectors")
    return one is not other and any(chosen(selector, labels(other)) for selector in selectors)


def _user(prefix: str) -> LeadsTo:
    def made_by(request: Json, other: Json, _world: World) -> bool:
        place = f"{space(other)}:{name(other)}" if space(other) else name(other)
        return bool(request["spec"]["username"] == f"{prefix}:{place}")

    return made_by


def _holds_token(secret: Json, account: Json, _world: World) -> bool:
    annotations = secret["metadata"].get("annotations", {})
    is_token = secret["type"] == "kubernetes.io/service-account-token"
    owner = annotations.get("kubernetes.io/service-account.name")
    return is_token and (space(secret), owner) == (space(account), name(account))


def _rights() -> Iterator[Relation]:
    """Yields the links of rights, accounts, and requests for certificates."""
    yield Relation("ClusterRole.aggregatedFrom", "ClusterRole", "aggregatedInto", _aggregates)
    for kind in ("ClusterRoleBinding", "RoleBinding"):
        back = f"{kind[0].lower()}{kind[1:]}s"
        yield Relation(f"{kind}.clusterRole", "ClusterRole", back, _grants("ClusterRole"))
        yield Relation(f"{kind}.serviceAccounts", "ServiceAccount", back, _subjects)
    yield Relation("RoleBinding.role", "Role", "roleBindings", _grants("Role"))
    yield Relation("ServiceAccount.mountableSecrets", "Secret", "", by_name("secrets.name"))
    yield Relation("ServiceAccount.pullSecrets", "Secret", "", by_name("imagePullSecrets.name"))
    yield Relation("Secret.serviceAccount", "ServiceAccount", "tokenSecrets", _holds_token)
    requests = "certificateSigningRequests"
    yield Relation("CertificateSigningRequest.node", "Node", requests, _user("system:node"))
    accounts = _user("system:serviceaccount")
    yield Relation("CertificateSigningRequest.serviceAccount", "ServiceAccount", requests, accounts)
    yield Relation("PodCertificateRequest.node", "Node", "podCertificateRequests", _on_node)
    by_account = by_name("spec.serviceAccountName")
    yield Relation("PodCertificateRequest.serviceAccount", "ServiceAccount", "podCertificateRequests", by_account)
    ruled = by_place("spec.rules.subjects.serviceAccount")
    yield Relation("FlowSchema.serviceAccounts", "ServiceAccount", "flowSchemas", ruled)
    levels = by_name("spec.priorityLevelConfiguration.name")
    yield Relation("FlowSchema.priorityLevel", "PriorityLevelConfiguration", "flowSchemas", levels)


def _param(binding: Json, other: Json, world: World) -> bool:
    kind = binding["kind"].removesuffix("Binding")
    policies = [one for one in world.of(kind) if name(one) == binding["spec"]["policyName"]]
    kinds = {(one["apiVersion"], one["kind"]) for policy in policies for one in at(policy, "spec.paramKind")}
    return (other["apiVersion"], other["kind"]) in kinds and by_place("spec.paramRef")(binding, other, world)


def _api() -> Iterator[Relation]:
    """Yields the links of admission, events and definitions."""
    for kind in ("MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"):
        policy = by_name("spec.policyName")
        yield Relation(f"{kind}Binding.policy", kind, "bindings", policy)
        yield Relation(f"{kind}Binding.param", EVERY_KIND, "", _param)
        yield Relation(f"{kind}.params", EVERY_KIND, "", _through(f"{kind}Binding", _back(policy), _param))
    yield Relation("Event.object", EVERY_KIND, "", by_kind("involvedObject"))
    yield Relation("Event.relatedObject", EVERY_KIND, "", by_kind("related"))
    yield Relation("EventsEvent.object", EVERY_KIND, "", by_kind("regarding"))
    yield Relation("EventsEvent.relatedObject", EVERY_KIND, "", by_kind("related"))
    yield Relation("CustomResourceDefinition.objects", EVERY_KIND, "", _is_defined)


def _is_defined(definition: Json, other: Json, _world: World) -> bool:
    spec = definition["spec"]
    return (spec["group"], spec["names"]["kind"]) == (other["apiVersion"].rpartition("/")[0], other["kind"])


BUILT_IN_RELATIONS: Final = tuple(
    relation
    for area in (_shop, _apps, _pods, _network, _storage, _devices, _groups, _rights, _api)
    for relation in area()
)
"""Every link of a built-in kind to a built-in kind."""
