"""Requests for certificates: their states, and the objects that made them or that they are for."""

from __future__ import annotations

from typing import Any

import pytest

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from resolvers.kinds.certificates.podcertificaterequest import POD_CERTIFICATE_REQUESTS
from resolvers.kinds.certificates.signingrequest import SIGNING_REQUESTS
from tests.printed.requestbytes import CERTIFICATE
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
