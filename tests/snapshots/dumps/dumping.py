"""Dumps for tests."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.reading import opened_dump

Files = Mapping[str, str | bytes]

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, resourceVersion: "7"}
spec: {nodeName: n1}
"""
NODE = """\
{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "status": {"nodeInfo": {"kubeletVersion": "v1.31.2"}}}
"""


class Read:
    """The content of a dump, as plain values."""

    def __init__(self, path: Path, limits: DumpLimits | None = None) -> None:
        with opened_dump(path, limits) as dump:
            self.version = dump.version
            self.taken_at = dump.taken_at
            self.resource_version = dump.resource_version
            self.tally = dump.tally
            self.kinds = dump.kinds
            self.broken = [str(item) for item in dump.tally.broken]
            self.objects: dict[str, list[Any]] = {  # JSON of any shape
                str(dumped.kind): [json.loads(body) for body in dump.bodies(dumped.kind)] for dumped in dump.kinds
            }

    @property
    def names(self) -> dict[str, list[str]]:
        """Returns the names of the objects by kind, in order."""
        return {kind: [item["metadata"]["name"] for item in items] for kind, items in self.objects.items()}


def folder(root: Path, files: Files) -> Path:
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_bytes(content))
    return root


def tar(path: Path, files: Files, *, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # the mode is one of tarfile's
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(_bytes(content))
            member.mtime = 1_700_000_000
            archive.addfile(member, io.BytesIO(_bytes(content)))
    return path


def zipped(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, _bytes(content))
    return path


def gzipped(path: Path, content: str | bytes) -> Path:
    path.write_bytes(gzip.compress(_bytes(content)))
    return path


def pod(name: str, namespace: str = "shop", **metadata: object) -> dict[str, Any]:
    """Returns a pod as JSON."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, **metadata}}


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
