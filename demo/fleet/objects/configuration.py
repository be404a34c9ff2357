"""Configuration of workloads: config maps, secrets with harmless values, and service accounts."""

from base64 import b64encode
from collections.abc import Iterator

from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, manifest
from demo.fleet.moment import stamp

_DEMO_VALUE = "demo-not-a-secret"
_DEMO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\ndemo: no certificate stands here\n-----END CERTIFICATE-----\n"


def configuration(workload: Workload) -> Iterator[Manifest]:
    """Yields the service account, the config map and the secrets of a workload."""
    yield manifest("v1", "ServiceAccount", metadata=_metadata(workload, "ServiceAccount", workload.service_account))
    application = workload.application
    if application.has_config:
        name = f"{workload.name}-config"
        yield manifest("v1", "ConfigMap", metadata=_metadata(workload, "ConfigMap", name), data=_settings(workload))
    if application.has_secret:
        values = {"username": workload.name, "password": _DEMO_VALUE, "api-key": _DEMO_VALUE}
        name = f"{workload.name}-credentials"
        yield _secret("Opaque", values, metadata=_metadata(workload, "Secret", name))
    if application.host:
        values = {"tls.crt": _DEMO_CERTIFICATE, "tls.key": _DEMO_VALUE}
        yield _secret("kubernetes.io/tls", values, metadata=_certificate_metadata(workload))


def _settings(workload: Workload) -> dict[str, str]:
    site = workload.site
    lines = [
        f"# {workload.name} in {site.profile.name}",
        f"listen: 0.0.0.0:{workload.application.port}",
        f"region: {site.profile.region}",
        "timeouts:",
        "  read: 5s",
        "  write: 10s",
        "features:",
        f"  canary: {'true' if site.profile.labels['env'] == 'staging' else 'false'}",
    ]
    return {"config.yaml": "\n".join(lines) + "\n", "log-level": "info"}


def _secret(kind: str, values: dict[str, str], *, metadata: Manifest) -> Manifest:
    data = {key: b64encode(value.encode()).decode() for key, value in values.items()}
    return manifest("v1", "Secret", metadata=metadata, type=kind, data=data)


def _certificate_metadata(workload: Workload) -> Manifest:
    """Returns the metadata of a Secret that cert-manager keeps."""
    name = f"{workload.name}-tls"
    annotations = {"cert-manager.io/certificate-name": name, "cert-manager.io/issuer-name": "letsencrypt"}
    return {
        **_metadata(workload, "Secret", name),
        "labels": {"controller.cert-manager.io/fao": "true"},
        "annotations": annotations,
    }


def _metadata(workload: Workload, kind: str, name: str) -> Manifest:
    return {
        "name": name,
        "namespace": workload.namespace,
        "uid": workload.site.uid(kind, workload.namespace, name),
        "creationTimestamp": stamp(workload.created_s - 60),
        "labels": workload.labels(),
        "annotations": workload.tracked(f"/{kind}", name),
    }
