"""The paths that the operator masks, as the environments of containers need them."""

from collections.abc import Iterable
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.masking.masking import Masking
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.container import of_specs
from resolvers.kinds.environment.podfields import POD_FIELDS
from resolvers.kinds.environment.servicevariables import SERVICE_READS
from resolvers.kinds.environment.variables import EnvironmentSource, EnvironmentSourceKind, Value

MASKED_SERVICES: Final = "services"
"""Stands for the paths that the variables of Services are made of."""
MASKED_TEXTS: Final = ("env.value", "env.valueFrom")
"""The paths of which an entry of `env` has one, unless it is empty."""
_OBJECTS: Final = {
    "configMapKeyRef": EnvironmentSourceKind.ConfigMap,
    "secretKeyRef": EnvironmentSourceKind.Secret,
}
_REFERENCES: Final = ("fieldRef", "resourceFieldRef", *_OBJECTS, "fileKeyRef")
_AMOUNTS: Final = "env.valueFrom.resourceFieldRef"
_SOURCES: Final = {
    EnvironmentSourceKind.ConfigMap: "envFrom.configMapRef",
    EnvironmentSourceKind.Secret: "envFrom.secretRef",
}
_PREFIX: Final = "envFrom.prefix"


def masked_paths(masking: Masking) -> frozenset[str] | None:
    """Returns the masked paths; None if no variable may be shown, because the lists or their names are masked.

    They are those of `POD_FIELDS` and of `MASKED_TEXTS` of which no value may be shown, the references and the prefix
    of which a part is masked, and `MASKED_SERVICES`.
    """

    def are_masked(paths: Iterable[str]) -> bool:
        return any(masking.is_masked(kinds.POD, path.split(".")) for path in paths)

    def have_masked(paths: Iterable[str]) -> bool:
        return any(masking.has_masked(kinds.POD, path.split(".")) for path in paths)

    if are_masked(of_specs("env", "env.name", "envFrom")):
        return None
    masked = {path.removesuffix(".ip") for path in POD_FIELDS if are_masked((path,))}
    masked |= {path for path in MASKED_TEXTS if are_masked(of_specs(path))}
    references = (*(f"env.valueFrom.{one}" for one in _REFERENCES), *_SOURCES.values(), _PREFIX)
    masked |= {path for path in references if have_masked(of_specs(path))}
    if have_masked((*of_specs("resources"), "spec.resources")):
        masked.add(_AMOUNTS)
    services = any(masking.has_masked(kinds.SERVICE, path.split(".")) for path in SERVICE_READS)
    if services or are_masked(("spec.enableServiceLinks",)):
        masked.add(MASKED_SERVICES)
    return frozenset(masked)


def masked_reference(source: Row, masked: frozenset[str]) -> Value | None:
    """Returns the masked value of a `valueFrom`, with its source if that is known; None if it is not masked."""
    if not masked:
        return None
    for name in _REFERENCES:
        reference = getattr(source, name)
        if reference is not None:
            kind = _OBJECTS.get(name)
            return (
                _value(kind, reference, reference.key if kind else None) if f"env.valueFrom.{name}" in masked else None
            )
    return Value(None) if any(f"env.valueFrom.{name}" in masked for name in _REFERENCES) else None


def masked_source(kind: EnvironmentSourceKind, reference: Row | None, masked: frozenset[str]) -> Value | None:
    """Returns the masked value of all variables of an `envFrom`; None if it is not masked.

    Args:
        kind: the kind of the reference.
        reference: the reference; None if the entry has none, or if it is masked.
        masked: the masked paths.
    """
    if reference is None:
        return None if masked.isdisjoint(_SOURCES.values()) else Value(None)
    return _value(kind, reference, None) if _SOURCES[kind] in masked or _PREFIX in masked else None


def _value(kind: EnvironmentSourceKind | None, reference: Row, key: str | None) -> Value:
    return Value(None, EnvironmentSource(kind, reference.name, key) if kind is not None and reference.name else None)
