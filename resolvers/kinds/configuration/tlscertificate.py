"""`Secret.tls`: the certificate of a TLS Secret, as everyone who connects sees it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from k8s.certificates import PublicFacts
from k8s.errors import ClusterError, Forbidden
from k8s.kinds import builtin as kinds
from k8s.masking.tlscertificates import TLS_TYPE, Place, read_tls_certificates
from resolvers.arguments.listarguments import FEW
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import Time
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import at_once
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected
from resolvers.together import together
from resolvers.unexpected import contained

TLS_SECRETS = Family(kinds.SECRET)

_Found = Mapping[Place, PublicFacts | None] | ClusterError


class TlsCertificate(Struct, frozen=True):
    """The first certificate of a TLS Secret; its private key is never read."""

    subject: Annotated[str, Meta(description="Its distinguished name, such as `CN=shop`; often empty.")]
    issuer: Annotated[str, Meta(description="The distinguished name of its issuer.")]
    dnsNames: Annotated[  # noqa: N815  GraphQL
        list[str], Meta(description="The DNS names for which it is valid, such as `*.example.com`.")
    ]
    ipAddresses: Annotated[  # noqa: N815  GraphQL
        list[str], Meta(description="The addresses for which it is valid.")
    ]
    serialNumber: Annotated[str, Meta(description="Its serial number in hexadecimal digits.")]  # noqa: N815  GraphQL
    notBefore: Annotated[Time, Meta(description="The beginning of its validity.")]  # noqa: N815  GraphQL
    notAfter: Annotated[Time, Meta(description="The end of its validity.")]  # noqa: N815  GraphQL


@TLS_SECRETS.remote(
    "type",
    description=f"The certificate of a Secret of type {TLS_TYPE}, from its `tls.crt`, which is public; null for other "
    "Secrets, and for a certificate that cannot be read. Certificates that expire soon: "
    '`where: [{path: "tls.notAfter", op: LT, value: "2027-01-01T00:00:00Z"}]`. One list of these Secrets for each '
    "cluster, for any number of them.",
    returns=TlsCertificate | None,
)
async def tls(secrets: Rows, operation: Operation) -> Sequence[TlsCertificate | ClusterError | None]:
    """Reads the certificates of each cluster's TLS Secrets."""
    namespaces: dict[FleetCluster, dict[str, None]] = {}
    async for batch in batches(secrets):
        for cluster, row in batch:
            if row.type == TLS_TYPE:
                namespaces.setdefault(cluster, {})[row.metadata.namespace or ""] = None
    answers = await together(*(_found(operation, cluster, homes) for cluster, homes in namespaces.items()))
    found = dict(zip(namespaces, answers, strict=True))
    return await collected(
        _value(found[cluster], (row.metadata.namespace or "", row.metadata.name)) if row.type == TLS_TYPE else None
        for cluster, row in secrets
    )


async def _found(operation: Operation, cluster: FleetCluster, namespaces: Collection[str]) -> _Found:
    """Reads a few namespaces apart; else the whole cluster, or all namespaces apart if that is not allowed."""
    try:
        with contained(cluster.name):
            if len(namespaces) > FEW:
                try:
                    return await _read(operation, cluster, None)
                except Forbidden:
                    operation.add_requests(cluster, len(namespaces))
            found: dict[Place, PublicFacts | None] = {}
            for one in await at_once(namespaces, lambda name: _read(operation, cluster, name)):
                found |= one
            return found
    except ClusterError as error:
        return error


async def _read(
    operation: Operation, cluster: FleetCluster, namespace: str | None
) -> Mapping[Place, PublicFacts | None]:
    return await read_tls_certificates(cluster.sender, namespace=namespace, deadline=operation.deadline(cluster))


def _value(found: _Found, place: Place) -> TlsCertificate | ClusterError | None:
    if isinstance(found, ClusterError):
        return found
    facts = found.get(place)
    if facts is None:
        return None
    return TlsCertificate(
        facts.subject,
        facts.issuer,
        [*facts.dns_names],
        [*facts.ip_addresses],
        facts.serial_number,
        Time(f"{facts.validity.not_before:%Y-%m-%dT%H:%M:%SZ}"),
        Time(f"{facts.validity.not_after:%Y-%m-%dT%H:%M:%SZ}"),
    )
