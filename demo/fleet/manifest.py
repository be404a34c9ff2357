"""Kubernetes objects as plain JSON, with their common fields."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Manifest: TypeAlias = dict[str, object]
"""An object or a field of one, as in JSON."""

Labels: TypeAlias = Mapping[str, str]


def manifest(api_version: str, kind: str, *, metadata: Manifest, **fields: object) -> Manifest:
    """Returns an object without the fields that are None, as an API server omits unset fields."""
    present = {name: value for name, value in fields.items() if value is not None}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **present}


def owner_reference(api_version: str, kind: str, name: str, *, uid: str) -> Manifest:
    """Returns a reference to the controller of an object."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def condition(kind: str, holds: bool | None, at: str, *, reason: str, message: str) -> Manifest:
    """Returns a condition with the usual fields; None means `Unknown`."""
    return {
        "type": kind,
        "status": "Unknown" if holds is None else str(holds),
        "lastTransitionTime": at,
        "reason": reason,
        "message": message,
    }


def environment(values: Sequence[tuple[str, str]]) -> list[Manifest]:
    """Returns environment variables of a container."""
    return [{"name": name, "value": value} for name, value in values]
