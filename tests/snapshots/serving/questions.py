"""Generated list requests, valid and invalid, and objects for them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from k8s.kinds import builtin as kinds
from tests.controlplane.json_object import JsonObject
from tests.controlplane.objects import FleetSize, generate

PREFIX = "snap"
NAMESPACES = (f"{PREFIX}-000", f"{PREFIX}-001", f"{PREFIX}-000-x", "none")
KINDS = (
    kinds.POD,
    kinds.NODE,
    kinds.NAMESPACE,
    kinds.DEPLOYMENT,
    kinds.REPLICA_SET,
    kinds.EVENT,
    kinds.SECRET,
    kinds.SERVICE,
    kinds.JOB,
    kinds.CONFIG_MAP,
)
FIELDS = {
    "metadata.name": (f"{PREFIX}-node-001", "plain", f"{PREFIX}-000", ""),
    "metadata.namespace": (*NAMESPACES, ""),
    "spec.nodeName": (f"{PREFIX}-node-001", f"{PREFIX}-node-002", ""),
    "spec.host": (f"{PREFIX}-node-000",),
    "spec.restartPolicy": ("Always", "Never"),
    "spec.schedulerName": ("default-scheduler",),
    "spec.serviceAccountName": ("default", ""),
    "spec.hostNetwork": ("true", "false"),
    "spec.unschedulable": ("true", "false"),
    "spec.type": ("ClusterIP", "NodePort"),
    "spec.clusterIP": ("None", ""),
    "status.phase": ("Running", "Pending", "Active"),
    "status.podIP": ("", "10.0.0.1"),
    "status.podIPs": ("",),
    "status.nominatedNodeName": ("",),
    "status.successful": ("0", "1"),
    "status.replicas": ("0",),
    "type": ("Opaque", "Normal", "Warning"),
    "reason": ("Tested",),
    "source": ("kubelet", "scheduler"),
    "reportingComponent": ("scheduler", ""),
    "involvedObject.kind": ("Pod", "Node"),
    "involvedObject.name": ("plain",),
    "involvedObject.fieldPath": ("",),
    "nope": ("",),
}
LABELS = {
    "tier": ("frontend", "backend", "batch", ""),
    "app.kubernetes.io/name": ("api", "cart"),
    "kubernetes.io/arch": ("amd64", "arm64"),
    "env": ("prod", "staging"),
    "weight": ("1", "20", "x"),
    "absent": ("", "a"),
    "-wrong": ("a",),
    "a/b/c": ("a",),
    "UP/x": ("a",),
    "in": ("in", "notin"),
}


def objects() -> list[JsonObject]:
    """Generates objects of all `KINDS`."""
    return [*generate(FleetSize(2, 4, 4, 24), prefix=PREFIX), *_others()]


@st.composite
def label_selectors(draw: st.DrawFn) -> str:
    """Generates requirements with commas between, some of them invalid, or any text."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.text('ab1=!(),<> in-./_\t\0é"', max_size=10))
    return ",".join(draw(st.lists(_requirements(), max_size=3)))


@st.composite
def _requirements(draw: st.DrawFn) -> str:
    key = draw(st.sampled_from(tuple(LABELS)))
    one = draw(st.sampled_from(LABELS[key]))
    several = draw(st.sampled_from((",", ", ", " ,"))).join(draw(st.lists(st.sampled_from(LABELS[key]), max_size=3)))
    forms = ("{k}={v}", "{k}=={v}", "{k}!={v}", "{k}", "!{k}", "{k} in ({s})", "{k} notin ({s})", "{k}>{v}", "{k}<{v}")
    wrong = ("{k} {v}", "{k} in {v}", "{k} in ({s}", "!{k}={v}", "{k} in (({s}))", "{k}=={v}==", "{k}>-1", "{k}=-a")
    return draw(st.sampled_from((*forms, *forms, *wrong))).format(k=key, v=one, s=several)


@st.composite
def field_selectors(draw: st.DrawFn) -> str:
    """Generates terms with commas between, or any text."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.text("abc.=!,\\ é", max_size=10))
    fields = draw(st.lists(st.sampled_from(tuple(FIELDS)), max_size=2))
    operators = st.sampled_from(("=", "==", "!="))
    return ",".join(f"{field}{draw(operators)}{draw(st.sampled_from(FIELDS[field]))}" for field in fields)


@st.composite
def list_queries(draw: st.DrawFn) -> dict[str, str]:
    """Generates parameters of a list, some of them invalid."""
    given_ones = {
        "labelSelector": draw(label_selectors()) if draw(st.booleans()) else "",
        "fieldSelector": draw(field_selectors()) if draw(st.booleans()) else "",
        "limit": draw(st.sampled_from(("", "", "1", "3", "7", "500", "-1", "x", "1.5", "0", "+2"))),
        "resourceVersion": draw(st.sampled_from(("", "", "", "", "0", "x", "-1"))),
        "resourceVersionMatch": draw(st.sampled_from(("", "", "", "", "", "NotOlderThan", "Wrong"))),
        "sendInitialEvents": draw(st.sampled_from(("", "", "", "", "", "", "true", "false"))),
    }
    return {name: value for name, value in given_ones.items() if value}


def _others() -> list[JsonObject]:
    """Returns one or two objects of more kinds, with numeric labels and names that sort between namespaces."""
    space = NAMESPACES[0]

    def named(api_version: str, kind: str, name: str, namespace: str = space, **parts: object) -> Any:  # JSON
        labels = {"weight": str(len(name)), "in": "in"}
        metadata = {"name": name, "namespace": namespace, "labels": labels}
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}

    event: dict[str, Any] = {"involvedObject": {"kind": "Pod", "name": "plain", "namespace": space}}
    reported: dict[str, Any] = {"reportingInstance": "s", "action": "x"}
    port = [{"port": 80}]
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACES[2]}},
        named("v1", "ConfigMap", "plain"),
        named("v1", "ConfigMap", "plain", NAMESPACES[2]),
        named("v1", "ConfigMap", "plain-and-longer-name"),
        named("v1", "Secret", "plain"),
        named("v1", "Secret", "typed", type="example.com/other"),
        named("v1", "Service", "plain", spec={"ports": port}),
        named("v1", "Service", "headless", spec={"ports": port, "clusterIP": "None"}),
        named("v1", "Event", "plain", **event, reason="Tested", type="Normal", source={"component": "kubelet"}),
        named("v1", "Event", "other", **event, type="Warning", reportingComponent="scheduler", **reported),
        named("batch/v1", "Job", "plain", spec={"template": template}),
    ]
