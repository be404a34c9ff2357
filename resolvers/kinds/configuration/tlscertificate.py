"""`Secret.tls`: the certificate of a TLS Secret, as everyone who connects sees it."""

from collections.abc import Mapping, Sequence, Set
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from k8s.certificates import PublicFacts
from k8s.errors import ClusterError, Forbidden
from k8s.kinds import builtin as kinds
from k8s.masking.tlscertificates import TLS_TYPE, Place, read_tls_certificates
from k8s.reading.rowdecoders import Row
from resolvers.arguments.listarguments import FEW
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.links.absent import NoValue, absent_if_masked
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import at_once
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected, worked
from resolvers.together import together
from resolvers.unexpected import contained

TLS_SECRETS = Family(kinds.SECRET)


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


_Certificates: TypeAlias = Mapping[Place, TlsCertificate | None]
_Wanted: TypeAlias = dict[tuple[str, str | None], Set[Place]]
"""The Secrets whose certificates are read, by the id of their cluster and the namespace of the list."""


@TLS_SECRETS.remote(
    "type",
    description=f"The certificate of a Secret of type {TLS_TYPE}, from its `tls.crt`, which is public; null for other "
    "Secrets, and for a certificate that cannot be read. Certificates that expire soon: "
    '`where: [{path: "tls.notAfter", op: LT, value: "2027-01-01T00:00:00Z"}]`. One list of these Secrets for each '
    "cluster, for any number of them.",
    returns=TlsCertificate | None,
)
async def tls(secrets: Rows, operation: Operation) -> Sequence[TlsCertificate | NoValue | None]:
    """Reads the certificates of each cluster's TLS Secrets; their data may be masked, but not their type."""
    masked = absent_if_masked(operation.masking, [(kinds.SECRET, ("type",))])
    if masked is not None:
        return [masked] * len(secrets)
    places: dict[FleetCluster, dict[Place, None]] = {}
    async for batch in batches(secrets):
        for cluster, row in batch:
            if row.type == TLS_TYPE:
                places.setdefault(cluster, {})[_place(row)] = None
    answers = await together(*(_found(operation, cluster, own.keys()) for cluster, own in places.items()))
    found = dict(zip(places, answers, strict=True))

    def value(placed: tuple[FleetCluster, Row]) -> TlsCertificate | ClusterError | None:
        cluster, row = placed
        if row.type != TLS_TYPE:
            return None
        own = found[cluster]
        return own if isinstance(own, ClusterError) else own.get(_place(row))

    return await worked(value, secrets)


async def _found(operation: Operation, cluster: FleetCluster, places: Set[Place]) -> _Certificates | ClusterError:
    """Reads a few namespaces apart; else the whole cluster, or all namespaces apart if that is not allowed."""
    by_namespace: dict[str, dict[Place, None]] = {}
    async for batch in batches(places):
        for place in batch:
            by_namespace.setdefault(place[0], {})[place] = None
    try:
        with contained(cluster.name):
            if len(by_namespace) > FEW:
                try:
                    return await _read(operation, cluster, None, places)
                except Forbidden:
                    operation.add_requests(cluster, len(by_namespace))
            found: dict[Place, TlsCertificate | None] = {}
            for one in await at_once(
                by_namespace, lambda name: _read(operation, cluster, name, by_namespace[name].keys())
            ):
                found |= one
            return found
    except ClusterError as error:
        return error


async def _read(
    operation: Operation, cluster: FleetCluster, namespace: str | None, places: Set[Place]
) -> _Certificates:
    """Reads a list of Secrets once in the operation; a second time, and then whole, for fields with other Secrets."""
    wanted: _Wanted = await operation.once("wanted certificates", _none_wanted)
    first = wanted.setdefault((cluster.id, namespace), places)
    needed = first if places <= first else None

    async def read() -> _Certificates:
        facts = await read_tls_certificates(
            cluster.sender,
            namespace=namespace,
            places=needed,
            deadline=operation.deadline(cluster),
            most=operation.limits.objects,
            charge=operation.memory.charge,
        )
        made = await collected(None if one is None else _certificate(one) for one in facts.values())
        return dict(zip(facts, made, strict=True))

    return await operation.once((cluster.id, "certificates", namespace, needed is None), read)


async def _none_wanted() -> _Wanted:
    return {}


def _place(secret: Row) -> Place:
    return secret.metadata.namespace or "", secret.metadata.name


def _certificate(facts: PublicFacts) -> TlsCertificate:
    return TlsCertificate(
        facts.subject,
        facts.issuer,
        [*facts.dns_names[:MAX_ITEMS]],
        [*facts.ip_addresses[:MAX_ITEMS]],
        facts.serial_number,
        Time(f"{facts.validity.not_before:%Y-%m-%dT%H:%M:%SZ}"),
        Time(f"{facts.validity.not_after:%Y-%m-%dT%H:%M:%SZ}"),
    )
