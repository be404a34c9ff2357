"""The kinds of cert-manager: certificates, the requests for them, and issuers."""

from typing import Final

from demo.fleet.customkinds.customkind import AGE, Column, CustomKind
from demo.fleet.customkinds.schema import conditions, flag, struct, structs, text, texts, time, whole
from demo.fleet.manifest import Manifest
from k8s.kinds.kind import Kind

GROUP: Final = "cert-manager.io"

_CATEGORIES: Final = ("cert-manager",)
_READY: Final = '.status.conditions[?(@.type=="Ready")].status'
_USAGES: Final = texts("Purposes of the key.")


def _issuer_reference() -> Manifest:
    return struct(
        "The issuer.",
        ["name"],
        group=text("The API group of the issuer."),
        kind=text("The kind of the issuer."),
        name=text("The name of the issuer."),
    )


CERTIFICATE: Final = CustomKind(
    kind=Kind(GROUP, "v1", "Certificate", "certificates"),
    about="A certificate that is kept in a Secret and renewed in time.",
    short_names=("cert", "certs"),
    categories=_CATEGORIES,
    columns=(
        Column(name="Ready", path=_READY),
        Column(name="Secret", path=".spec.secretName"),
        Column(name="Issuer", path=".spec.issuerRef.name", priority=1),
        AGE,
    ),
    spec=struct(
        "The desired certificate.",
        ["issuerRef", "secretName"],
        dnsNames=texts("Host names."),
        secretName=text("The Secret of key and certificate."),
        issuerRef=_issuer_reference(),
        duration=text("The lifetime, such as `2160h`."),
        renewBefore=text("The time before the end at which it is renewed."),
        usages=_USAGES,
        privateKey=struct("The private key.", algorithm=text("The algorithm."), size=whole("Its bits.")),
    ),
    status=struct(
        "The state of the certificate.",
        conditions=conditions(),
        notBefore=time("The begin of its validity."),
        notAfter=time("The end of its validity."),
        renewalTime=time("The time at which it is renewed."),
        revision=whole("The number of issued certificates."),
        failedIssuanceAttempts=whole("Failures since the last success."),
        lastFailureTime=time("The time of the last failure."),
    ),
)

CERTIFICATE_REQUEST: Final = CustomKind(
    kind=Kind(GROUP, "v1", "CertificateRequest", "certificaterequests"),
    about="One request for a signed certificate, made for a Certificate.",
    short_names=("cr", "crs"),
    categories=_CATEGORIES,
    columns=(Column(name="Ready", path=_READY), Column(name="Issuer", path=".spec.issuerRef.name"), AGE),
    spec=struct(
        "The request, which never changes.",
        ["issuerRef", "request"],
        request=text("The signing request, in PEM.", form="byte"),
        issuerRef=_issuer_reference(),
        duration=text("The requested lifetime."),
        isCA=flag("Whether the certificate may sign others."),
        usages=_USAGES,
    ),
    status=struct(
        "The answer of the issuer.",
        conditions=conditions(),
        failureTime=time("The time at which the request failed."),
    ),
)

CLUSTER_ISSUER: Final = CustomKind(
    kind=Kind(GROUP, "v1", "ClusterIssuer", "clusterissuers", namespaced=False),
    about="An authority that signs certificates of all namespaces.",
    short_names=("ciss",),
    categories=_CATEGORIES,
    columns=(Column(name="Ready", path=_READY), AGE),
    spec=struct(
        "The authority.",
        acme=struct(
            "An authority that speaks ACME.",
            ["server", "privateKeySecretRef"],
            server=text("Its address."),
            email=text("The address of the account."),
            privateKeySecretRef=struct("The Secret of the account's key.", ["name"], name=text("Its name.")),
            solvers=structs(
                "Ways to prove that a name is ours.",
                http01=struct(
                    "An answer over HTTP.",
                    ingress=struct("An ingress.", ingressClassName=text("The class of the ingress.")),
                ),
            ),
        ),
    ),
    status=struct(
        "The state of the account.",
        acme=struct("The account.", uri=text("Its address."), lastRegisteredEmail=text("Its e-mail address.")),
        conditions=conditions(),
    ),
)
