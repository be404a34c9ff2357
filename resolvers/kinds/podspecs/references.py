"""The config maps, secrets and claims that the spec of a pod names: in volumes, environments and for pulling images.

All functions take the spec of a pod or of a template, and return names in order, without duplicates. The `*_reads`
are the paths that they read, below the path of the spec: `spec` of a pod, `spec.template.spec` of a deployment.

Source: `VisitPodConfigmapNames`, `VisitPodSecretNames` in kubernetes/pkg/api/v1/pod/util.go, v1.37.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import items_of

_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
_SECRET_NAMES: Final = ("secret", "azureFile")
"""Volumes with the name of a secret itself."""
_SECRET_REFERENCES: Final = ("cephfs", "cinder", "flexVolume", "rbd", "scaleIO", "iscsi", "storageos")
"""Volumes with a reference to a secret."""


def config_map_reads(spec: str = "spec") -> tuple[str, ...]:
    """Returns the paths that `config_map_names` reads."""
    paths = ("volumes.configMap.name", "volumes.projected.sources.configMap.name", *_environment_paths("configMap"))
    return tuple(f"{spec}.{path}" for path in paths)


def secret_reads(spec: str = "spec") -> tuple[str, ...]:
    """Returns the paths that `secret_names` reads."""
    paths = (
        "imagePullSecrets.name",
        *(f"volumes.{source}.secretName" for source in _SECRET_NAMES),
        *(f"volumes.{source}.secretRef.name" for source in _SECRET_REFERENCES),
        "volumes.csi.nodePublishSecretRef.name",
        "volumes.projected.sources.secret.name",
        *_environment_paths("secret"),
    )
    return tuple(f"{spec}.{path}" for path in paths)


def claim_reads(spec: str = "spec") -> tuple[str, ...]:
    """Returns the paths that `claim_names` reads; for claims that are made for pods, `metadata.name` as well."""
    paths = ("volumes.name", "volumes.persistentVolumeClaim.claimName", "volumes.ephemeral.volumeClaimTemplate")
    return tuple(f"{spec}.{path}" for path in paths)


def config_map_names(spec: Row | None) -> list[str]:
    """Returns the config maps of volumes, of environments, and of all their variables."""
    if spec is None:
        return []
    return _distinct(chain(_volume_config_maps(spec), _environment_names(spec, "configMapRef", "configMapKeyRef")))


def secret_names(spec: Row | None) -> list[str]:
    """Returns the secrets for pulling images, of volumes of any type, of environments, and of all their variables."""
    if spec is None:
        return []
    pull = (reference.name for reference in items_of(spec.imagePullSecrets))
    return _distinct(chain(pull, _volume_secrets(spec), _environment_names(spec, "secretRef", "secretKeyRef")))


def claim_names(spec: Row | None, pod_name: str | None = None) -> list[str]:
    """Returns the claims of volumes; those of ephemeral volumes, called `<pod>-<volume>`, for a pod with a name.

    Source: `VolumeClaimName` in k8s.io/component-helpers/storage/ephemeral.
    """
    return _distinct(_claims(spec, pod_name)) if spec is not None else []


def _environment_paths(of: str) -> Iterator[str]:
    for containers in _CONTAINERS:
        yield f"{containers}.envFrom.{of}Ref.name"
        yield f"{containers}.env.valueFrom.{of}KeyRef.name"


def _environment_names(spec: Row, reference: str, key_reference: str) -> Iterator[str | None]:
    for containers in _CONTAINERS:
        for container in items_of(getattr(spec, containers)):
            for source in items_of(container.envFrom):
                if (named := getattr(source, reference)) is not None:
                    yield named.name
            for variable in items_of(container.env):
                source = variable.valueFrom
                if source is not None and (named := getattr(source, key_reference)) is not None:
                    yield named.name


def _volume_config_maps(spec: Row) -> Iterator[str | None]:
    for volume in items_of(spec.volumes):
        if volume.configMap is not None:
            yield volume.configMap.name
        for source in _projected(volume):
            if source.configMap is not None:
                yield source.configMap.name


def _volume_secrets(spec: Row) -> Iterator[str | None]:
    for volume in items_of(spec.volumes):
        for source in _SECRET_NAMES:
            if (named := getattr(volume, source)) is not None:
                yield named.secretName
        for source in _SECRET_REFERENCES:
            if (referring := getattr(volume, source)) is not None and referring.secretRef is not None:
                yield referring.secretRef.name
        if volume.csi is not None and volume.csi.nodePublishSecretRef is not None:
            yield volume.csi.nodePublishSecretRef.name
        for projection in _projected(volume):
            if projection.secret is not None:
                yield projection.secret.name


def _claims(spec: Row, pod_name: str | None) -> Iterator[str | None]:
    for volume in items_of(spec.volumes):
        if volume.persistentVolumeClaim is not None:
            yield volume.persistentVolumeClaim.claimName
        elif pod_name and volume.ephemeral is not None and volume.name:
            yield f"{pod_name}-{volume.name}"


def _projected(volume: Row) -> Iterable[Row]:
    return items_of(volume.projected.sources) if volume.projected is not None else ()


def _distinct(names: Iterable[str | None]) -> list[str]:
    return [*dict.fromkeys(name for name in names if name)]
