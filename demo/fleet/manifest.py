"""Kubernetes objects as the generator writes them: plain JSON, with what all of them have in common."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Manifest: TypeAlias = dict[str, object]
"""An object, or a part of one, as it would stand in JSON."""

Labels: TypeAlias = Mapping[str, str]


def manifest(api_version: str, kind: str, *, metadata: Manifest, **parts: object) -> Manifest:
    """An object; parts that are None are left out, as an API server leaves out what is not set."""
    given = {name: part for name, part in parts.items() if part is not None}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **given}


def owner_reference(api_version: str, kind: str, name: str, *, uid: str) -> Manifest:
    """The owner that controls an object."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def condition(kind: str, holds: bool | None, at: str, *, reason: str, message: str) -> Manifest:
    """A condition as most kinds have it; None is `Unknown`."""
    return {
        "type": kind,
        "status": "Unknown" if holds is None else str(holds),
        "lastTransitionTime": at,
        "reason": reason,
        "message": message,
    }


def environment(values: Sequence[tuple[str, str]]) -> list[Manifest]:
    """Environment variables of a container."""
    return [{"name": name, "value": value} for name, value in values]
