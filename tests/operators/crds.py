"""The CRDs of an operator, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipFile

import msgspec
import yaml

from tests.controlplane.cache import cache_directory
from tests.controlplane.json_object import JsonObject
from tests.controlplane.unavailable import ControlPlaneUnavailable
from tests.operators.modules import module_archive
from tests.operators.operator import Operator

_KIND = b"kind: CustomResourceDefinition"


class _Loader(yaml.CSafeLoader):
    """A loader that reads `=` as text, as Kubernetes does; to YAML 1.1 it is a value of its own."""


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:value", _text)


@cache
def crds(operator: Operator) -> tuple[JsonObject, ...]:
    """Returns all CRDs of an operator, by name; do not change them.

    Reading megabytes of YAML takes seconds, so they are kept as JSON in the cache of the control planes.

    Raises:
        ControlPlaneUnavailable: The module of the operator cannot be had.
    """
    path = _cached(operator)
    if not path.exists():
        _write(path, _read(operator))
    return tuple(msgspec.json.decode(path.read_bytes(), type=list[dict[str, Any]]))


def crd(operator: Operator, name: str) -> JsonObject:
    """Returns the CRD of a name such as `applications.argoproj.io`; raises KeyError without one."""
    return {crd_name(one): one for one in crds(operator)}[name]


def crd_name(one: JsonObject) -> str:
    """Returns the name of a CRD: its plural and its group."""
    metadata = one["metadata"]
    assert isinstance(metadata, dict)
    return str(metadata["name"])


def _cached(operator: Operator) -> Path:
    """Returns the file of exactly this module and these folders."""
    key = sha256(msgspec.json.encode(operator)).hexdigest()[:12]
    return cache_directory() / "operators" / f"{operator.name}-{operator.version}-{key}.json"


def _read(operator: Operator) -> list[JsonObject]:
    with module_archive(operator) as archive:
        found = {crd_name(one): one for one in _documents(archive, operator)}
    if not found:
        raise ControlPlaneUnavailable(f"{operator.module}@{operator.version} has no CRD in {operator.folders}")
    return [found[name] for name in sorted(found)]


def _documents(archive: ZipFile, operator: Operator) -> Iterator[JsonObject]:
    root = PurePosixPath(f"{operator.module}@{operator.version}")
    folders = {str(root / folder) for folder in operator.folders}
    for name in archive.namelist():
        path = PurePosixPath(name)
        if str(path.parent) not in folders or path.suffix not in {".yaml", ".yml"}:
            continue
        text = archive.read(name)
        if _KIND in text:
            documents = yaml.load_all(text, Loader=_Loader)
            yield from (one for one in documents if one and one.get("kind") == "CustomResourceDefinition")


def _write(path: Path, found: list[JsonObject]) -> None:
    """Writes beside the path and renames, so that another worker never reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{id(found)}.unfinished")
    unfinished.write_bytes(msgspec.json.encode(found))
    unfinished.replace(path)
