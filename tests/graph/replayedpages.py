"""Pages of pods and of their linked objects, as `bench.replay` records them from an API server."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from bench.replay import REPLAYED
from k8s.reading.listing import PAGE_OBJECTS
from tests.controlplane.objects import FleetSize, generate


def write_pages(folder: Path, size: FleetSize) -> None:
    """Writes pages of generated objects, each kind in a folder of its own."""
    objects = _with_uids(generate(size))
    for kind in REPLAYED:
        matching = sorted((item for item in objects if item["kind"] == kind.name), key=_order)
        of_kind = folder / kind.plural
        of_kind.mkdir()
        for start in range(0, len(matching), PAGE_OBJECTS):
            items = matching[start : start + PAGE_OBJECTS]
            page = {"kind": f"{kind.name}List", "metadata": {"resourceVersion": "1"}, "items": items}
            (of_kind / f"page-{start:06d}.json").write_bytes(msgspec.json.encode(page))


def _with_uids(objects: Sequence[Any]) -> Sequence[Any]:
    uids: dict[tuple[str, str, str], str] = {}
    for number, item in enumerate(objects):
        metadata = item["metadata"]
        namespace = metadata.get("namespace", "")
        metadata["uid"] = uids[item["kind"], namespace, metadata["name"]] = str(UUID(int=number))
        for owner in metadata.get("ownerReferences", ()):
            owner["uid"] = uids[owner["kind"], namespace, owner["name"]]
    return objects


def _order(item: Any) -> tuple[str, str]:
    return (f"{item['metadata'].get('namespace', '')}/", item["metadata"]["name"])
