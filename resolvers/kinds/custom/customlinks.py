"""The links between custom kinds of all operators, and the members that they give to the types of one schema."""

from collections.abc import Mapping
from typing import Final

from resolvers.kinds.custom.certmanager import CERT_MANAGER
from resolvers.kinds.custom.clusterapi import CLUSTER_API
from resolvers.kinds.custom.crossplane import CROSSPLANE
from resolvers.kinds.custom.customlink import CustomLink
from resolvers.kinds.custom.gatewayapi import GATEWAY_API, MULTI_CLUSTER
from resolvers.kinds.custom.gitops import GITOPS
from resolvers.kinds.custom.workloads import WORKLOADS
from resolvers.links.members import Family
from resolvers.names import type_name
from resolvers.typedkinds import TypedKinds

CUSTOM_LINKS: Final[tuple[CustomLink, ...]] = (
    *GATEWAY_API,
    *MULTI_CLUSTER,
    *CERT_MANAGER,
    *CLUSTER_API,
    *GITOPS,
    *WORKLOADS,
    *CROSSPLANE,
)
"""The entries of all operators, in the order of the documents; a new link between custom kinds is an entry."""


def custom_links(kinds: TypedKinds) -> Mapping[str, Family]:
    """Returns the links of the kinds that have types in a schema, by the names of these types.

    A link is there if both of its kinds have a type, and the first one the path.
    """
    families: dict[str, Family] = {}
    for link in CUSTOM_LINKS:
        of, to = kinds.find(*link.of), kinds.find(*link.to)
        if of is None or to is None:
            continue
        starts, ends = (families.setdefault(type_name(kind), Family(kind)) for kind in (of, to))
        link.add_to(starts, ends, kinds.structures)
    return {name: family for name, family in families.items() if family.members}
