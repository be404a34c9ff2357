"""Cron jobs, their jobs, and the pods of these."""

from collections.abc import Iterator

from demo.fleet.chance import hexadecimal
from demo.fleet.company.application import Application, Controller
from demo.fleet.machines.site import Machine, Site
from demo.fleet.manifest import Manifest, condition, manifest, owner_reference
from demo.fleet.moment import DAY_S, stamp
from demo.fleet.objects.containers import template_spec
from demo.fleet.objects.schedules import BACKOFF_LIMIT, RETAINED_RUNS, SCHEDULES, JobRun, Schedule, runs


def batch(site: Site) -> Iterator[Manifest]:
    """Yields all cron jobs with their jobs and pods."""
    for index, schedule in enumerate(SCHEDULES):
        job_runs = runs(site, schedule)
        yield _cron_job(site, schedule, job_runs)
        for back, run in enumerate(job_runs):
            yield _job(run)
            for attempt, pod in enumerate(run.pods()):
                machine = site.place(_application(schedule), index + back + attempt)
                yield _pod(run, pod, attempt=attempt, machine=machine)


def _application(schedule: Schedule) -> Application:
    """Returns the application with the container of a schedule."""
    return Application(
        name=schedule.name,
        namespace=schedule.namespace,
        image=f"registry.example.com/{schedule.namespace}/jobs",
        releases=(schedule.tag,),
        controller=Controller.DEPLOYMENT,
        component="batch",
        args=("run", schedule.name),
        has_config=False,
    )


def _labels(schedule: Schedule) -> dict[str, str]:
    return {"app.kubernetes.io/name": schedule.name, "app.kubernetes.io/component": "batch", "team": schedule.namespace}


def _template(site: Site, schedule: Schedule) -> Manifest:
    spec = template_spec(site, _application(schedule), schedule.tag)
    containers = spec["containers"]
    assert isinstance(containers, list)  # noqa: S101  for the type checker: a template has containers
    left_out = ("ports", "readinessProbe", "livenessProbe")
    spec["containers"] = [{key: container[key] for key in container if key not in left_out} for container in containers]
    del spec["topologySpreadConstraints"]
    return {**spec, "restartPolicy": "Never", "serviceAccount": "default", "serviceAccountName": "default"}


def _cron_job(site: Site, schedule: Schedule, job_runs: list[JobRun]) -> Manifest:
    succeeded = next(run for run in job_runs if not run.is_failed)
    spec: Manifest = {
        "schedule": schedule.cron,
        "concurrencyPolicy": "Forbid",
        "suspend": False,
        "successfulJobsHistoryLimit": RETAINED_RUNS,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {
            "metadata": {"labels": _labels(schedule)},
            "spec": {
                "backoffLimit": BACKOFF_LIMIT,
                "template": {"metadata": {"labels": _labels(schedule)}, "spec": _template(site, schedule)},
            },
        },
    }
    metadata: Manifest = {
        "name": schedule.name,
        "namespace": schedule.namespace,
        "uid": site.uid("CronJob", schedule.namespace, schedule.name),
        "generation": 1,
        "creationTimestamp": stamp(site.created_s + DAY_S),
        "labels": _labels(schedule),
    }
    status: Manifest = {
        "lastScheduleTime": stamp(job_runs[0].begun_s),
        "lastSuccessfulTime": stamp(succeeded.ended_s),
    }
    return manifest("batch/v1", "CronJob", metadata=metadata, spec=spec, status=status)


def _job_labels(run: JobRun) -> dict[str, str]:
    return {
        **_labels(run.schedule),
        "batch.kubernetes.io/job-name": run.name,
        "batch.kubernetes.io/controller-uid": run.uid,
    }


