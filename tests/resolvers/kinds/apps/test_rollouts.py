"""Rollouts of daemon sets and stateful sets as in `kubectl rollout status`, and revisions and strategies."""

import asyncio
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from k8s.kinds.builtin import DAEMON_SET, DEPLOYMENT, STATEFUL_SET
from resolvers.kinds.apps.daemonset import replicas as daemon_replicas
from resolvers.kinds.apps.daemonset import rollout as daemon_rollout
from resolvers.kinds.apps.rollout import REVISION_READS, revision_of
from resolvers.kinds.apps.statefulset import replicas as stateful_replicas
from resolvers.kinds.apps.statefulset import rollout as stateful_rollout
from resolvers.kinds.apps.strategy import STRATEGY_READS, RolloutStrategy, strategy_of
from tests.controlplane.cluster import Cluster
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.controlplane.kubeconfig import write_kubeconfig
from tests.controlplane.writer import create_objects
from tests.faults.fleets import TestFleet
from tests.resolvers.decoded import row

NAMESPACE: Final = "set-rollouts"
QUERY: Final = """{
  daemonSets(namespaces: ["set-rollouts"]) { nodes { cluster { name } name rollout { complete reason } } }
  statefulSets(namespaces: ["set-rollouts"]) { nodes { cluster { name } name rollout { complete reason } } }
}"""
LABELS: Final[JsonObject] = {"app": "set"}
TEMPLATE: Final[JsonObject] = {
    "metadata": {"labels": LABELS},
    "spec": {"containers": [{"name": "app", "image": "example.com/app:1"}]},
}


class Case(NamedTuple):
    """A spec and a status; the words of the answer, None for no rollout, and those of kubectl."""

    spec: JsonObject
    status: JsonObject
    words: str | None
    kubectl: str


_DAEMON: Final[JsonObject] = {
    "observedGeneration": 1,
    "currentNumberScheduled": 3,
    "numberReady": 3,
    "desiredNumberScheduled": 3,
    "updatedNumberScheduled": 3,
    "numberAvailable": 3,
    "numberMisscheduled": 0,
}
DONE: Final = "Successfully rolled out."
DAEMON_SETS: Final = {
    "done": Case({}, _DAEMON, DONE, "successfully rolled out"),
    "unobserved": Case(
        {},
        {**_DAEMON, "observedGeneration": 0},
        "Waiting for the daemon set's spec to be observed.",
        "Waiting for daemon set spec update to be observed",
    ),
    "updating": Case(
        {},
        {**_DAEMON, "updatedNumberScheduled": 1},
        "1 of 3 new pods have been updated.",
        "1 out of 3 new pods have been updated",
    ),
    "unavailable": Case(
        {},
        {**_DAEMON, "numberAvailable": 2},
        "2 of 3 updated pods are available.",
        "2 of 3 updated pods are available",
    ),
    "on-delete": Case(
        {"updateStrategy": {"type": "OnDelete"}}, _DAEMON, None, "only available for RollingUpdate strategy type"
    ),
}

_STATEFUL: Final[JsonObject] = {
    "observedGeneration": 1,
    "replicas": 3,
    "readyReplicas": 3,
    "currentReplicas": 3,
    "updatedReplicas": 3,
    "currentRevision": "db-1",
    "updateRevision": "db-1",
}


def _partition(partition: int) -> JsonObject:
    return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}}


STATEFUL_SETS: Final = {
    "done": Case(
        {},
        _STATEFUL,
        "The partitioned rollout is complete: 3 new pods have been updated.",
        "partitioned roll out complete: 3 new pods have been updated",
    ),
    "unobserved": Case(
        {},
        {**_STATEFUL, "observedGeneration": 0},
        "Waiting for the stateful set's spec to be observed.",
        "Waiting for statefulset spec update to be observed",
    ),
    "unready": Case(
        {}, {**_STATEFUL, "readyReplicas": 1}, "Waiting for 2 pods to be ready.", "Waiting for 2 pods to be ready"
    ),
    "updating": Case(
        {},
        {**_STATEFUL, "updatedReplicas": 1, "updateRevision": "db-2"},
        "1 of 3 new pods have been updated, by its partition.",
        "1 out of 3 new pods have been updated",
    ),
    "partitioned": Case(
        _partition(2),
        {**_STATEFUL, "updatedReplicas": 1, "updateRevision": "db-2"},
        "The partitioned rollout is complete: 1 new pods have been updated.",
        "partitioned roll out complete: 1 new pods have been updated",
    ),
    "partition-updating": Case(
        _partition(1),
        {**_STATEFUL, "updatedReplicas": 1},
        "1 of 2 new pods have been updated, by its partition.",
        "1 out of 2 new pods have been updated",
    ),
    "beyond": Case(
        _partition(9),
        {**_STATEFUL, "updatedReplicas": 0},
        "The partitioned rollout is complete: 0 new pods have been updated.",
        "partitioned roll out complete: 0 new pods have been updated",
    ),
    "on-delete": Case(
        {"updateStrategy": {"type": "OnDelete"}}, _STATEFUL, None, "only available for RollingUpdate strategy type"
    ),
}


