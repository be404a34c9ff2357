"""Links of IP addresses, which are reserved for services."""

from collections.abc import Iterator
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.service import SERVICES
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, add_naming

IP_ADDRESSES = Family(kinds.IP_ADDRESS)

_SERVICES: Final = ("", "services")


@IP_ADDRESSES.derived(
    *(f"spec.parentRef.{key}" for key in ("group", "resource", "namespace", "name")),
    description="The object that it is reserved for, as in kubectl's PARENTREF column: `services/shop/web`; null if it "
    "names none.",
)
def parent_text(address: Row) -> str | None:
    """Returns kubectl's PARENTREF.

    Source: `printIPAddress` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
    """
    parent = address.spec.parentRef if address.spec else None
    if parent is None:
        return None
    resource = ".".join(filter(None, (parent.resource or "", parent.group))).lower()
    return "/".join((resource, *filter(None, (parent.namespace,)), parent.name or ""))


def _places(address: Row) -> Iterator[NamedPlace]:
    parent = address.spec.parentRef if address.spec else None
    if parent is not None and (parent.group or "", parent.resource) == _SERVICES:
        yield parent.namespace, parent.name


ADDRESS_SERVICE = Naming(
    kinds.IP_ADDRESS,
    kinds.SERVICE,
    tuple(f"spec.parentRef.{key}" for key in ("group", "resource", "namespace", "name")),
    _places,
)

add_named(
    IP_ADDRESSES,
    ADDRESS_SERVICE,
    shape=Shape.ONE,
    description="The service that it is reserved for; null if that is gone.",
)
add_naming(SERVICES, ADDRESS_SERVICE, description="The addresses that are reserved for it inside the cluster.")
