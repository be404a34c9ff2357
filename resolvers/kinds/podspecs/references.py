"""The config maps, secrets, claims and service account that the spec of a pod names, and the way of each use.

The spec is that of a pod or of a template. The uses are in the order of its JSON, with duplicates; `*_names` are names
without duplicates. All containers count: init containers, sidecars among them; app containers; ephemeral ones. The
`*_reads` are the paths that the functions read, below the path of the spec: `spec` of a pod, `spec.template.spec` of a
deployment.

Source: `VisitPodConfigmapNames`, `VisitPodSecretNames` in kubernetes/pkg/api/v1/pod/util.go, v1.37.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.kinds.podspecs.uses import Use, WayOfUse

DEFAULT_ACCOUNT: Final = "default"
"""The service account of pods that name none. Source: the admission plugin ServiceAccount."""

_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
_SECRET_REFERENCES: Final = {
    "azureFile": "secretName",
    "cephfs": "secretRef",
    "cinder": "secretRef",
    "csi": "nodePublishSecretRef",
    "flexVolume": "secretRef",
    "iscsi": "secretRef",
    "rbd": "secretRef",
    "scaleIO": "secretRef",
    "storageos": "secretRef",
}
"""Volumes whose drivers need a secret, with the field that names it or refers to it."""
_DRIVERS: Final = attrgetter(*_SECRET_REFERENCES)
_NO_DRIVERS: Final = (None,) * len(_SECRET_REFERENCES)
_Field = Callable[[Row], Any]
_CONFIG_MAP: Final[_Field] = attrgetter("configMapRef")
_CONFIG_MAP_KEY: Final[_Field] = attrgetter("configMapKeyRef")
_SECRET: Final[_Field] = attrgetter("secretRef")
_SECRET_KEY: Final[_Field] = attrgetter("secretKeyRef")


def config_map_reads(spec: str = "spec") -> tuple[str, ...]:
    """Returns the paths that the functions for config maps read."""
    sources = ("volumes.configMap", "volumes.projected.sources.configMap")
    paths = ("volumes.name", *_with_optional(*sources), *_environment_paths("configMap"))
    return tuple(f"{spec}.{path}" for path in paths)


def secret_reads(spec: str = "spec") -> tuple[str, ...]:
    """Returns the paths that the functions for secrets read."""
    drivers = _SECRET_REFERENCES.items()
    paths = (
        "imagePullSecrets.name",
        "volumes.name",
        "volumes.secret.secretName",
        "volumes.secret.optional",
        *_with_optional("volumes.projected.sources.secret"),
        *(f"volumes.{driver}.{field}" + (".name" if field != "secretName" else "") for driver, field in drivers),
        *_environment_paths("secret"),
    )
    return tuple(f"{spec}.{path}" for path in paths)


def claim_reads(spec: str = "spec") -> tuple[str, ...]:
    """Returns the paths that the functions for claims read; for claims made for pods, `metadata.name` as well."""
    made = "volumes.ephemeral.volumeClaimTemplate.metadata.name"
    return tuple(f"{spec}.{path}" for path in ("volumes.name", "volumes.persistentVolumeClaim.claimName", made))


def service_account_reads(spec: str = "spec") -> tuple[str, ...]:
    """Returns the paths that `service_account_uses` reads."""
    return f"{spec}.serviceAccountName", f"{spec}.serviceAccount"


def config_map_names(spec: Row | None) -> list[str]:
    """Returns the config maps of volumes, of environments, and of all their variables."""
    return _names(config_map_uses(spec))


def secret_names(spec: Row | None) -> list[str]:
    """Returns the secrets for pulling images, of volumes of any type, of environments, and of all their variables."""
    return _names(secret_uses(spec))


def claim_names(spec: Row | None, pod_name: str | None = None) -> list[str]:
    """Returns the claims of volumes; those of ephemeral volumes, called `<pod>-<volume>`, for a pod with a name."""
    return _names(claim_uses(spec, pod_name))


def config_map_uses(spec: Row | None) -> list[Use]:
    """Returns the uses of ConfigMaps."""
    if spec is None:
        return []
    uses = list[Use]()
    for volume in items_of(spec.volumes):
        source = volume.configMap
        if source is not None and source.name:
            uses.append(Use(source.name, WayOfUse.VOLUME, volume.name, bool(source.optional)))
        for projection in items_of(volume.projected.sources) if volume.projected is not None else ():
            source = projection.configMap
            if source is not None and source.name:
                uses.append(Use(source.name, WayOfUse.PROJECTED_VOLUME, volume.name, bool(source.optional)))
    _add_of_containers(uses, spec, _CONFIG_MAP, _CONFIG_MAP_KEY)
    return uses


def secret_uses(spec: Row | None) -> list[Use]:
    """Returns the uses of Secrets."""
    if spec is None:
        return []
    uses = list[Use]()
    for reference in items_of(spec.imagePullSecrets):
        if reference.name:
            uses.append(Use(reference.name, WayOfUse.PULL_SECRET, is_optional=True))
    for volume in items_of(spec.volumes):
        source = volume.secret
        if source is not None and source.secretName:
            uses.append(Use(source.secretName, WayOfUse.VOLUME, volume.name, bool(source.optional)))
        for projection in items_of(volume.projected.sources) if volume.projected is not None else ():
            source = projection.secret
            if source is not None and source.name:
                uses.append(Use(source.name, WayOfUse.PROJECTED_VOLUME, volume.name, bool(source.optional)))
        if (drivers := _DRIVERS(volume)) != _NO_DRIVERS:
            uses += [Use(name, WayOfUse.VOLUME_CREDENTIAL, volume.name) for name in _credentials(drivers)]
    _add_of_containers(uses, spec, _SECRET, _SECRET_KEY)
    return uses


def service_account_uses(spec: Row | None) -> Iterator[Use]:
    """Yields the service account, which is `default` if the spec names none."""
    if spec is not None:
        yield Use(spec.serviceAccountName or spec.serviceAccount or DEFAULT_ACCOUNT, WayOfUse.SERVICE_ACCOUNT)


def claim_uses(spec: Row | None, pod_name: str | None = None) -> Iterator[Use]:
    """Yields the claims of volumes; those of ephemeral volumes for a pod with a name.

    Source: `VolumeClaimName` in k8s.io/component-helpers/storage/ephemeral.
    """
    for volume in items_of(spec.volumes if spec is not None else None):
        source = volume.persistentVolumeClaim
        if source is not None:
            if source.claimName:
                yield Use(source.claimName, WayOfUse.VOLUME, volume.name)
        elif pod_name and volume.ephemeral is not None and volume.name:
            yield Use(f"{pod_name}-{volume.name}", WayOfUse.VOLUME, volume.name)


def _names(uses: Iterable[Use]) -> list[str]:
    return [*dict.fromkeys([use.name for use in uses])]


def _with_optional(*sources: str) -> Iterator[str]:
    for source in sources:
        yield f"{source}.name"
        yield f"{source}.optional"


def _environment_paths(of: str) -> Iterator[str]:
    for container in _CONTAINERS:
        yield f"{container}.name"
        yield from _with_optional(f"{container}.envFrom.{of}Ref", f"{container}.env.valueFrom.{of}KeyRef")


def _add_of_containers(uses: list[Use], spec: Row, source: _Field, key_source: _Field) -> None:
    """Adds the uses in environments; a source is the field of `envFrom` or `valueFrom` for a kind."""
    for containers in (spec.initContainers, spec.containers, spec.ephemeralContainers):
        for container in items_of(containers):
            for entry in items_of(container.envFrom):
                reference = source(entry)
                if reference is not None and reference.name:
                    uses.append(Use(reference.name, WayOfUse.ENV_FROM, container.name, bool(reference.optional)))
            for variable in items_of(container.env):
                if variable.valueFrom is not None:
                    reference = key_source(variable.valueFrom)
                    if reference is not None and reference.name:
                        uses.append(Use(reference.name, WayOfUse.ENV, container.name, bool(reference.optional)))


def _credentials(drivers: Sequence[Row | None]) -> Iterator[str]:
    """Yields the secrets that the drivers of a volume need, in the order of `_SECRET_REFERENCES`."""
    for driver, field in zip(drivers, _SECRET_REFERENCES.values(), strict=True):
        reference = getattr(driver, field) if driver is not None else None
        name = reference if isinstance(reference, str) or reference is None else reference.name
        if name:
            yield name
