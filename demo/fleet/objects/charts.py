"""Helm charts that k3s installs."""

from collections.abc import Iterator
from typing import Final

from demo.fleet.customkinds.k3s import HELM_CHART
from demo.fleet.customkinds.served import served_by
from demo.fleet.machines.site import Site
from demo.fleet.manifest import Manifest, condition, manifest
from demo.fleet.moment import DAY_S, stamp

_NAMESPACE: Final = "kube-system"
_CHARTS: Final = (
    ("kube-vip", "https://kube-vip.github.io/helm-charts", "0.9.2"),
    ("tigera-operator", "https://docs.tigera.io/calico/charts", "v3.31.2"),
)


def charts(site: Site) -> Iterator[Manifest]:
    """Yields the charts of a cluster; none if it does not serve their kind."""
    if HELM_CHART in served_by(site.profile):
        for name, repository, version in _CHARTS:
            yield _chart(site, name, repository, version)


def _chart(site: Site, name: str, repository: str, version: str) -> Manifest:
    at = stamp(site.created_s + DAY_S)
    job = f"helm-install-{name}"
    created = condition("JobCreated", True, at, reason="Job created", message=f"Applying HelmChart using Job {job}")
    failed = condition("Failed", False, at, reason="Job succeeded", message="")
    return manifest(
        HELM_CHART.kind.api_version,
        "HelmChart",
        metadata={
            "name": name,
            "namespace": _NAMESPACE,
            "uid": site.uid("HelmChart", _NAMESPACE, name),
            "generation": 1,
            "creationTimestamp": at,
        },
        spec={
            "repo": repository,
            "chart": name,
            "version": version,
            "targetNamespace": _NAMESPACE,
            "valuesContent": "replicas: 1\n",
        },
        status={"jobName": job, "conditions": [created, failed]},
    )
