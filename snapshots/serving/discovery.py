"""Discovery of the served kinds: by group and version, or all at once (aggregated discovery)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from k8s.kinds.kind import Kind
from k8s.kinds.metrics import METRICS_GROUP
from k8s.kinds.versionpriority import version_priority
from snapshots.serving.accept import DISCOVERY_LIST
from snapshots.serving.customkinds.definitions import KindDefinitions
from snapshots.serving.resourcenames import ResourceNames, names_of
from snapshots.serving.route import GroupVersion
from snapshots.serving.status import no_such_resource

_READ: Final = ["get", "list"]
_WATCHED: Final = [*_READ, "watch"]

Groups = Mapping[str, Mapping[str, Sequence[Kind]]]


def discovered(place: GroupVersion, kinds: Iterable[Kind], form: str, definitions: KindDefinitions) -> object:
    """Returns the document at a path of discovery.

    Raises:
        RequestRefused: The group or version is not served.
    """
    groups = _groups(kinds)
    if form == DISCOVERY_LIST and not place.version:
        names = [group for group in groups if bool(group) == (place.root == "apis")]
        return {
            "kind": DISCOVERY_LIST,
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": [_aggregated(group, groups[group], definitions) for group in names],
        }
    if place.version is not None:
        return _resources(groups, place.group or "", place.version, definitions)
    if place.root == "api":
        addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}]
        return {"kind": "APIVersions", "versions": list(groups[""]), "serverAddressByClientCIDRs": addresses}
    if place.group is None:
        entries = [_group(group, versions) for group, versions in groups.items() if group]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": entries}
    if place.group not in groups:
        raise no_such_resource()
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(place.group, groups[place.group])}


def _groups(kinds: Iterable[Kind]) -> Groups:
    """Returns the kinds by group and version, the most stable version first; always with the core group."""
    by_group: dict[str, dict[str, list[Kind]]] = {"": {"v1": []}}
    for kind in kinds:
        by_group.setdefault(kind.group, {}).setdefault(kind.version, []).append(kind)
    return {
        group: {version: versions[version] for version in sorted(versions, key=version_priority)}
        for group, versions in by_group.items()
    }


def _group(group: str, versions: Iterable[str]) -> dict[str, object]:
    entries = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"name": group, "versions": entries, "preferredVersion": entries[0]}


def _resources(groups: Groups, group: str, version: str, definitions: KindDefinitions) -> object:
    if version not in groups.get(group, {}):
        raise no_such_resource()
    api_version = f"{group}/{version}" if group else version
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": [_resource(kind, definitions) for kind in groups[group][version]],
    }


def _resource(kind: Kind, definitions: KindDefinitions) -> dict[str, object]:
    names = names_of(kind, definitions.of_kind(kind))
    return {
        "name": kind.plural,
        "singularName": names.singular,
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": _verbs(kind),
        **_also(names),
    }


def _aggregated(group: str, versions: Mapping[str, Sequence[Kind]], definitions: KindDefinitions) -> object:
    entries = [
        {
            "version": version,
            "resources": [_aggregated_resource(kind, definitions) for kind in kinds],
            "freshness": "Current",
        }
        for version, kinds in versions.items()
    ]
    return {"metadata": {"name": group} if group else {}, "versions": entries}


def _aggregated_resource(kind: Kind, definitions: KindDefinitions) -> object:
    names = names_of(kind, definitions.of_kind(kind))
    return {
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.name},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": names.singular,
        "verbs": _verbs(kind),
        **_also(names),
    }


def _verbs(kind: Kind) -> list[str]:
    return _READ if kind.group == METRICS_GROUP else _WATCHED


def _also(names: ResourceNames) -> dict[str, object]:
    names_by_key = {"shortNames": list(names.short), "categories": list(names.categories)}
    return {key: value for key, value in names_by_key.items() if value}
