"""Members of Secrets beyond their Kubernetes fields; none of them reads a value.

Sizes are not among them: the length of a password says something about it.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.kinds.uses.usedby import add_uses
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, namespace_of

SECRETS = Family(kinds.SECRET)

_ACCOUNT_ANNOTATION: Final = "kubernetes.io/service-account.name"
"""Source: `ServiceAccountNameKey` in k8s.io/api/core/v1/types.go."""


def _account(secret: Row) -> Iterator[NamedPlace]:
    name = (secret.metadata.annotations or {}).get(_ACCOUNT_ANNOTATION)
    if name:
        yield namespace_of(secret), name


ACCOUNT_OF_TOKEN = Naming(kinds.SECRET, kinds.SERVICE_ACCOUNT, ("metadata.annotations", "metadata.namespace"), _account)


@SECRETS.derived("data", description="The number of its keys, as in kubectl's DATA column.")
def key_count(secret: Row) -> int:
    """Returns kubectl's DATA.

    Source: `printSecret` in kubernetes/pkg/printers/internalversion/printers.go, v1.37.
    """
    return len(secret.data or ())


@SECRETS.derived("data", description="Its keys, sorted; values are masked.")
def keys(secret: Row) -> list[str]:
    """Returns the keys."""
    return sorted(islice(secret.data or (), MAX_ITEMS))


add_uses(
    SECRETS,
    kinds.SECRET,
    examples="as volumes, in environments, for pulling images, for TLS, by service accounts, by drivers of persistent "
    "volumes and storage classes",
)
add_named(
    SECRETS,
    ACCOUNT_OF_TOKEN,
    shape=Shape.ONE,
    description="The service account whose token it holds; null for other Secrets.",
)
