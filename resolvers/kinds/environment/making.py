"""The variables of one container, made as the kubelet makes them: `envFrom`, then `env`, each over what was before.

A kubelet stops at the first error and does not start the container. Here the variable has the error, and the others are
made as if there were none.

Source: `makeEnvironmentVariables` of pkg/kubelet. It adds the variables of Services behind all others; here only
references can have their values.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.environment.containerresources import container_resource
from resolvers.kinds.environment.expansion import expanded
from resolvers.kinds.environment.objects import Data, EnvironmentObjects
from resolvers.kinds.environment.podfields import pod_field
from resolvers.kinds.environment.servicevariables import may_be_of_service
from resolvers.kinds.environment.variables import (
    EMPTY,
    EnvironmentSource,
    EnvironmentSourceKind,
    EnvironmentVariable,
    Value,
    refused,
)
from resolvers.messages.translation import localize

VARIABLE_READS: Final = (
    "env.name",
    "env.value",
    *(f"env.valueFrom.fieldRef.{key}" for key in ("apiVersion", "fieldPath")),
    *(f"env.valueFrom.resourceFieldRef.{key}" for key in ("containerName", "divisor", "resource")),
    *(f"env.valueFrom.{kind}KeyRef.{key}" for kind in ("configMap", "secret") for key in ("name", "key", "optional")),
    *(f"env.valueFrom.fileKeyRef.{key}" for key in ("key", "path", "volumeName")),
    "envFrom.prefix",
    *(f"envFrom.{kind}Ref.{key}" for kind in ("configMap", "secret") for key in ("name", "optional")),
)
"""The paths of a container that its variables are declared at."""

_AT_ONCE: Final = 64
"""Variables that are made in one step."""

MASKED_TEXT: Final = "env"
MASKED_AMOUNT: Final = "resources"

CONFIG_MAP: Final = EnvironmentSourceKind.ConfigMap
SECRET: Final = EnvironmentSourceKind.Secret


@dataclass(slots=True)
class EnvironmentMaker:
    """The environment of one container while it is made.

    Attributes:
        pod: the pod, with its fields that variables can have.
        container: the container's entry in the pod's spec.
        objects: the objects of its cluster.
        masked: paths of pods of which no value may be shown; `MASKED_TEXT` if those of variables themselves may not,
            and `MASKED_AMOUNT` if those of resources may not.
        charge: counts characters of new values; raises if they are too many.
    """

    pod: Row
    container: Row
    objects: EnvironmentObjects
    masked: frozenset[str]
    charge: Callable[[int], None]
    _values: dict[str, Value] = field(default_factory=dict)
    _unknown: list[tuple[str, Value]] = field(default_factory=list)

    def made(self) -> Generator[None, None, list[EnvironmentVariable]]:
        """Yields between steps; returns the variables: those of unreadable objects, of `envFrom`, and of `env`."""
        for source in self.container.envFrom or ():
            yield from self._from(source)
        own = self.container.env or ()
        for place, variable in enumerate(own):
            self._set(variable)
            if place % _AT_ONCE == 0:
                yield
        return [
            EnvironmentVariable(name, text, source, localize(error) if error is not None else None)
            for name, (text, source, error, _) in (
                *((None, value) for _, value in self._unknown),
                *self._values.items(),
            )
        ]

    def _from(self, entry: Row) -> Generator[None, None, None]:
        reference, kind = entry.configMapRef, CONFIG_MAP
        if reference is None:
            reference, kind = entry.secretRef, SECRET
        if reference is None:
            return
        prefix, name = entry.prefix or "", reference.name or ""
        data = self._data(kind, name)
        if data is None and reference.optional:
            return
        if data is None or isinstance(data, str):
            source = EnvironmentSource(kind, name, None)
            value = Value(None, source, data) if data is not None else refused(source, _not_found(kind, name))
            self._unknown.append((prefix, value))
            return
        for place, key in enumerate(sorted(data)):
            self._put(prefix + key, self._of_data(kind, name, key, data))
            if place % _AT_ONCE == 0:
                yield

    def _set(self, variable: Row) -> None:
        value = self._value(variable)
        if value is not None:
            self._put(variable.name or "", value)

    def _put(self, name: str, value: Value) -> None:
        """Puts a variable over one of the same name, unless the kubelet stops there."""
        before = self._values.pop(name, None)
        self._values[name] = before if before is not None and before.is_fatal else value

    def _value(self, variable: Row) -> Value | None:
        """Returns the value of an entry of `env`; None if it is optional and not there."""
        if variable.value:
            value = expanded(variable.value, self._referenced)
            if value.text is not None and value.text is not variable.value:
                self.charge(len(value.text))
            return value
        source = variable.valueFrom
        if source is None:
            return Value(None) if MASKED_TEXT in self.masked else EMPTY
        if source.fieldRef is not None:
            return pod_field(self.pod, source.fieldRef, masked=self.masked)
        if source.resourceFieldRef is not None and MASKED_AMOUNT in self.masked:
            return Value(None)
        if source.resourceFieldRef is not None:
            return container_resource(
                self.pod,
                self.container,
                source.resourceFieldRef,
                allocatable=self.objects.allocatable_of,
            )
        if source.configMapKeyRef is not None:
            return self._of_key(CONFIG_MAP, source.configMapKeyRef)
        if source.secretKeyRef is not None:
            return self._of_key(SECRET, source.secretKeyRef)
        return _of_file(source.fileKeyRef) if source.fileKeyRef is not None else EMPTY

    def _of_key(self, kind: EnvironmentSourceKind, reference: Row) -> Value | None:
        name, key = reference.name or "", reference.key or ""
        data = self._data(kind, name)
        if isinstance(data, str):
            return Value(None, EnvironmentSource(kind, name, key), data)
        if data is not None and key in data:
            return self._of_data(kind, name, key, data)
        if reference.optional:
            return None
        namespace = self.pod.metadata.namespace or ""
        error = _not_found(kind, name) if data is None else f"couldn't find key {key} in {kind} {namespace}/{name}"
        return refused(EnvironmentSource(kind, name, key), error)

    def _data(self, kind: EnvironmentSourceKind, name: str) -> Data:
        objects = self.objects.config_maps if kind is CONFIG_MAP else self.objects.secrets
        return objects.get((self.pod.metadata.namespace or "", name))

    def _of_data(self, kind: EnvironmentSourceKind, name: str, key: str, data: Mapping[str, str | None]) -> Value:
        """Returns the value of a key that is there; that of a Secret is masked, whatever was read of it."""
        return Value(data[key] if kind is CONFIG_MAP else None, EnvironmentSource(kind, name, key))

    def _referenced(self, name: str) -> Value | None:
        """Returns the value to which `$(NAME)` leads; None if there is no such variable yet."""
        known = self._values.get(name)
        if known is not None:
            return known
        for prefix, value in self._unknown:
            if name.startswith(prefix):
                return value
        return self._of_service(name) if may_be_of_service(name) else None

    def _of_service(self, name: str) -> Value | None:
        spec = self.pod.spec
        has_links = spec is not None and spec.enableServiceLinks is not False
        for namespace in (self.pod.metadata.namespace or "", None) if has_links else (None,):
            variables = self.objects.services_of(namespace)
            if isinstance(variables, str):
                return Value(None, None, variables)
            if name in variables:
                return Value(variables[name])
        return None


def _not_found(kind: EnvironmentSourceKind, name: str) -> str:
    """Returns the kubelet's words for an object that is not there."""
    return f'{kind.lower()} "{name}" not found'


def _of_file(reference: Row) -> Value:
    path, key = reference.path or "", reference.key or ""
    source = EnvironmentSource(EnvironmentSourceKind.Volume, reference.volumeName or "", f"{path}:{key}")
    return Value(None, source, "It is in a file of the volume, which only the kubelet reads.")
