"""Members of ClusterTrustBundles beyond their Kubernetes fields: the certificates of authorities in them."""

from collections.abc import Generator
from typing import Annotated

from msgspec import Meta, Struct

from k8s.certificates import CertificateInvalid, PublicFacts, certificate_blocks, public_facts
from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Time
from resolvers.links.members import Family

TRUST_BUNDLES = Family(kinds.CLUSTER_TRUST_BUNDLE)

_READS = ("spec.trustBundle",)


class TrustedCertificate(Struct, frozen=True):
    """The certificate of an authority that is trusted."""

    subject: Annotated[str, Meta(description="Its distinguished name, such as `CN=Shop CA`.")]
    issuer: Annotated[str, Meta(description="The distinguished name of its issuer; of a root its own.")]
    serialNumber: Annotated[str, Meta(description="Its serial number in hexadecimal digits.")]  # noqa: N815  GraphQL
    notBefore: Annotated[Time, Meta(description="The beginning of its validity.")]  # noqa: N815  GraphQL
    notAfter: Annotated[Time, Meta(description="The end of its validity.")]  # noqa: N815  GraphQL


@TRUST_BUNDLES.derived(*_READS, description="The number of its certificates; null for a bundle of more than 256 KiB.")
def certificate_count(bundle: Row) -> int | None:
    """Returns the number of PEM blocks."""
    blocks = _blocks(bundle)
    return None if blocks is None else len(blocks)


@TRUST_BUNDLES.derived(
    *_READS,
    description="Its certificates, in its order; those that cannot be read are left out. Null for a bundle of more "
    "than 256 KiB.",
    returns=list[TrustedCertificate] | None,
)
def certificates(bundle: Row) -> Generator[None, None, list[TrustedCertificate] | None]:
    """Reads the certificates; yields after each."""
    facts = yield from _facts(bundle)
    return None if facts is None else [_certificate(one) for one in facts]


@TRUST_BUNDLES.derived(
    *_READS,
    description="The time at which the first of its certificates expires; null if none can be read. Bundles whose "
    'certificates expire soon: `where: [{path: "notAfter", op: LT, value: "now+30d"}]`.',
    returns=Time | None,
)
def not_after(bundle: Row) -> Generator[None, None, Time | None]:
    """Reads the certificates; yields after each."""
    facts = yield from _facts(bundle)
    ends = [one.validity.not_after for one in facts or ()]
    return Time(f"{min(ends):%Y-%m-%dT%H:%M:%SZ}") if ends else None


def _blocks(bundle: Row) -> list[str] | None:
    """Returns the PEM blocks; None for a bundle that is too long to be read."""
    try:
        return certificate_blocks((bundle.spec.trustBundle or "") if bundle.spec is not None else "")
    except CertificateInvalid:
        return None


def _facts(bundle: Row) -> Generator[None, None, list[PublicFacts] | None]:
    blocks, facts = _blocks(bundle), list[PublicFacts]()
    if blocks is None:
        return None
    for block in blocks:
        try:
            facts.append(public_facts(block))
        except CertificateInvalid:
            continue
        yield
    return facts


def _certificate(facts: PublicFacts) -> TrustedCertificate:
    return TrustedCertificate(
        facts.subject,
        facts.issuer,
        facts.serial_number,
        Time(f"{facts.validity.not_before:%Y-%m-%dT%H:%M:%SZ}"),
        Time(f"{facts.validity.not_after:%Y-%m-%dT%H:%M:%SZ}"),
    )