@pytest.mark.controlplane
async def test_kubectl_says_the_same(
    newest_kubectl: Path, alpha: Cluster, real_fleet: TestFleet, tmp_path: Path
) -> None:
    namespace: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    daemons = [_set("DaemonSet", name, case) for name, case in DAEMON_SETS.items()]
    states = [_set("StatefulSet", name, case, replicas=3, serviceName="db") for name, case in STATEFUL_SETS.items()]
    await create_objects(alpha, [namespace, *daemons, *states])
    kubeconfig = write_kubeconfig(tmp_path / "k", [alpha])
    cases = [("daemonset", *one) for one in DAEMON_SETS.items()] + [
        ("statefulset", *one) for one in STATEFUL_SETS.items()
    ]

    said = await asyncio.gather(
        *(asyncio.to_thread(_kubectl, newest_kubectl, kubeconfig, f"{kind}/{name}") for kind, name, _ in cases)
    )
    reply = await real_fleet.ask(QUERY)

    found = {
        (plural.lower().removesuffix("s"), one["name"]): one["rollout"]
        for plural, listed in reply.data.items()
        for one in listed["nodes"]
        if one["cluster"]["name"] == "alpha"
    }
    assert {place: rollout and rollout["reason"] for place, rollout in found.items()} == {
        (kind, name): case.words for kind, name, case in cases
    }
    for (kind, name, case), words in zip(cases, said, strict=True):
        assert case.kubectl in words
        is_complete = "complete" in words or "successfully" in words
        assert found[kind, name] is None or found[kind, name]["complete"] == is_complete


def test_without_a_partition_the_revisions_count() -> None:
    reads = (
        *("metadata.generation", "spec.replicas", "spec.updateStrategy.type"),
        "spec.updateStrategy.rollingUpdate.partition",
        *(f"status.{name}" for name in _STATEFUL if name != "replicas"),
    )
    spec: JsonObject = {"replicas": 3, "updateStrategy": {"type": "RollingUpdate"}}
    updating: JsonObject = {**_STATEFUL, "updatedReplicas": 1, "updateRevision": "db-2"}

    waiting = stateful_rollout(row(STATEFUL_SET, *reads, metadata={"generation": 1}, spec=spec, status=updating))
    done = stateful_rollout(row(STATEFUL_SET, *reads, metadata={"generation": 1}, spec=spec, status=_STATEFUL))

    assert waiting is not None
    assert (waiting.complete, waiting.reason) == (False, "1 pods are at revision db-2.")
    assert done is not None
    assert (done.complete, done.reason) == (True, "3 pods are at revision db-1.")


def test_sets_without_spec_and_status() -> None:
    daemon = row(DAEMON_SET, "spec.updateStrategy.type", *(f"status.{name}" for name in _DAEMON))
    stateful = row(STATEFUL_SET, "spec.replicas", "spec.updateStrategy.type", "status.replicas")

    assert (daemon_rollout(daemon), stateful_rollout(stateful)) == (None, None)
    assert (daemon_replicas(daemon).desired, stateful_replicas(stateful).desired) == (0, 1)


@pytest.mark.parametrize(
    ("annotations", "revision"),
    [
        ({"deployment.kubernetes.io/revision": "7"}, 7),
        ({"deployment.kubernetes.io/revision": "2147483648"}, None),
        ({"deployment.kubernetes.io/revision": "9" * 5000}, None),
        ({"deployment.kubernetes.io/revision": "-1"}, None),
        ({"deployment.kubernetes.io/revision": ""}, None),
        ({}, None),
    ],
    ids=["usual", "large", "long", "negative", "empty", "none"],
)
def test_revisions(annotations: JsonObject, revision: int | None) -> None:
    assert revision_of(row(DEPLOYMENT, REVISION_READS, metadata={"annotations": annotations})) == revision


@pytest.mark.parametrize(
    ("replicas", "limits", "unavailable", "surge"),
    [
        (10, {"maxUnavailable": "25%", "maxSurge": "25%"}, 2, 3),
        (1, {"maxUnavailable": "25%", "maxSurge": "25%"}, 0, 1),
        (1, {"maxUnavailable": "1%", "maxSurge": 0}, 1, 0),
        (3, {"maxUnavailable": 2, "maxSurge": "0%"}, 2, 0),
        (3, {}, 1, 0),
        (2**31 - 1, {"maxUnavailable": "999999999%", "maxSurge": "x"}, None, None),
    ],
)
def test_strategies(replicas: int, limits: JsonObject, unavailable: int | None, surge: int | None) -> None:
    strategy: JsonObject = {"type": "RollingUpdate", "rollingUpdate": limits}
    deployment = row(DEPLOYMENT, *STRATEGY_READS, spec={"replicas": replicas, "strategy": strategy})

    assert strategy_of(deployment) == RolloutStrategy("RollingUpdate", unavailable, surge)


def _set(kind: str, name: str, case: Case, **more: JsonValue) -> JsonObject:
    spec: JsonObject = {"selector": {"matchLabels": LABELS}, "template": TEMPLATE, **more, **case.spec}
    metadata: JsonObject = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec, "status": case.status}


def _kubectl(kubectl: Path, kubeconfig: Path, name: str) -> str:
    where = [f"--kubeconfig={kubeconfig}", "--context=alpha", f"--namespace={NAMESPACE}"]
    command = [str(kubectl), *where, "rollout", "status", "--watch=false", name]
    answered = subprocess.run(command, capture_output=True, text=True, check=False)
    return answered.stdout + answered.stderr
