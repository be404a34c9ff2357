"""Links between cron jobs and jobs, in both directions."""

import json
from typing import Final

from graph.engine import Engine
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from tests.controlplane.json_object import JsonObject, JsonValue
from tests.graph.fleets import Asking, fleet_of
from tests.graph.senders import ObjectsSender

QUERY: Final = """{
  cronJobs {
    nodes {
      name jobs { nodes { name } } pods { nodes { name cronJob { name } } } activeJobs { name } lastJob { name }
      nextSchedule missedRuns serviceAccount { name } persistentVolumeClaims { name }
    }
  }
  jobs { nodes { name cronJob { name } } }
}"""
ACTIVE: Final[list[JsonValue]] = [{"name": "night-3"}, {"name": "gone"}, {"name": "night-1"}, {"name": "night-3"}]


def _cron_job(name: str, active: list[JsonValue]) -> JsonObject:
    metadata: JsonObject = {"name": name, "namespace": "shop", "uid": f"uid-{name}"}
    claims: list[JsonValue] = [{"persistentVolumeClaim": {"claimName": claim}} for claim in ("data", "gone", "data")]
    account: JsonObject = {"serviceAccountName": "worker"} if active else {}
    template: JsonObject = {"spec": {"volumes": claims, **account}}
    spec: JsonObject = {"schedule": "never", "jobTemplate": {"spec": {"template": template}}}
    return {"metadata": metadata, "spec": spec, "status": {"active": active}}


def _job(name: str, created: str | None, owner: str | None, uid: str | None = None) -> JsonObject:
    reference: JsonObject = {"apiVersion": "batch/v1", "kind": "CronJob", "name": owner, "uid": uid or f"uid-{owner}"}
    metadata: JsonObject = {"name": name, "namespace": "shop", "uid": f"uid-{name}"}
    if created is not None:
        metadata["creationTimestamp"] = created
    if owner is not None:
        metadata["ownerReferences"] = [{**reference, "controller": True}]
    return {"metadata": metadata}


def _pod(job: str) -> JsonObject:
    reference: JsonObject = {"apiVersion": "batch/v1", "kind": "Job", "name": job, "uid": f"uid-{job}"}
    owners: list[JsonValue] = [{**reference, "controller": True}]
    return {"metadata": {"name": f"{job}-a", "namespace": "shop", "uid": f"uid-{job}-a", "ownerReferences": owners}}


OBJECTS: Final[dict[Kind, list[JsonObject]]] = {
    kinds.CRON_JOB: [_cron_job("night", ACTIVE), _cron_job("rest", [])],
    kinds.JOB: [
        _job("night-1", "2026-01-01T00:00:00Z", "night"),
        _job("night-2", "2026-01-03T00:00:00Z", "night"),
        _job("night-3", "2026-01-02T00:00:00Z", "night"),
        _job("night-4", None, "night"),
        _job("earlier", "2026-01-09T00:00:00Z", "night", "uid-of-an-earlier-one"),
        _job("alone", "2026-01-09T00:00:00Z", None),
    ],
    kinds.PERSISTENT_VOLUME_CLAIM: [{"metadata": {"name": "data", "namespace": "shop"}}],
    kinds.SERVICE_ACCOUNT: [{"metadata": {"name": name, "namespace": "shop"}} for name in ("default", "worker")],
    kinds.POD: [_pod(job) for job in ("night-1", "night-2", "earlier", "alone", "gone")],
}


async def test_jobs_of_cron_jobs(engine: Engine) -> None:
    sender = ObjectsSender("night", lambda kind: OBJECTS.get(kind, ()))

    answer = json.loads((await Asking(engine, fleet_of([sender]))(QUERY)).to_json())

    assert "errors" not in answer
    night, rest = answer["data"]["cronJobs"]["nodes"]
    assert [one["name"] for one in night["jobs"]["nodes"]] == ["night-1", "night-2", "night-3", "night-4"]
    assert [one["serviceAccount"]["name"] for one in (night, rest)] == ["worker", "default"]
    assert night["persistentVolumeClaims"] == rest["persistentVolumeClaims"] == [{"name": "data"}]
    pods = [{"name": name, "cronJob": {"name": "night"}} for name in ("night-1-a", "night-2-a")]
    assert (night["pods"]["nodes"], rest["pods"]["nodes"]) == (pods, [])
    assert [one["name"] for one in night["activeJobs"]] == ["night-3", "night-1"]
    assert night["lastJob"]["name"] == "night-2"
    assert (night["nextSchedule"], night["missedRuns"]) == (None, None)
    assert (rest["jobs"]["nodes"], rest["activeJobs"], rest["lastJob"]) == ([], [], None)
    owners = {one["name"]: one["cronJob"] and one["cronJob"]["name"] for one in answer["data"]["jobs"]["nodes"]}
    assert owners == {"alone": None, "earlier": None} | dict.fromkeys(
        ("night-1", "night-2", "night-3", "night-4"), "night"
    )
