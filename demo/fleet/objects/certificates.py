"""Custom resources: the two definitions of cert-manager that the fleet uses, and a certificate for each ingress."""

from collections.abc import Iterator
from typing import Final

from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, condition, manifest
from demo.fleet.moment import DAY_S, HOUR_S, stamp
from k8s.kinds.kind import Kind

GROUP: Final = "cert-manager.io"
CERTIFICATE: Final = Kind(GROUP, "v1", "Certificate", "certificates")
CLUSTER_ISSUER: Final = Kind(GROUP, "v1", "ClusterIssuer", "clusterissuers", namespaced=False)
NOT_RENEWED: Final = ("edge-berlin", "checkout-web")
"""The certificate that could not be renewed."""

_RENEW_BEFORE_S = 30 * DAY_S


def certificates(site: Site, workloads: tuple[Workload, ...]) -> Iterator[Manifest]:
    """Yields the definitions, the issuer, and the certificates."""
    for kind in (CERTIFICATE, CLUSTER_ISSUER):
        yield _definition(site, kind)
    yield _issuer(site)
    for workload in workloads:
        if workload.application.host:
            yield _certificate(workload)


def is_renewed(workload: Workload) -> bool:
    """Returns whether a workload's certificate is up to date."""
    return (workload.site.profile.name, workload.name) != NOT_RENEWED


def certificate_name(workload: Workload) -> str:
    """Returns the name of a certificate, which is that of the ingress's secret."""
    return f"{workload.name}-tls"


def _definition(site: Site, kind: Kind) -> Manifest:
    name, at = f"{kind.plural}.{kind.group}", stamp(site.created_s + DAY_S)
    names: Manifest = {
        "kind": kind.name,
        "listKind": f"{kind.name}List",
        "plural": kind.plural,
        "singular": kind.name.lower(),
        "categories": ["cert-manager"],
    }
    free: Manifest = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema: Manifest = {"type": "object", "properties": {"spec": free, "status": free}}
    version: Manifest = {
        "name": kind.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    established = condition(
        "Established", True, at, reason="InitialNamesAccepted", message="the initial names have been accepted"
    )
    accepted = condition("NamesAccepted", True, at, reason="NoConflicts", message="no conflicts found")
    scope = "Namespaced" if kind.namespaced else "Cluster"
    return manifest(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        metadata={"name": name, "uid": site.uid("CustomResourceDefinition", "", name), "creationTimestamp": at},
        spec={
            "group": kind.group,
            "names": names,
            "scope": scope,
            "versions": [version],
            "conversion": {"strategy": "None"},
        },
        status={"acceptedNames": names, "conditions": [accepted, established], "storedVersions": [kind.version]},
    )


def _issuer(site: Site) -> Manifest:
    acme: Manifest = {
        "server": "https://acme.example.com/directory",
        "email": "platform@example.com",
        "privateKeySecretRef": {"name": "letsencrypt-account"},
    }
    at = stamp(site.created_s + 2 * DAY_S)
    ready = condition("Ready", True, at, reason="ACMEAccountRegistered", message="The ACME account was registered")
    metadata: Manifest = {
        "name": "letsencrypt",
        "uid": site.uid("ClusterIssuer", "", "letsencrypt"),
        "generation": 1,
        "creationTimestamp": at,
    }
    return manifest(
        CLUSTER_ISSUER.api_version, "ClusterIssuer", metadata=metadata, spec={"acme": acme},
        status={"conditions": [ready]},
    )  # fmt: skip


def _certificate(workload: Workload) -> Manifest:
    site, name = workload.site, certificate_name(workload)
    host = f"{workload.application.host}.{site.profile.name}.example.com"
    spec: Manifest = {
        "dnsNames": [host],
        "secretName": name,
        "issuerRef": {"group": GROUP, "kind": "ClusterIssuer", "name": "letsencrypt"},
        "usages": ["digital signature", "key encipherment"],
    }
    metadata: Manifest = {
        "name": name,
        "namespace": workload.namespace,
        "uid": site.uid("Certificate", workload.namespace, name),
        "generation": 1,
        "creationTimestamp": stamp(workload.created_s),
        "labels": workload.labels(),
    }
    return manifest(
        CERTIFICATE.api_version, "Certificate", metadata=metadata, spec=spec, status=_certificate_status(workload)
    )


def _certificate_status(workload: Workload) -> Manifest:
    renewed = is_renewed(workload)
    ends_s = workload.site.start_s + (41 * DAY_S if renewed else 6 * DAY_S + 5 * HOUR_S)
    at = stamp(ends_s - 90 * DAY_S)
    message = "Certificate is up to date and has not expired"
    conditions = [condition("Ready", True, at, reason="Ready", message=message)]
    if not renewed:
        failed = "The certificate request has failed to complete and will be retried: DNS problem: NXDOMAIN"
        conditions.append(
            condition("Issuing", False, stamp(workload.site.start_s - HOUR_S), reason="Failed", message=failed)
        )
    return {
        "conditions": conditions,
        "notBefore": at,
        "notAfter": stamp(ends_s),
        "renewalTime": stamp(ends_s - _RENEW_BEFORE_S),
        "revision": 3,
    }
