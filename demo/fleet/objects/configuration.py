"""Configuration of workloads: config maps, secrets with harmless values, and service accounts."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Final

from demo.fleet.certificate import certificate
from demo.fleet.chance import number
from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, manifest
from demo.fleet.moment import stamp
from demo.fleet.objects.certificates import validity
from demo.fleet.objects.environment import SECRET_KEYS, config_name, credentials_name

LEFT_BEHIND: Final = {
    ("prod-eu-1", "payments-api"): ("Secret", "payments-api-credentials-2025"),
    ("prod-us-1", "checkout-api"): ("ConfigMap", "checkout-api-config-v1"),
    ("staging-eu-1", "query-api"): ("ConfigMap", "query-api-experiment"),
    ("staging-eu-1", "identity-api"): ("Secret", "identity-api-signing-key-old"),
}
"""Objects that nothing uses any more, by cluster and workload: kind and name."""

LOST_KEYS: Final = {("prod-us-1", "promotions")}
"""Workloads, by cluster, whose secret has lost the key that a variable names: they run until they are restarted."""

_DEMO_VALUE = "demo-not-a-secret"


def configuration(workload: Workload) -> Iterator[Manifest]:
    """Yields the service account, the config map and the secrets of a workload."""
    yield manifest("v1", "ServiceAccount", metadata=_metadata(workload, "ServiceAccount", workload.service_account))
    application = workload.application
    if application.has_config:
        yield _config_map(workload, config_name(application))
    if application.has_secret:
        yield _credentials(workload, credentials_name(application))
    if application.host:
        values = {"tls.crt": _certificate(workload), "tls.key": _DEMO_VALUE}
        yield _secret("kubernetes.io/tls", values, metadata=_certificate_metadata(workload))
    kind, name = LEFT_BEHIND.get((workload.site.profile.name, workload.name), ("", ""))
    if kind:
        yield _config_map(workload, name) if kind == "ConfigMap" else _credentials(workload, name)


def _config_map(workload: Workload, name: str) -> Manifest:
    return manifest("v1", "ConfigMap", metadata=_metadata(workload, "ConfigMap", name), data=_settings(workload))


def _credentials(workload: Workload, name: str) -> Manifest:
    values = {"username": workload.name, "password": _DEMO_VALUE, "api-key": _DEMO_VALUE}
    if workload.name in SECRET_KEYS and (workload.site.profile.name, workload.name) not in LOST_KEYS:
        values[SECRET_KEYS[workload.name][1]] = _DEMO_VALUE
    return _secret("Opaque", values, metadata=_metadata(workload, "Secret", name))


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


def _certificate(workload: Workload) -> str:
    begins_s, ends_s = validity(workload)
    serial = number(2**31, "serial", workload.uid)
    return certificate([workload.host], serial=serial, begins_s=begins_s, ends_s=ends_s)


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
