"""Applications of the clusters themselves: monitoring, and the pods of the system."""

from collections.abc import Iterator
from typing import Final

from demo.fleet.company.application import Application, Controller
from demo.fleet.company.platformapplications import third_party
from demo.fleet.company.profile import Distribution

_EKS: Final = Distribution.EKS
_K3S: Final = Distribution.K3S
_EVERYWHERE: Final = {"controller": Controller.DAEMON_SET, "is_host_network": True, "has_config": False}


def system_applications() -> tuple[Application, ...]:
    """Returns all applications of the system."""
    return (*_monitoring(), *_kube_system())


def _monitoring() -> Iterator[Application]:
    stateful = {"controller": Controller.STATEFUL_SET, "component": "storage"}
    yield third_party(
        "monitoring",
        "prometheus",
        "quay.io/prometheus/prometheus",
        "v3.8.0",
        replicas=2,
        **stateful,
        port=9090,
        probe="/-/healthy",
        cpu_m=1000,
        memory_mib=4096,
        storage_gib=150,
    )
    yield third_party(
        "monitoring",
        "alertmanager",
        "quay.io/prometheus/alertmanager",
        "v0.29.0",
        replicas=3,
        **stateful,
        port=9093,
        probe="/-/healthy",
        has_secret=True,
        storage_gib=5,
    )
    yield third_party(
        "monitoring",
        "loki",
        "docker.io/grafana/loki",
        "3.6.0",
        replicas=3,
        **stateful,
        port=3100,
        probe="/ready",
        memory_mib=1024,
        storage_gib=100,
    )
    yield third_party(
        "monitoring",
        "grafana",
        "docker.io/grafana/grafana",
        "12.3.0",
        replicas=2,
        port=3000,
        probe="/api/health",
        has_secret=True,
        host="grafana",
        component="frontend",
    )
    yield third_party(
        "monitoring",
        "kube-state-metrics",
        "registry.k8s.io/kube-state-metrics/kube-state-metrics",
        "v2.17.0",
        replicas=1,
        probe="/livez",
        has_config=False,
    )
    yield third_party(
        "monitoring",
        "otel-collector",
        "docker.io/otel/opentelemetry-collector-contrib",
        "0.140.1",
        replicas=2,
        port=4317,
        port_name="otlp",
        probe="",
    )
    yield third_party(
        "monitoring",
        "node-exporter",
        "quay.io/prometheus/node-exporter",
        "v1.10.2",
        port=9100,
        probe="",
        component="agent",
        **_EVERYWHERE,
    )
    yield third_party(
        "monitoring",
        "vector",
        "docker.io/timberio/vector",
        "0.51.1",
        port=8686,
        probe="",
        component="agent",
        controller=Controller.DAEMON_SET,
    )


def _kube_system() -> Iterator[Application]:
    node = {**_EVERYWHERE, "priority_class": "system-node-critical", "probe": "", "component": "agent"}
    critical = {"priority_class": "system-cluster-critical"}
    eks = {"only": _EKS, **critical}
    ebs = "public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver"
    yield third_party(
        "kube-system",
        "coredns",
        "registry.k8s.io/coredns/coredns",
        "v1.13.1",
        replicas=2,
        port=53,
        port_name="dns",
        probe="/health",
        **critical,
    )
    yield third_party(
        "kube-system",
        "metrics-server",
        "registry.k8s.io/metrics-server/metrics-server",
        "v0.8.0",
        replicas=2,
        port=10250,
        port_name="https",
        probe="/readyz",
        **critical,
    )
    yield third_party(
        "kube-system",
        "cluster-autoscaler",
        "registry.k8s.io/autoscaling/cluster-autoscaler",
        "v1.35.0",
        replicas=1,
        port=8085,
        **eks,
    )
    yield third_party(
        "kube-system",
        "aws-load-balancer-controller",
        "public.ecr.aws/eks/aws-load-balancer-controller",
        "v2.16.0",
        port=9443,
        **eks,
    )
    yield third_party("kube-system", "ebs-csi-controller", ebs, "v1.53.0", port=9808, **eks)
    yield third_party("kube-system", "ebs-csi-node", ebs, "v1.53.0", port=9808, only=_EKS, **node)
    yield third_party("kube-system", "kube-proxy", "registry.k8s.io/kube-proxy", "", port=10256, only=_EKS, **node)
    yield third_party(
        "kube-system", "aws-node", "public.ecr.aws/eks/amazon-k8s-cni", "v1.21.0", port=61678, only=_EKS, **node
    )
    yield third_party(
        "kube-system",
        "local-path-provisioner",
        "docker.io/rancher/local-path-provisioner",
        "v0.0.32",
        replicas=1,
        only=_K3S,
        **critical,
    )
    yield third_party("kube-system", "kube-vip", "ghcr.io/kube-vip/kube-vip", "v1.0.2", port=2112, only=_K3S, **node)
    yield third_party("kube-system", "calico-node", "docker.io/calico/node", "v3.31.2", port=9091, only=_K3S, **node)
