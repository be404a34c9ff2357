"""Every name that an API server accepts for a kind can be queried, but for control characters and very long names."""

import asyncio
from collections.abc import Mapping

import pytest

from k8s.kinds.builtin import BUILT_IN, COMPONENT_STATUS
from k8s.kinds.kind import Kind
from k8s.transport.path import PathInvalid, object_path
from tests.controlplane.json_object import JsonObject
from tests.truth.conftest import Truth
from tests.truth.manifests import NAMESPACE, manifests
from tests.truth.writing import kind_of, list_path

pytestmark = pytest.mark.controlplane

_NAMES = (
    *("A", "a_b", "a:b:c", "a@b+c~d", "-a", "a.", "a" * 253, "example.com:signer:a"),
    *("a b", "é", "*", "a,b", "a?b", "a#b", "a;b", "a\\b", "a|b", "...", " ", "\u2024", "a" * 254, "é" * 1024),
)
_WRITTEN = [pytest.param(kind, id=str(kind)) for kind in BUILT_IN if kind != COMPONENT_STATUS]


@pytest.fixture(scope="module")
def items() -> Mapping[Kind, JsonObject]:
    """Returns one of the manifests' objects for each kind."""
    return {kind_of(manifest.item): manifest.item for manifest in reversed(list(manifests()))}


@pytest.mark.parametrize("kind", _WRITTEN)
async def test_every_name_that_the_server_takes_has_a_path(
    filled: Truth, items: Mapping[Kind, JsonObject], kind: Kind
) -> None:
    item = items[kind]

    taken = await asyncio.gather(*(_is_taken(filled, kind, item, name=name) for name in _NAMES))

    assert [name for name, is_taken in zip(_NAMES, taken, strict=True) if is_taken and not _has_path(kind, name)] == []


async def _is_taken(truth: Truth, kind: Kind, item: JsonObject, *, name: str) -> bool:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)
    named = {**item, "metadata": {**metadata, "name": name}}
    async with truth.session.post(f"{list_path(kind, item)}?dryRun=All", json=named) as response:
        return response.ok


def _has_path(kind: Kind, name: str) -> bool:
    try:
        object_path(kind, NAMESPACE if kind.namespaced else None, name)
    except PathInvalid:
        return False
    return True
