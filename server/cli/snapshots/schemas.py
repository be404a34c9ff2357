"""The OpenAPI v3 documents of an archive: those of groups with custom kinds, which types are made of."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from k8s.errors import ClusterError, ResourceNotFound, Unauthenticated
from k8s.kinds.builtin import BUILT_IN
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import openapi_path
from k8s.transport.sender import Sender
from server.cli.snapshots.archive import Archive
from snapshots.dumps.manifest import ManifestKind, Skipped
from snapshots.dumps.schemadocuments import document_file

_BUILT_IN_GROUPS: Final = frozenset(kind.group for kind in BUILT_IN)


async def add_schemas(
    archive: Archive, sender: Sender, kinds: Iterable[ManifestKind], deadline: Callable[[], Deadline]
) -> Sequence[Skipped]:
    """Adds the document of each version of a custom group; returns those that could not be read.

    An API server before Kubernetes 1.24 has no documents: then types are made of definitions alone.

    Args:
        archive: The archive.
        sender: Sends requests to the cluster.
        kinds: The kinds in the archive.
        deadline: Returns the deadline of one request.

    Raises:
        Unauthenticated: The credential is not accepted any more.
    """
    skipped: list[Skipped] = []
    for group, version in sorted({(kind.group, kind.version) for kind in kinds if kind.group not in _BUILT_IN_GROUPS}):
        target = f"the schemas of {group}/{version}"
        try:
            body = await sender.send(Call(openapi_path(group, version), "get", target, most_bytes=None), deadline())
        except ResourceNotFound:
            continue
        except Unauthenticated:
            raise
        except ClusterError as error:
            skipped.append(Skipped(target, error.cause))
            continue
        archive.add(document_file(f"apis/{group}/{version}"), body)
    return skipped
