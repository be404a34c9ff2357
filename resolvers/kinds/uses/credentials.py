"""The Secrets with which drivers provision, attach and mount volumes: those that volumes and storage classes name."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from k8s.reading.rowdecoders import Row
from resolvers.kinds.longlists import MAX_ITEMS
from resolvers.kinds.podspecs.uses import Use, WayOfUse

_CSI: Final = tuple(
    f"{step}SecretRef" for step in ("controllerPublish", "nodeStage", "nodePublish", "controllerExpand", "nodeExpand")
)
_DRIVERS: Final = ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")
_DELETION: Final = "volume.kubernetes.io/provisioner-deletion-secret-"
_NAMES: Final = {"-secret-name": "-secret-namespace", "SecretName": "SecretNamespace", "secretName": "secretNamespace"}
"""The ends of parameters that name a Secret, and of those with its namespace."""

VOLUME_READS: Final = (
    "metadata.annotations",
    "spec.claimRef.namespace",
    "spec.azureFile.secretName",
    "spec.azureFile.secretNamespace",
    *(f"spec.csi.{reference}.{key}" for reference in _CSI for key in ("name", "namespace")),
    *(f"spec.{driver}.secretRef.{key}" for driver in _DRIVERS for key in ("name", "namespace")),
)
CLASS_READS: Final = ("parameters",)


def volume_uses(volume: Row) -> Iterator[Use]:
    """Yields the Secrets of a persistent volume: those of its driver, and the one that deletes it.

    A reference without a namespace is to that of the volume's claim. Reads `VOLUME_READS`.

    Source: `VisitPVSecretNames` in kubernetes/pkg/api/v1/persistentvolume/util.go; `provisionDeletion` of the
    external-provisioner.
    """
    spec, annotations = volume.spec, volume.metadata.annotations or {}
    yield from _use(
        annotations.get(f"{_DELETION}name"), annotations.get(f"{_DELETION}namespace"), WayOfUse.VOLUME_CREDENTIAL
    )
    if spec is None:
        return
    home = spec.claimRef.namespace if spec.claimRef is not None else None
    if spec.azureFile is not None:
        yield from _use(spec.azureFile.secretName, spec.azureFile.secretNamespace or home, WayOfUse.VOLUME_CREDENTIAL)
    references = [getattr(spec.csi, name) for name in _CSI] if spec.csi is not None else []
    references += [source.secretRef for source in (getattr(spec, driver) for driver in _DRIVERS) if source is not None]
    for reference in references:
        if reference is not None:
            yield from _use(reference.name, reference.namespace or home, WayOfUse.VOLUME_CREDENTIAL)


def class_uses(storage_class: Row) -> Iterator[Use]:
    """Yields the Secrets that the parameters of a storage class name, with their namespaces.

    Names with variables (`${pvc.name}`) are those of many Secrets; the volumes that were made have them resolved. Reads
    `CLASS_READS`.

    Source: Kubernetes CSI, "StorageClass Secrets".
    """
    parameters = storage_class.parameters or {}
    for key, name in islice(parameters.items(), MAX_ITEMS):
        for end, namespace in _NAMES.items():
            if key.endswith(end):
                home = parameters.get(key.removesuffix(end) + namespace)
                yield from _use(name, home, WayOfUse.CLASS_CREDENTIAL)


def _use(name: object, namespace: object, way: WayOfUse) -> Iterator[Use]:
    if isinstance(name, str) and isinstance(namespace, str) and name and namespace:
        yield Use(name, way, namespace=namespace)
