"""Requests for certificates: their states, and the objects that made them or that they are for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from resolvers.kinds.certificates.podcertificaterequest import POD_CERTIFICATE_REQUESTS
from resolvers.kinds.certificates.signingrequest import SIGNING_REQUESTS
from tests.printed.requestbytes import CERTIFICATE, PROOF
from tests.resolvers.kinds.derivedfields import conditions, derived
from tests.resolvers.links.owning import answered, cluster_with, object_of


@pytest.mark.parametrize(
    ("types", "certificate", "state"),
    [
        ((), None, "Pending"),
        (("Approved", "Denied"), None, "Denied"),
        (("Failed",), None, "Pending,Failed"),
        (("Approved", "Failed"), "AA==", "Approved,Failed,Issued"),
        (("Approved",), "", "Approved"),
    ],
)
def test_the_state_of_a_signing_request(types: tuple[str, ...], certificate: str | None, state: str) -> None:
    status = {**conditions(*((one, "True") for one in types)), "certificate": certificate}

    assert derived(SIGNING_REQUESTS, "state", status=status) == state


@pytest.mark.parametrize(
    ("certificate", "end"),
    [
        (CERTIFICATE, "2036-01-02T03:04:05Z"),
        (None, None),
        ("", None),
        ("?", None),
        ("AA==", None),
        ("A" * 70_000, None),
    ],
)
def test_the_end_of_an_issued_certificate(certificate: str | None, end: str | None) -> None:
    assert derived(SIGNING_REQUESTS, "notAfter", status={"certificate": certificate}) == end


def test_a_request_without_a_status_is_pending() -> None:
    assert derived(SIGNING_REQUESTS, "state") == derived(POD_CERTIFICATE_REQUESTS, "state") == "Pending"
    assert derived(SIGNING_REQUESTS, "notAfter") is None


def test_the_last_condition_is_the_state_of_a_pods_request() -> None:
    status = conditions(("Denied", "True"), ("Issued", "True"), ("Other", "True"))

    assert derived(POD_CERTIFICATE_REQUESTS, "state", status=status) == "Issued"


def test_the_end_of_a_pods_certificate_is_that_of_its_status() -> None:
    end = "2026-01-01T00:00:00Z"

    assert derived(POD_CERTIFICATE_REQUESTS, "notAfter", status={"notAfter": end}) == end
    assert derived(POD_CERTIFICATE_REQUESTS, "notAfter") is None


async def test_a_trust_bundle_tells_its_certificates_and_the_first_end(engine: Engine) -> None:
    broken = PROOF.replace("MI", "AA", 1)
    bundles = {
        "bare": None,
        "broken": broken,
        "long": "#" * 262_145,
        "roots": f"# text\n{PROOF}\n{_authority('Early', days=30)}{broken}",
    }

    answer = await answered(
        engine,
        """{ clusterTrustBundles { nodes { name certificateCount notAfter certificates { subject issuer notAfter } } }
        soon: clusterTrustBundles(where: [{path: "notAfter", op: LT, value: "now+60d"}]) { nodes { name } } }""",
        cluster_with(
            [
                object_of(kinds.CLUSTER_TRUST_BUNDLE, name) | ({"spec": {"trustBundle": text}} if text else {})
                for name, text in bundles.items()
            ],
            serves=(kinds.CLUSTER_TRUST_BUNDLE,),
        ),
    )

    nodes = {one.pop("name"): one for one in answer["data"]["clusterTrustBundles"]["nodes"]}
    assert nodes["bare"] == {"certificateCount": 0, "notAfter": None, "certificates": []}
    assert nodes["broken"] == {"certificateCount": 1, "notAfter": None, "certificates": []}
    assert nodes["long"] == {"certificateCount": None, "notAfter": None, "certificates": None}
    first, second = nodes["roots"]["certificates"]
    assert nodes["roots"]["certificateCount"] == 3
    assert first["notAfter"] == "2036-01-02T03:04:05Z"
    assert second == {"subject": "CN=Early", "issuer": "CN=Early", "notAfter": nodes["roots"]["notAfter"]}
    assert answer["data"]["soon"]["nodes"] == [{"name": "roots"}]


async def test_requests_lead_to_requestors_and_back(engine: Engine) -> None:
    def request(name: str, user: str) -> Any:
        return object_of(kinds.CERTIFICATE_SIGNING_REQUEST, name) | {"spec": {"username": user}}

    of_pod = {"podName": "web", "nodeName": "worker", "serviceAccountName": "a"}
    mounted = {"volumes": [{"name": "v", "projected": {"sources": [{"clusterTrustBundle": {"name": "roots"}}]}}]}
    sender = cluster_with(
        [
            request("of-node", "system:node:worker"),
            request("of-account", "system:serviceaccount:shop:a"),
            request("of-user", "jane"),
            object_of(kinds.POD_CERTIFICATE_REQUEST, "for-pod") | {"spec": of_pod},
            object_of(kinds.NODE, "worker"),
            object_of(kinds.SERVICE_ACCOUNT, "a"),
            object_of(kinds.POD, "web") | {"spec": mounted},
            object_of(kinds.CLUSTER_TRUST_BUNDLE, "roots"),
        ],
        serves=[
            kinds.CERTIFICATE_SIGNING_REQUEST,
            kinds.POD_CERTIFICATE_REQUEST,
            kinds.CLUSTER_TRUST_BUNDLE,
            kinds.NODE,
            kinds.SERVICE_ACCOUNT,
            kinds.POD,
        ],
    )

    answer = await answered(
        engine,
        """{ certificateSigningRequests { nodes { name node { name } serviceAccount { name } } }
        podCertificateRequests { nodes { pod { name } node { name } serviceAccount { name } } }
        nodes { nodes { certificateSigningRequests { nodes { name } } podCertificateRequests { nodes { name } } } }
        serviceAccounts { nodes {
          certificateSigningRequests { nodes { name } } podCertificateRequests { nodes { name } } } }
        pods { nodes { podCertificateRequests { nodes { name } } clusterTrustBundles { name } } }
        clusterTrustBundles { nodes { pods { nodes { name } } } } }""",
        sender,
    )

    worker, account, for_pod = {"name": "worker"}, {"name": "a"}, {"nodes": [{"name": "for-pod"}]}
    assert answer["data"] == {
        "certificateSigningRequests": {
            "nodes": [
                {"name": "of-account", "node": None, "serviceAccount": account},
                {"name": "of-node", "node": worker, "serviceAccount": None},
                {"name": "of-user", "node": None, "serviceAccount": None},
            ]
        },
        "podCertificateRequests": {"nodes": [{"pod": {"name": "web"}, "node": worker, "serviceAccount": account}]},
        "nodes": {
            "nodes": [
                {"certificateSigningRequests": {"nodes": [{"name": "of-node"}]}, "podCertificateRequests": for_pod}
            ]
        },
        "serviceAccounts": {
            "nodes": [
                {"certificateSigningRequests": {"nodes": [{"name": "of-account"}]}, "podCertificateRequests": for_pod}
            ]
        },
        "pods": {"nodes": [{"podCertificateRequests": for_pod, "clusterTrustBundles": [{"name": "roots"}]}]},
        "clusterTrustBundles": {"nodes": [{"pods": {"nodes": [{"name": "web"}]}}]},
    }


def _authority(name: str, *, days: int) -> str:
    """Returns the certificate of an authority, which signs itself."""
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(days=days)).sign(key, None)
    return certificate.public_bytes(Encoding.PEM).decode()
