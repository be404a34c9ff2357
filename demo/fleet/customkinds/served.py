"""The custom kinds that each cluster serves: not all clusters have the same operators, or the same releases."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from demo.fleet.company.profile import Distribution, Profile
from demo.fleet.customkinds.argocd import APP_PROJECT, APPLICATION
from demo.fleet.customkinds.certmanager import CERTIFICATE, CERTIFICATE_REQUEST, CLUSTER_ISSUER
from demo.fleet.customkinds.customkind import CustomKind
from demo.fleet.customkinds.gatewayapi import GATEWAY, HTTP_ROUTE, older
from demo.fleet.customkinds.k3s import HELM_CHART
from demo.fleet.machines.site import Site
from demo.fleet.manifest import Manifest
from demo.fleet.moment import DAY_S, stamp

_EVERYWHERE: Final = (APPLICATION, APP_PROJECT, CERTIFICATE, CERTIFICATE_REQUEST, CLUSTER_ISSUER)
_GATEWAY_API: Final = (GATEWAY, HTTP_ROUTE)
_OLDER_GATEWAY_API: Final = tuple(map(older, _GATEWAY_API))
_WITH_OLDER: Final = "prod-ap-1"
"""The cluster whose Gateway API is an older release."""

ALL: Final = (*_EVERYWHERE, *_GATEWAY_API, *_OLDER_GATEWAY_API, HELM_CHART)


@cache
def served_by(profile: Profile) -> tuple[CustomKind, ...]:
    """Returns the custom kinds of a cluster."""
    if profile.distribution is Distribution.K3S:
        return (*_EVERYWHERE, HELM_CHART)
    return (*_EVERYWHERE, *(_OLDER_GATEWAY_API if profile.name == _WITH_OLDER else _GATEWAY_API))


def definitions(site: Site) -> Iterator[Manifest]:
    """Yields the definitions of a cluster's custom kinds."""
    at = stamp(site.created_s + DAY_S)
    for kind in served_by(site.profile):
        yield kind.definition(site.uid("CustomResourceDefinition", "", kind.name), at)
