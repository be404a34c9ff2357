"""Members of CertificateSigningRequests beyond their Kubernetes fields."""

from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from typing import Final

from k8s.certificates import CertificateInvalid, validity
from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.leaves import Time
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, add_naming

SIGNING_REQUESTS = Family(kinds.CERTIFICATE_SIGNING_REQUEST)
REQUESTING_NODES = Family(kinds.NODE)
REQUESTING_ACCOUNTS = Family(kinds.SERVICE_ACCOUNT)

_MOST_CHARACTERS: Final = 64 * 1024
_NODE: Final = "system:node:"
_ACCOUNT: Final = "system:serviceaccount:"


@SIGNING_REQUESTS.derived(
    "status.conditions.type",
    "status.certificate",
    description="Its state, as in kubectl's CONDITION column: Denied, else Approved, else Pending; then `,Failed` and "
    "`,Issued` if they hold.",
)
def state(request: Row) -> str:
    """Returns kubectl's CONDITION.

    Source: `extractCSRStatus` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    status = request.status
    types = {one.type for one in items_of(status.conditions if status is not None else None)}
    decision = next((word for word in ("Denied", "Approved") if word in types), "Pending")
    failed = ",Failed" if "Failed" in types else ""
    return f"{decision}{failed}" + (",Issued" if status is not None and status.certificate else "")


@SIGNING_REQUESTS.derived(
    "status.certificate",
    description="The time at which the issued certificate expires; null before it is issued, or if it is unreadable.",
)
def not_after(request: Row) -> Time | None:
    """Returns the end of the validity of the first certificate."""
    encoded = request.status.certificate if request.status is not None else None
    if not encoded or len(encoded) > _MOST_CHARACTERS:
        return None
    try:
        return Time(validity(b64decode(encoded).decode("ascii")).not_after.strftime("%Y-%m-%dT%H:%M:%SZ"))
    except (Error, ValueError, CertificateInvalid):
        return None


def _node(request: Row) -> Iterator[NamedPlace]:
    name = request.spec.username if request.spec is not None else None
    if name and name.startswith(_NODE):
        yield None, name.removeprefix(_NODE)


def _account(request: Row) -> Iterator[NamedPlace]:
    name = request.spec.username if request.spec is not None else None
    if name and name.startswith(_ACCOUNT):
        namespace, _, account = name.removeprefix(_ACCOUNT).partition(":")
        yield namespace, account


_NODES = Naming(kinds.CERTIFICATE_SIGNING_REQUEST, kinds.NODE, ("spec.username",), _node)
_ACCOUNTS = Naming(kinds.CERTIFICATE_SIGNING_REQUEST, kinds.SERVICE_ACCOUNT, ("spec.username",), _account)

add_named(
    SIGNING_REQUESTS,
    _NODES,
    shape=Shape.ONE,
    description="The node whose kubelet made the request; null for other requestors.",
)
add_named(
    SIGNING_REQUESTS,
    _ACCOUNTS,
    shape=Shape.ONE,
    description="The service account that made the request; null for other requestors.",
)
add_naming(REQUESTING_NODES, _NODES, description="The CertificateSigningRequests of its kubelet.")
add_naming(REQUESTING_ACCOUNTS, _ACCOUNTS, description="The CertificateSigningRequests that it made.")
