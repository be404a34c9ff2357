"""Objects of cert-manager: an issuer, and for each ingress a certificate with its requests."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Final

from demo.fleet.customkinds.certmanager import CERTIFICATE, CERTIFICATE_REQUEST, CLUSTER_ISSUER, GROUP
from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, condition, manifest, owner_reference
from demo.fleet.moment import DAY_S, HOUR_S, stamp

NOT_RENEWED: Final = {("edge-berlin", "checkout-web"): 6 * DAY_S + 5 * HOUR_S, ("prod-us-1", "grafana"): -3 * HOUR_S}
"""Certificates that could not be renewed, by cluster and workload: the seconds until they end."""

_REVISION: Final = 3
_REQUEST: Final = b64encode(b"demo: no certificate request stands here").decode()
_FAILURE: Final = "The certificate request has failed to complete and will be retried: DNS problem: NXDOMAIN"
_LIFETIME_S: Final = 90 * DAY_S
_RENEW_BEFORE_S: Final = 30 * DAY_S


def certificates(site: Site, workloads: tuple[Workload, ...]) -> Iterator[Manifest]:
    """Yields the issuer, and the certificates with their requests."""
    yield _issuer(site)
    for workload in workloads:
        if workload.application.host:
            yield _certificate(workload)
            yield from _requests(workload)


def is_renewed(workload: Workload) -> bool:
    """Returns whether a workload's certificate is up to date."""
    return (workload.site.profile.name, workload.name) not in NOT_RENEWED


def certificate_name(workload: Workload) -> str:
    """Returns the name of a certificate, which is that of the ingress's secret."""
    return f"{workload.name}-tls"


def validity(workload: Workload) -> tuple[float, float]:
    """Returns the begin and the end of a workload's certificate, in seconds since 1970."""
    ends_s = _ends_s(workload)
    return ends_s - _LIFETIME_S, ends_s


def _issuer(site: Site) -> Manifest:
    acme: Manifest = {
        "server": "https://acme.example.com/directory",
        "email": "platform@example.com",
        "privateKeySecretRef": {"name": "letsencrypt-account"},
        "solvers": [{"http01": {"ingress": {"ingressClassName": "nginx"}}}],
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
        CLUSTER_ISSUER.kind.api_version, "ClusterIssuer", metadata=metadata, spec={"acme": acme},
        status={"acme": _ACCOUNT, "conditions": [ready]},
    )  # fmt: skip


_ACCOUNT: Final = {"uri": "https://acme.example.com/account/1", "lastRegisteredEmail": "platform@example.com"}
_ISSUER: Final = {"group": GROUP, "kind": "ClusterIssuer", "name": "letsencrypt"}
_USAGES: Final = ["digital signature", "key encipherment"]


def _certificate(workload: Workload) -> Manifest:
    site, name = workload.site, certificate_name(workload)
    spec: Manifest = {
        "dnsNames": [workload.host],
        "secretName": name,
        "issuerRef": _ISSUER,
        "usages": _USAGES,
        "privateKey": {"algorithm": "ECDSA", "size": 256},
    }
    ingress = site.uid("Ingress", workload.namespace, workload.name)
    metadata = _metadata(workload, "Certificate", name, at_s=workload.created_s)
    metadata["ownerReferences"] = [owner_reference("networking.k8s.io/v1", "Ingress", workload.name, uid=ingress)]
    return manifest(
        CERTIFICATE.kind.api_version, "Certificate", metadata=metadata, spec=spec, status=_certificate_status(workload)
    )


def _metadata(workload: Workload, kind: str, name: str, *, at_s: float) -> Manifest:
    return {
        "name": name,
        "namespace": workload.namespace,
        "uid": workload.site.uid(kind, workload.namespace, name),
        "generation": 1,
        "creationTimestamp": stamp(at_s),
        "labels": workload.labels(),
    }


def _ends_s(workload: Workload) -> float:
    left_s = NOT_RENEWED.get((workload.site.profile.name, workload.name), 41 * DAY_S)
    return workload.site.start_s + left_s


def _certificate_status(workload: Workload) -> Manifest:
    start_s, ends_s = workload.site.start_s, _ends_s(workload)
    issued = stamp(ends_s - _LIFETIME_S)
    is_valid = ends_s > start_s
    ready = condition(
        "Ready",
        is_valid,
        issued if is_valid else stamp(ends_s),
        reason="Ready" if is_valid else "Expired",
        message="Certificate is up to date and has not expired"
        if is_valid
        else f"Certificate expired on {stamp(ends_s)}",
    )
    conditions, failures = [ready], Manifest()
    if not is_renewed(workload):
        failed_at = stamp(start_s - HOUR_S)
        conditions.append(condition("Issuing", False, failed_at, reason="Failed", message=_FAILURE))
        failures = {"failedIssuanceAttempts": 5, "lastFailureTime": failed_at}
    return {
        "conditions": conditions,
        "notBefore": issued,
        "notAfter": stamp(ends_s),
        "renewalTime": stamp(ends_s - _RENEW_BEFORE_S),
        "revision": _REVISION,
        **failures,
    }


def _requests(workload: Workload) -> Iterator[Manifest]:
    """Yields the request of the current certificate, and the one that failed to renew it."""
    issued_s = _ends_s(workload) - _LIFETIME_S
    yield _request(workload, _REVISION, at_s=issued_s)
    if not is_renewed(workload):
        yield _request(workload, _REVISION + 1, at_s=workload.site.start_s - HOUR_S, failure=_FAILURE)


def _request(workload: Workload, revision: int, *, at_s: float, failure: str = "") -> Manifest:
    certificate = certificate_name(workload)
    name, at = f"{certificate}-{revision}", stamp(at_s)
    metadata = _metadata(workload, "CertificateRequest", name, at_s=at_s)
    uid = workload.site.uid("Certificate", workload.namespace, certificate)
    owner = owner_reference(CERTIFICATE.kind.api_version, "Certificate", certificate, uid=uid)
    approved = condition(
        "Approved",
        True,
        at,
        reason="cert-manager.io",
        message="Certificate request has been approved by cert-manager.io",
    )
    ready = condition(
        "Ready",
        not failure,
        at,
        reason="Failed" if failure else "Issued",
        message=failure or "Certificate fetched from issuer successfully",
    )
    return manifest(
        CERTIFICATE_REQUEST.kind.api_version,
        "CertificateRequest",
        metadata={**metadata, "ownerReferences": [owner]},
        spec={"request": _REQUEST, "issuerRef": _ISSUER, "usages": _USAGES},
        status={"conditions": [approved, ready], **({"failureTime": at} if failure else {})},
    )
