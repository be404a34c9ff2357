"""Objects of Argo CD: a project, and for each team an application with the objects that it deploys."""

from collections.abc import Iterator, Sequence
from typing import Final

from demo.fleet.chance import hexadecimal
from demo.fleet.company.application import Controller
from demo.fleet.customkinds.argocd import APP_PROJECT, APPLICATION
from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import Workload
from demo.fleet.manifest import Manifest, manifest
from demo.fleet.moment import DAY_S, HOUR_S, MINUTE_S, stamp

NAMESPACE: Final = "platform"
"""The namespace of Argo CD."""

OUT_OF_SYNC: Final = {("prod-us-1", "search"), ("prod-eu-1", "monitoring")}
"""Applications that differ from their source, by cluster and name."""

NOT_COMPARED: Final = {("edge-berlin", "data")}
"""Applications whose source cannot be read."""

_REPOSITORY: Final = "https://git.example.com/platform/deployments.git"
_SERVER: Final = "https://kubernetes.default.svc"
_PROJECT: Final = "fleet"
_WORST_FIRST: Final = ("Degraded", "Progressing", "Healthy")
_ERROR: Final = "Failed to load target state: failed to generate manifest: repository not found"


def deliveries(site: Site, workloads: Sequence[Workload]) -> Iterator[Manifest]:
    """Yields the project, and the application of each namespace."""
    yield _project(site)
    teams: dict[str, list[Workload]] = {}
    for workload in workloads:
        teams.setdefault(workload.namespace, []).append(workload)
    for team, own in teams.items():
        yield _application(site, team, own)


def _metadata(site: Site, kind: str, name: str, **more: object) -> Manifest:
    return {
        "name": name,
        "namespace": NAMESPACE,
        "uid": site.uid(kind, NAMESPACE, name),
        "generation": 1,
        "creationTimestamp": stamp(site.created_s + 2 * DAY_S),
        **more,
    }


def _project(site: Site) -> Manifest:
    spec: Manifest = {
        "description": "Everything that the company runs.",
        "sourceRepos": [_REPOSITORY],
        "destinations": [{"server": _SERVER, "namespace": "*"}],
    }
    return manifest(
        APP_PROJECT.kind.api_version, "AppProject", metadata=_metadata(site, "AppProject", _PROJECT), spec=spec
    )


def _application(site: Site, team: str, workloads: Sequence[Workload]) -> Manifest:
    spec: Manifest = {
        "project": _PROJECT,
        "source": {
            "repoURL": _REPOSITORY,
            "path": f"teams/{team}/{site.profile.labels['env']}",
            "targetRevision": "main",
        },
        "destination": {"server": _SERVER, "namespace": team},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["CreateNamespace=true"]},
    }
    metadata = _metadata(
        site,
        "Application",
        team,
        labels={"team": team},
        finalizers=["resources-finalizer.argocd.argoproj.io"],
    )
    return manifest(
        APPLICATION.kind.api_version, "Application", metadata=metadata, spec=spec, status=_status(site, team, workloads)
    )


def _status(site: Site, team: str, workloads: Sequence[Workload]) -> Manifest:
    place, start_s = (site.profile.name, team), site.start_s
    revision = hexadecimal(40, "revision", *place)
    deployed_s = start_s - 5 * HOUR_S
    compared = stamp(start_s - MINUTE_S)
    healths = [_health(workload) for workload in workloads]
    worst = min((status for status, _message in healths), key=_WORST_FIRST.index)
    is_compared = place not in NOT_COMPARED
    sync = "Unknown" if not is_compared else "OutOfSync" if place in OUT_OF_SYNC else "Synced"
    problem: Manifest = {"type": "ComparisonError", "message": _ERROR, "lastTransitionTime": compared}
    images = sorted({f"{each.application.image}:{each.revisions[0].tag}" for each in workloads})
    return {
        "health": {"status": worst, "lastTransitionTime": stamp(deployed_s + 2 * MINUTE_S)},
        "sync": {"status": sync, "revision": revision if is_compared else ""},
        **({} if is_compared else {"conditions": [problem]}),
        "operationState": {
            "phase": "Succeeded",
            "message": "successfully synced (all tasks run)",
            "startedAt": stamp(deployed_s),
            "finishedAt": stamp(deployed_s + MINUTE_S),
        },
        "history": [
            {"id": 41, "revision": hexadecimal(40, "earlier", *place), "deployedAt": stamp(start_s - 3 * DAY_S)},
            {"id": 42, "revision": revision, "deployedAt": stamp(deployed_s + MINUTE_S)},
        ],
        "resources": [each for pair in zip(workloads, healths, strict=True) for each in _resources(*pair, sync)],
        "summary": {"images": images},
        "sourceType": "Kustomize",
        "reconciledAt": compared,
    }


def _resources(workload: Workload, health: tuple[str, str], sync: str) -> Iterator[Manifest]:
    """Yields the objects of a workload; its controller is what may differ from the source."""
    status, message = health
    said = {"message": message} if message else {}
    name: Manifest = {"namespace": workload.namespace, "name": workload.name}
    yield {
        "group": "apps",
        "version": "v1",
        "kind": workload.kind.value,
        **name,
        "status": sync,
        "health": {"status": status, **said},
    }
    healthy = {"status": "Healthy"}
    yield {"version": "v1", "kind": "Service", **name, "status": "Synced", "health": healthy}
    if workload.application.host:
        ingress = {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"}
        yield {**ingress, **name, "status": "Synced", "health": healthy}


def _health(workload: Workload) -> tuple[str, str]:
    """Returns Argo CD's health of a workload's controller, with the reason."""
    if workload.is_stalled:
        return "Degraded", f'Deployment "{workload.name}" exceeded its progress deadline'
    if workload.kind is Controller.DEPLOYMENT and workload.updated < workload.desired:
        updated, desired = workload.updated, workload.desired
        return (
            "Progressing",
            f"Waiting for rollout to finish: {updated} out of {desired} new replicas have been updated...",
        )
    if workload.ready < workload.desired:
        ready, desired = workload.ready, workload.desired
        return "Progressing", f"Waiting for rollout to finish: {ready} of {desired} updated replicas are available..."
    return "Healthy", ""
