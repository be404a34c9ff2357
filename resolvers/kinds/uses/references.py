"""References to other objects in the spec of a pod, or of a template of pods.

Each function yields the uses of one kind and reads the paths of `READS` below the spec. They are of all containers:
init containers, which sidecars are, too; app containers; ephemeral ones.

Source: `VisitPodConfigmapNames` and `VisitPodSecretNames` in kubernetes/pkg/api/v1/pod/util.go, v1.37, and `PodSpec` of
the core/v1 API.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of
from resolvers.kinds.uses.ways import Use, WayOfUse

DEFAULT_ACCOUNT: Final = "default"
"""The service account of pods that name none. Source: the admission plugin ServiceAccount."""

_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
_CREDENTIALS: Final = {
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
"""Sources of volumes that need a Secret, with the field that names it."""


def config_maps(spec: Row | None) -> Iterator[Use]:
    """Yields the uses of ConfigMaps."""
    if spec is None:
        return
    for volume in items_of(spec.volumes):
        source = volume.configMap
        if source is not None and source.name:
            yield Use(source.name, WayOfUse.VOLUME, volume.name, bool(source.optional))
        for projection in _projections(volume):
            source = projection.configMap
            if source is not None and source.name:
                yield Use(source.name, WayOfUse.PROJECTED_VOLUME, volume.name, bool(source.optional))
    yield from _of_containers(spec, "configMapRef", "configMapKeyRef")


def secrets(spec: Row | None) -> Iterator[Use]:
    """Yields the uses of Secrets."""
    if spec is None:
        return
    for reference in items_of(spec.imagePullSecrets):
        if reference.name:
            yield Use(reference.name, WayOfUse.PULL_SECRET, is_optional=True)
    for volume in items_of(spec.volumes):
        source = volume.secret
        if source is not None and source.secretName:
            yield Use(source.secretName, WayOfUse.VOLUME, volume.name, bool(source.optional))
        for projection in _projections(volume):
            source = projection.secret
            if source is not None and source.name:
                yield Use(source.name, WayOfUse.PROJECTED_VOLUME, volume.name, bool(source.optional))
        for name in _credentials(volume):
            yield Use(name, WayOfUse.VOLUME_CREDENTIAL, volume.name)
    yield from _of_containers(spec, "secretRef", "secretKeyRef")


def service_accounts(spec: Row | None) -> Iterator[Use]:
    """Yields the service account, which is `default` if the spec names none."""
    name = (spec.serviceAccountName or spec.serviceAccount) if spec is not None else None
    yield Use(name or DEFAULT_ACCOUNT, WayOfUse.SERVICE_ACCOUNT)


def claims(spec: Row | None) -> Iterator[Use]:
    """Yields the claims of volumes, without those that are made for a pod's ephemeral volumes."""
    for volume in items_of(spec.volumes if spec is not None else None):
        source = volume.persistentVolumeClaim
        if source is not None and source.claimName:
            yield Use(source.claimName, WayOfUse.VOLUME, volume.name)


def _of_environment(kind: str) -> tuple[str, ...]:
    named = ("name", "optional")
    return tuple(
        path
        for container in _CONTAINERS
        for path in (
            f"{container}.name",
            *(f"{container}.envFrom.{kind}Ref.{key}" for key in named),
            *(f"{container}.env.valueFrom.{kind}KeyRef.{key}" for key in named),
        )
    )


_NAMES: Final = ("name", "optional")

READS: Final[Mapping[Kind, tuple[str, ...]]] = {
    kinds.CONFIG_MAP: (
        "volumes.name",
        *(f"volumes.configMap.{key}" for key in _NAMES),
        *(f"volumes.projected.sources.configMap.{key}" for key in _NAMES),
        *_of_environment("configMap"),
    ),
    kinds.SECRET: (
        "imagePullSecrets.name",
        "volumes.name",
        *(f"volumes.secret.{key}" for key in ("secretName", "optional")),
        *(f"volumes.projected.sources.secret.{key}" for key in _NAMES),
        *(
            f"volumes.{source}.{field}" if field == "secretName" else f"volumes.{source}.{field}.name"
            for source, field in _CREDENTIALS.items()
        ),
        *_of_environment("secret"),
    ),
    kinds.SERVICE_ACCOUNT: ("serviceAccountName", "serviceAccount"),
    kinds.PERSISTENT_VOLUME_CLAIM: ("volumes.name", "volumes.persistentVolumeClaim.claimName"),
}
"""The paths below the spec of a pod from which the uses of each kind are read."""

REFERENCES: Final[Mapping[Kind, Callable[[Row | None], Iterator[Use]]]] = {
    kinds.CONFIG_MAP: config_maps,
    kinds.SECRET: secrets,
    kinds.SERVICE_ACCOUNT: service_accounts,
    kinds.PERSISTENT_VOLUME_CLAIM: claims,
}
"""The function that yields the uses of each kind in the spec of a pod."""


def _of_containers(spec: Row, source: str, key_source: str) -> Iterator[Use]:
    """Yields the uses in environments; a source is the field of `envFrom` or `valueFrom` for a kind."""
    for container in chain.from_iterable(items_of(getattr(spec, name)) for name in _CONTAINERS):
        for entry in items_of(container.envFrom):
            reference = getattr(entry, source)
            if reference is not None and reference.name:
                yield Use(reference.name, WayOfUse.ENV_FROM, container.name, bool(reference.optional))
        for variable in items_of(container.env):
            reference = getattr(variable.valueFrom, key_source) if variable.valueFrom is not None else None
            if reference is not None and reference.name:
                yield Use(reference.name, WayOfUse.ENV, container.name, bool(reference.optional))


def _projections(volume: Row) -> Iterator[Row]:
    if volume.projected is not None:
        yield from items_of(volume.projected.sources)


def _credentials(volume: Row) -> Iterator[str]:
    for source, field in _CREDENTIALS.items():
        driver = getattr(volume, source)
        reference = getattr(driver, field) if driver is not None else None
        name = reference if isinstance(reference, str) or reference is None else reference.name
        if name:
            yield name
