"""The variables of one container, made as the kubelet makes them: `envFrom`, then `env`, each over what was before.

A kubelet stops at the first error and does not start the container. Here the variable has the error, and the others are
made as if there were none.

Source: `makeEnvironmentVariables` of pkg/kubelet. It adds the variables of Services behind all others; here only
references can have their values.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.environment.containerresources import container_resource
from resolvers.kinds.environment.expansion import expanded
from resolvers.kinds.environment.masks import MASKED_SERVICES, MASKED_TEXTS, masked_reference, masked_source
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

CONFIG_MAP: Final = EnvironmentSourceKind.ConfigMap
SECRET: Final = EnvironmentSourceKind.Secret


@dataclass(slots=True)
class EnvironmentMaker:
    """The environment of one container while it is made.

    Attributes:
        pod: the pod, with its fields that variables can have.
        container: the container's entry in the pod's spec.
        objects: the objects of its cluster.
        masked: the masked paths that `masks.masked_paths` returns.
        charge: counts characters of new values; raises if they are too many.
    """

    pod: Row
    container: Row
    objects: EnvironmentObjects
    masked: frozenset[str]
    charge: Callable[[int], None]
    _values: dict[str, Value] = field(default_factory=dict)
    _unread: list[Value] = field(default_factory=list)
    _unknown: dict[str, Value] = field(default_factory=dict)
    _lengths: Sequence[int] = ()
    _fields: dict[tuple[str | None, str | None], Value] = field(default_factory=dict)

    def made(self) -> Generator[None, None, list[EnvironmentVariable]]:
        """Yields between steps; returns the variables: those of unreadable objects, of `envFrom`, and of `env`."""
        for place, source in enumerate(self.container.envFrom or ()):
            yield from self._from(source)
            if place % _AT_ONCE == 0:
                yield
        self._lengths = sorted({*map(len, self._unknown)})
        own = self.container.env or ()
        for place, variable in enumerate(own):
            yield from self._set(variable)
            if place % _AT_ONCE == 0:
                yield
        variables, unread = list[EnvironmentVariable](), ((None, value) for value in self._unread)
        for place, (name, (text, source, error, _)) in enumerate(chain(unread, self._values.items())):
            variables.append(EnvironmentVariable(name, text, source, localize(error) if error is not None else None))
            if place % _AT_ONCE == 0:
                yield
        return variables

    def _from(self, entry: Row) -> Generator[None, None, None]:
        reference, kind = entry.configMapRef, CONFIG_MAP
        if reference is None:
            reference, kind = entry.secretRef, SECRET
        masked = masked_source(kind, reference, self.masked)
        if masked is not None:
            self._put_unknown(entry.prefix or "", masked)
            return
        if reference is None:
            return
        prefix, name = entry.prefix or "", reference.name or ""
        data = self._data(kind, name)
        if data is None and reference.optional:
            return
        if data is None or isinstance(data, str):
            source = EnvironmentSource(kind, name, None)
            value = Value(None, source, data) if data is not None else refused(source, _not_found(kind, name))
            self._put_unknown(prefix, value)
            return
        for place, key in enumerate(sorted(data)):
            self._put(prefix + key, self._of_data(kind, name, key, data))
            if place % _AT_ONCE == 0:
                yield

    def _put_unknown(self, prefix: str, value: Value) -> None:
        """Puts a value for all variables of an `envFrom`; the first one of a prefix is that of references."""
        self._unread.append(value)
        self._unknown.setdefault(prefix, value)

    def _set(self, variable: Row) -> Generator[None, None, None]:
        value = self._value(variable) if not variable.value else (yield from self._text(variable.value))
        if value is not None:
            self._put(variable.name or "", value)

    def _put(self, name: str, value: Value) -> None:
        """Puts a variable over one of the same name, unless the kubelet stops there."""
        before = self._values.pop(name, None)
        self._values[name] = before if before is not None and before.is_fatal else value

    def _text(self, text: str) -> Generator[None, None, Value]:
        """Returns the value of an entry of `env` that has one itself."""
        value = yield from expanded(text, self._referenced)
        if value.text is not None and value.text is not text:
            self.charge(len(value.text))
        return value

    def _field(self, reference: Row) -> Value:
        """Returns the value of a field of the pod; makes each once, because a text of all annotations is long."""
        key = reference.apiVersion, reference.fieldPath
        value = self._fields.get(key)
        if value is None:
            value = self._fields[key] = pod_field(self.pod, reference, masked=self.masked)
            self.charge(len(value.text or ""))
        return value

    def _value(self, variable: Row) -> Value | None:
        """Returns the value of an entry of `env` without a text of its own; None if it is optional and not there."""
        source = variable.valueFrom
        if source is None:
            return Value(None) if not self.masked.isdisjoint(MASKED_TEXTS) else EMPTY
        masked = masked_reference(source, self.masked)
        if masked is not None:
            return masked
        if source.fieldRef is not None:
            return self._field(source.fieldRef)
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
        for length in self._lengths:
            if length > len(name):
                break
            value = self._unknown.get(name[:length])
            if value is not None:
                return value
        return self._of_service(name) if may_be_of_service(name) else None

    def _of_service(self, name: str) -> Value | None:
        if MASKED_SERVICES in self.masked:
            return Value(None)
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
