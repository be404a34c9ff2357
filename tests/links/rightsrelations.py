"""The links of scheduling, rights, and the API itself."""

from collections.abc import Iterator
from typing import Final

from tests.links.relation import (
    EVERY_KIND,
    Json,
    LeadsTo,
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


def _in_group(pod: Json, group: Json, _world: World) -> bool:
    return space(pod) == space(group) and name(group) in at(pod, "spec.schedulingGroup.podGroupName")


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
    yield Relation("Pod.podGroup", "PodGroup", "pods", _in_group)
    yield Relation("Workload.pods", "Pod", "", through("PodGroup", backward(_is_template_of), backward(_in_group)))
    yield Relation("Workload.controller", EVERY_KIND, "", _describes)
    for kind in ("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"):
        yield Relation(f"{kind}.workloads", "Workload", "", backward(_describes))
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
    yield Relation("PodCertificateRequest.node", "Node", "podCertificateRequests", on_node)
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
        yield Relation(f"{kind}.params", EVERY_KIND, "", through(f"{kind}Binding", backward(policy), _param))
    yield Relation("Event.object", EVERY_KIND, "", by_kind("involvedObject"))
    yield Relation("Event.relatedObject", EVERY_KIND, "", by_kind("related"))
    yield Relation("EventsEvent.object", EVERY_KIND, "", by_kind("regarding"))
    yield Relation("EventsEvent.relatedObject", EVERY_KIND, "", by_kind("related"))
    yield Relation("CustomResourceDefinition.objects", EVERY_KIND, "", _is_defined)


def _is_defined(definition: Json, other: Json, _world: World) -> bool:
    spec = definition["spec"]
    return (spec["group"], spec["names"]["kind"]) == (other["apiVersion"].rpartition("/")[0], other["kind"])


RIGHTS: Final = (*_groups(), *_rights(), *_api())
