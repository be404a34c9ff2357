"""Applications of the platform team: databases, ingress, certificates, deployments.

Images and releases are those of the projects.
"""

from collections.abc import Iterator

from demo.fleet.company.application import Application, Controller, releases
from demo.fleet.company.profile import Distribution


def platform_applications() -> tuple[Application, ...]:
    """Returns all applications of the platform team."""
    return (*_data(), *_platform())


def third_party(namespace: str, name: str, image: str, newest: str, **more: object) -> Application:
    """Returns an application of another project, with its releases."""
    prefix = "v" if newest.startswith("v") else ""
    fields: dict[str, object] = {
        "name": name,
        "namespace": namespace,
        "image": image,
        "releases": releases(newest.removeprefix("v"), prefix=prefix) if newest else (),
        "component": "controller",
        **more,
    }
    return Application(**fields)  # type: ignore[arg-type]  # a table of keyword arguments; the constructor checks names


def _stateful(name: str, image: str, newest: str, **more: object) -> Application:
    return third_party(
        "data",
        name,
        image,
        newest,
        **{
            "controller": Controller.STATEFUL_SET,
            "component": "database",
            "pool": "data",
            "probe": "",
            "is_guaranteed": True,
            **more,
        },
    )


def _data() -> Iterator[Application]:
    postgres = {"port": 5432, "port_name": "postgres", "cpu_m": 1000, "memory_mib": 4096, "has_secret": True}
    image = "ghcr.io/cloudnative-pg/postgresql"
    yield _stateful("orders-postgres", image, "17.6.0", replicas=3, storage_gib=200, **postgres)
    yield _stateful("ledger-postgres", image, "17.6.0", replicas=3, storage_gib=500, **postgres)
    yield _stateful(
        "kafka",
        "quay.io/strimzi/kafka",
        "4.1.1",
        replicas=5,
        port=9092,
        port_name="kafka",
        cpu_m=1000,
        memory_mib=6144,
        storage_gib=1000,
    )
    yield _stateful(
        "redis", "docker.io/library/redis", "8.2.3", replicas=3, port=6379, port_name="redis", storage_gib=20
    )
    yield third_party("data", "kafka-connect", "quay.io/strimzi/kafka", "4.1.1", replicas=2, port=8083, memory_mib=1024)
    yield third_party(
        "data", "schema-registry", "docker.io/confluentinc/cp-schema-registry", "8.1.0", replicas=2, port=8081
    )
    yield _stateful(
        "telemetry-buffer",
        "docker.io/library/nats",
        "2.12.1",
        replicas=2,
        port=4222,
        port_name="nats",
        storage_gib=50,
        only=Distribution.K3S,
    )


def _platform() -> Iterator[Application]:
    jetstack = "quay.io/jetstack/cert-manager-"
    argo = {"image": "quay.io/argoproj/argocd", "newest": "v3.2.1"}
    yield third_party(
        "platform",
        "ingress-nginx-controller",
        "registry.k8s.io/ingress-nginx/controller",
        "v1.14.0",
        replicas=3,
        port=80,
        cpu_m=200,
        memory_mib=256,
        pool="platform",
        priority_class="platform-critical",
    )
    yield third_party(
        "platform",
        "cert-manager",
        f"{jetstack}controller",
        "v1.19.2",
        replicas=1,
        port=9402,
        has_config=False,
        cpu_m=0,  # its chart sets no resources either
        memory_mib=0,
    )
    yield third_party(
        "platform",
        "cert-manager-webhook",
        f"{jetstack}webhook",
        "v1.19.2",
        replicas=1,
        port=10250,
        port_name="https",
        probe="",
        has_config=False,
    )
    yield third_party(
        "platform", "external-dns", "registry.k8s.io/external-dns/external-dns", "v0.20.0", replicas=1, port=7979
    )
    yield third_party("platform", "argocd-server", **argo, replicas=2, host="deploy", pool="platform")
    yield third_party("platform", "argocd-repo-server", **argo, replicas=2, port=8081, pool="platform", memory_mib=512)
    yield third_party(
        "platform",
        "argocd-application-controller",
        **argo,
        replicas=1,
        controller=Controller.STATEFUL_SET,
        cpu_m=500,
        memory_mib=1024,
        port=8082,
        pool="platform",
    )
