"""The version in which a kind is requested of a server."""

from collections.abc import Collection
from typing import Final

from k8s.apiserver.served import Served, ServedKind
from k8s.errors import KindUnavailable
from k8s.kinds.kind import Kind
from k8s.kinds.othershapes import has_shape_of
from k8s.kinds.versionpriority import version_priority
from k8s.listednames import all_of

_READ: Final = frozenset({"get", "list"})


def best_kind(kind: Kind, served: Served) -> Kind | None:
    """Returns a kind in the best version that a server serves; None if it serves it in none that can be read.

    The kind's own version comes first, then the newest one whose objects have the same shape; a version whose
    aggregated API does not answer comes last.
    """
    found = served.find(kind.group, kind.name)
    if found is None or found.namespaced != kind.namespaced:
        return None
    if any(one.version == kind.version and not _READ.isdisjoint(one.verbs) for one in found.versions):
        return kind if found.plural == kind.plural else found.kind(kind.version)  # another plural
    versions = {one.version: one.is_stale for one in found.versions if not _READ.isdisjoint(one.verbs)}
    fitting = [version for version in versions if has_shape_of(kind, version)]
    best = min(fitting, key=lambda version: (versions[version], version_priority(version)), default=None)
    return found.kind(best) if best is not None else None


def kind_unavailable(cluster: str, kind: Kind, served: Served) -> KindUnavailable:
    """Returns the error of a kind that a cluster serves in no version that can be read, with what it serves."""
    found = served.find(kind.group, kind.name)
    if found is not None and found.namespaced == kind.namespaced:
        verbs = {verb for one in found.versions for verb in one.verbs}
        is_readable = bool(_READ & verbs)
        return KindUnavailable(cluster, _of_other_shape(kind, found) if is_readable else _unreadable(kind, verbs))
    silent = [group for group in served.failed if group.partition("/")[0] == kind.group]
    if silent:
        return KindUnavailable(cluster, f"it does not serve {kind} now; there is no answer from {all_of(silent)}.")
    others = [str(other) for other in served.named(kind.plural) if str(other) != str(kind)]
    if others:
        cause = f"it does not serve {kind}; it serves {all_of(others)}, of another group."
        return KindUnavailable(cluster, cause, is_absent=True)
    return KindUnavailable(cluster, f"it does not serve {kind}; `kinds` lists what it serves.", is_absent=True)


def _of_other_shape(kind: Kind, found: ServedKind) -> str:
    versions = [one.version for one in found.versions]
    api_version = found.kind(versions[0]).api_version
    return (
        f"it serves {kind} in {all_of(versions)}, whose objects have another shape than those of {kind.version}; "
        f'read them with objects(apiVersion: "{api_version}", kind: "{kind.name}").'
    )


def _unreadable(kind: Kind, verbs: Collection[str]) -> str:
    """Returns the cause of a kind such as `tokenreviews`, whose objects are only sent."""
    return f"it serves {kind} with the verbs {all_of(sorted(verbs)) or 'none'} only, so no object of it can be read."
