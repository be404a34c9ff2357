"""Argo CD Applications of a realistic size, on a real API server."""

from collections.abc import Iterator
from random import Random
from typing import Final

from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.writer import create_objects
from tests.operators.crds import crd
from tests.operators.installing import install
from tests.operators.operator import ARGO_CD

APPLICATION_LIST: Final = "/apis/argoproj.io/v1alpha1/applications"
_COUNT: Final = 5000
_NAMESPACES: Final = 10
_KINDS: Final = ("Deployment", "Service", "ConfigMap", "ServiceAccount", "Ingress", "HorizontalPodAutoscaler")


async def create_applications(cluster: Cluster) -> None:
    """Installs the definition of Applications, and creates 5,000 of them."""
    await install(cluster, [crd(ARGO_CD, "applications.argoproj.io")])
    print(f"writing {_COUNT} Applications to an API server ...", flush=True)
    await create_objects(cluster, [*_namespaces(), *_applications()])


def _namespaces() -> Iterator[JsonObject]:
    for number in range(_NAMESPACES):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"apps-{number}"}}


def _applications() -> Iterator[JsonObject]:
    random = Random(1)  # noqa: S311  the same objects each time
    for number in range(_COUNT):
        name, revision = f"app-{number:05}", f"{random.getrandbits(160):040x}"
        metadata: JsonObject = {
            "name": name,
            "namespace": f"apps-{number % _NAMESPACES}",
            "labels": {"team": f"team-{number % 37}", "tier": random.choice(("web", "batch", "data"))},
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        }
        source: JsonObject = {
            "repoURL": f"https://git.example.com/team-{number % 37}/{name}.git",
            "path": f"deploy/{random.choice(('dev', 'stage', 'prod'))}",
            "targetRevision": "main",
        }
        destination: JsonObject = {"server": "https://kubernetes.default.svc", "namespace": f"team-{number % 37}"}
        yield {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": metadata,
            "spec": {
                "project": f"team-{number % 37}",
                "source": source,
                "destination": destination,
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["CreateNamespace=true"]},
            },
            "status": _status(random, name, revision, source, destination),
        }


def _status(random: Random, name: str, revision: str, source: JsonObject, destination: JsonObject) -> JsonObject:
    healthy = random.choice(("Healthy", "Healthy", "Healthy", "Progressing", "Degraded"))
    resources: list[JsonValue] = [
        {
            "kind": kind,
            "version": "v1",
            "group": "apps" if kind == "Deployment" else "",
            "namespace": str(destination["namespace"]),
            "name": f"{name}-{index}",
            "status": "Synced",
            "health": {"status": healthy},
        }
        for index, kind in enumerate(_KINDS * 2)
    ]
    history: list[JsonValue] = [
        {
            "id": index,
            "deployedAt": f"2026-01-0{index + 1}T00:00:00Z",
            "deployStartedAt": f"2026-01-0{index + 1}T00:00:00Z",
            "revision": f"{random.getrandbits(160):040x}",
            "source": source,
        }
        for index in range(5)
    ]
    return {
        "sync": {
            "status": random.choice(("Synced", "OutOfSync")),
            "revision": revision,
            "comparedTo": {"source": source, "destination": destination},
        },
        "health": {"status": healthy},
        "reconciledAt": "2026-01-09T00:00:00Z",
        "resources": resources,
        "history": history,
        "summary": {"images": [f"registry.example.com/{name}:{revision[:12]}"]},
    }