def _job(run: JobRun) -> Manifest:
    schedule = run.schedule
    cron_uid = run.site.uid("CronJob", schedule.namespace, schedule.name)
    metadata: Manifest = {
        "name": run.name,
        "namespace": schedule.namespace,
        "uid": run.uid,
        "generation": 1,
        "creationTimestamp": stamp(run.begun_s),
        "labels": _job_labels(run),
        "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": stamp(run.begun_s)},
        "ownerReferences": [owner_reference("batch/v1", "CronJob", schedule.name, uid=cron_uid)],
    }
    spec: Manifest = {
        "parallelism": 1,
        "completions": 1,
        "completionMode": "NonIndexed",
        "backoffLimit": BACKOFF_LIMIT,
        "suspend": False,
        "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": run.uid}},
        "template": {"metadata": {"labels": _job_labels(run)}, "spec": _template(run.site, schedule)},
    }
    return manifest("batch/v1", "Job", metadata=metadata, spec=spec, status=_job_status(run))


def _job_status(run: JobRun) -> Manifest:
    at = stamp(run.ended_s)
    common: Manifest = {"startTime": stamp(run.begun_s), "ready": 0, "terminating": 0, "uncountedTerminatedPods": {}}
    if run.is_failed:
        words = {"reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}
        conditions = [condition(kind, True, at, **words) for kind in ("FailureTarget", "Failed")]
        return {
            **common,
            "failed": BACKOFF_LIMIT + 1,
            "conditions": [{**failed, "lastProbeTime": at} for failed in conditions],
        }
    words = {"reason": "CompletionsReached", "message": "Reached expected number of succeeded pods"}
    conditions = [
        {**condition(kind, True, at, **words), "lastProbeTime": at} for kind in ("SuccessCriteriaMet", "Complete")
    ]
    return {**common, "succeeded": 1, "completionTime": at, "conditions": conditions}


def _pod(run: JobRun, name: str, *, attempt: int, machine: Machine) -> Manifest:
    schedule, site = run.schedule, run.site
    try_s = schedule.takes_s / len(run.pods())
    begun_s = run.begun_s + attempt * try_s
    owner = owner_reference("batch/v1", "Job", run.name, uid=run.uid)
    metadata: Manifest = {
        "name": name,
        "generateName": f"{run.name}-",
        "namespace": schedule.namespace,
        "uid": site.uid("Pod", schedule.namespace, name),
        "creationTimestamp": stamp(begun_s),
        "labels": _job_labels(run),
        "ownerReferences": [owner],
    }
    spec = {**_template(site, schedule), "nodeName": machine.name, "enableServiceLinks": True, "priority": 0}
    ended: Manifest = {
        "exitCode": 1 if run.is_failed else 0,
        "reason": "Error" if run.is_failed else "Completed",
        "startedAt": stamp(begun_s + 2),
        "finishedAt": stamp(begun_s + try_s - 2),
        "containerID": f"containerd://{hexadecimal(64, run.uid, name)}",
    }
    return manifest("v1", "Pod", metadata=metadata, spec=spec, status=_pod_status(run, ended, machine=machine))


def _pod_status(run: JobRun, ended: Manifest, *, machine: Machine) -> Manifest:
    schedule = run.schedule
    reference, digest = run.site.image(_application(schedule).image, schedule.tag)
    why = "PodFailed" if run.is_failed else "PodCompleted"
    conditions: list[Manifest] = [
        {
            "type": kind,
            "status": str(holds),
            "lastProbeTime": None,
            "lastTransitionTime": ended["startedAt" if holds else "finishedAt"],
            **({} if holds else {"reason": why}),
        }
        for kind, holds in (("Initialized", True), ("Ready", False), ("ContainersReady", False), ("PodScheduled", True))
    ]
    container: Manifest = {
        "name": schedule.name,
        "image": reference,
        "imageID": digest,
        "containerID": ended["containerID"],
        "ready": False,
        "started": False,
        "restartCount": 0,
        "state": {"terminated": ended},
    }
    return {
        "phase": "Failed" if run.is_failed else "Succeeded",
        "conditions": conditions,
        "qosClass": "Burstable",
        "hostIP": machine.ip,
        "hostIPs": [{"ip": machine.ip}],
        "startTime": ended["startedAt"],
        "containerStatuses": [container],
    }
