"""The table of kinds is equal to the aggregated discovery of a real API server."""

import re

import msgspec
import pytest

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from tests.truth.conftest import Truth

pytestmark = pytest.mark.controlplane

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_CUSTOM = "example.com"
"""The suffix of the groups of custom resources in this package's manifests."""
_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_STABILITY = {None: 2, "beta": 1, "alpha": 0}


class _ResponseKind(msgspec.Struct):
    kind: str


class _Resource(msgspec.Struct, rename="camel"):
    resource: str
    response_kind: _ResponseKind
    scope: str
    verbs: list[str]


class _Version(msgspec.Struct):
    version: str
    resources: list[_Resource] = []


class _Metadata(msgspec.Struct):
    name: str = ""


class _Group(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    versions: list[_Version] = []


class _Groups(msgspec.Struct):
    items: list[_Group]


async def test_built_in_is_what_the_server_lists_each_in_its_most_stable_version(truth: Truth) -> None:
    served = [kind for path in ("/api", "/apis") for kind in await _served(truth, path)]

    most_stable: dict[tuple[str, str], Kind] = {}
    for kind in sorted(served, key=_stability):
        most_stable[kind.group, kind.plural] = kind
    assert set(BUILT_IN) == set(most_stable.values())
    assert len(BUILT_IN) == len(set(BUILT_IN))


async def _served(truth: Truth, path: str) -> list[Kind]:
    groups = msgspec.json.decode(await truth.get(path, _AGGREGATED), type=_Groups).items
    return [
        Kind(
            group.metadata.name,
            version.version,
            item.response_kind.kind,
            item.resource,
            namespaced=item.scope != "Cluster",
        )
        for group in groups
        for version in group.versions
        for item in version.resources
        if "list" in item.verbs and not group.metadata.name.endswith(_CUSTOM)
    ]


def _stability(kind: Kind) -> tuple[int, int, int]:
    """Returns Kubernetes' version priority: stable before beta before alpha, newer ones first."""
    match = _VERSION.fullmatch(kind.version)
    assert match is not None, kind.version
    return _STABILITY[match[2]], int(match[1]), int(match[3] or 0)
