"""Recent occurrences in a cluster: for each trouble the events of a real cluster."""

from collections.abc import Iterator

from demo.fleet.machines.site import Site
from demo.fleet.machines.workload import PlannedPod, Revision, State, Workload
from demo.fleet.moment import LOST_FOR_S, MINUTE_S
from demo.fleet.objects.certificates import certificate_name, is_renewed
from demo.fleet.objects.events import EVENT_TTL_S, Happening
from demo.fleet.objects.namespaces import QUOTA_EXCEEDED
from demo.fleet.objects.scaling import is_at_limit
from demo.fleet.objects.schedules import SCHEDULES, JobRun, runs

_RECENT_S = 10 * MINUTE_S


def settled_happenings(site: Site, workloads: tuple[Workload, ...]) -> Iterator[Happening]:
    """Yields the occurrences that do not change while the fleet is served."""
    yield from _node_happenings(site)
    for schedule in SCHEDULES:
        yield from _run_happenings(runs(site, schedule)[0])
    for workload in workloads:
        yield from _workload_happenings(workload)
        for pod in workload.pods:
            yield from _pod_trouble(workload, pod)


def moving_happenings(workload: Workload, now_s: float) -> Iterator[Happening]:
    """Yields the occurrences of a workload that changes: those of its pods, and the steps of its rollout."""
    for pod in workload.pods:
        yield from _pod_trouble(workload, pod)
        yield from _crashes(workload, pod)
        if now_s - pod.created_s < _RECENT_S and pod.condition.restarts == 0:
            yield from _births(workload, pod, now_s)
    if now_s - workload.revisions[0].created_s < EVENT_TTL_S:
        yield from _scalings(workload)


def _node_happenings(site: Site) -> Iterator[Happening]:
    for machine in site.machines:
        if machine.is_lost:
            at_s = site.start_s - LOST_FOR_S + 40
            yield Happening(
                kind="Node", namespace="", name=machine.name, reason="NodeNotReady", is_warning=False,
                message=f"Node {machine.name} status is now: NodeNotReady", source="node-controller", last_s=at_s,
            )  # fmt: skip
        if machine.is_cordoned:
            yield Happening(
                kind="Node", namespace="", name=machine.name, reason="NodeNotSchedulable", source="kubelet",
                message=f"Node {machine.name} status is now: NodeNotSchedulable", host=machine.name,
                last_s=site.start_s - 25 * MINUTE_S, first_s=site.start_s - 25 * MINUTE_S,
            )  # fmt: skip


def _run_happenings(run: JobRun) -> Iterator[Happening]:
    job, cron = run.schedule.namespace, run.schedule.name
    yield Happening(
        kind="batch/v1/CronJob", namespace=job, name=cron, reason="SuccessfulCreate",
        message=f"Created job {run.name}", source="cronjob-controller", last_s=run.begun_s,
    )  # fmt: skip
    if run.is_failed:
        yield Happening(
            kind="batch/v1/Job", namespace=job, name=run.name, reason="BackoffLimitExceeded", is_warning=True,
            message="Job has reached the specified backoff limit", source="job-controller",
            last_s=run.site.start_s - 4 * MINUTE_S, first_s=run.ended_s,
        )  # fmt: skip
    else:
        yield Happening(
            kind="batch/v1/CronJob", namespace=job, name=cron, reason="SawCompletedJob",
            message=f"Saw completed job: {run.name}, condition: Complete", source="cronjob-controller",
            last_s=run.ended_s,
        )  # fmt: skip


def _workload_happenings(workload: Workload) -> Iterator[Happening]:
    start_s, namespace = workload.site.start_s, workload.namespace
    newest = workload.revisions[0]
    if workload.is_stalled:
        yield _scaling(workload, newest, "up", count=2, at_s=newest.created_s)
    if is_at_limit(workload):
        yield Happening(
            kind="autoscaling/v2/HorizontalPodAutoscaler", namespace=namespace, name=workload.name, is_warning=True,
            reason="ScalingLimited", source="horizontal-pod-autoscaler", count=52,
            message="the desired replica count is more than the maximum replica count",
            first_s=start_s - 55 * MINUTE_S, last_s=start_s - 20,
        )  # fmt: skip
    if workload.application.host and not is_renewed(workload):
        yield Happening(
            kind="cert-manager.io/v1/Certificate", namespace=namespace, name=certificate_name(workload),
            reason="Failed", is_warning=True, source="cert-manager-certificates-issuing", count=7,
            message="The certificate request has failed to complete and will be retried: DNS problem: NXDOMAIN",
            first_s=start_s - 50 * MINUTE_S, last_s=start_s - 6 * MINUTE_S,
        )  # fmt: skip
    if (workload.site.profile.name, namespace) == QUOTA_EXCEEDED and workload.name == "promotions":
        name = f"{workload.name}-{newest.hash}"
        yield Happening(
            kind="apps/v1/ReplicaSet", namespace=namespace, name=name, reason="FailedCreate", is_warning=True,
            source="replicaset-controller", count=14, first_s=start_s - 31 * MINUTE_S, last_s=start_s - 75,
            message=f'Error creating: pods "{name}-" is forbidden: exceeded quota: team, requested: pods=1',
        )  # fmt: skip


def _pod_trouble(workload: Workload, pod: PlannedPod) -> Iterator[Happening]:
    start_s, condition = workload.site.start_s, pod.condition
    if pod.state is State.IMAGE_MISSING:
        backs_off, _, why = condition.message.partition(": ErrImagePull: ")
        yield _of_pod(
            workload, pod, "Failed", f"Failed to pull image: {why}", count=11,
            first_s=pod.created_s + 3, last_s=start_s - 150,
        )  # fmt: skip
        yield _of_pod(
            workload, pod, "BackOff", backs_off, count=214,
            first_s=pod.created_s + 9, last_s=start_s - 12,
        )  # fmt: skip
    elif pod.state is State.UNSCHEDULABLE:
        yield _of_pod(
            workload, pod, "FailedScheduling", condition.message, source="default-scheduler", count=8,
            first_s=pod.created_s, last_s=start_s - 90,
        )  # fmt: skip
        if workload.application.storage_gib:
            yield Happening(
                kind="PersistentVolumeClaim", namespace=workload.namespace, name=f"data-{pod.name}", count=31,
                reason="ProvisioningFailed", is_warning=True, source="persistentvolume-controller",
                message="failed to provision volume: no node has 50Gi left below /var/lib/rancher/k3s/storage",
                first_s=pod.created_s, last_s=start_s - 45,
            )  # fmt: skip
    elif pod.state is State.LOST:
        yield Happening(
            kind="Pod", namespace=workload.namespace, name=pod.name, reason="TaintManagerEviction",
            message=f"Marking for deletion Pod {workload.namespace}/{pod.name}", source="taint-eviction-controller",
            last_s=condition.at_s,
        )  # fmt: skip
    elif pod.state is State.STARTING and not condition.restarts and condition.at_s:
        yield _of_pod(
            workload, pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", count=204,
            first_s=condition.at_s, last_s=start_s - 5,
        )  # fmt: skip


def _crashes(workload: Workload, pod: PlannedPod) -> Iterator[Happening]:
    condition = pod.condition
    if not condition.message:
        return
    name, namespace = workload.name, workload.namespace
    yield _of_pod(
        workload, pod, "BackOff", f"Back-off restarting failed container {name} in pod {pod.name}_{namespace}",
        count=condition.restarts * 4, first_s=pod.created_s, last_s=condition.at_s,
    )  # fmt: skip
    yield _of_pod(
        workload, pod, "Started", f"Container started: {name}", is_warning=False,
        count=condition.restarts + 1, first_s=pod.created_s, last_s=condition.at_s - 9,
    )  # fmt: skip


def _births(workload: Workload, pod: PlannedPod, now_s: float) -> Iterator[Happening]:
    node = pod.machine.name if pod.machine else ""
    image = f"{workload.application.image}:{pod.revision.tag}"
    steps = (
        (0.0, "Scheduled", f"Successfully assigned {workload.namespace}/{pod.name} to {node}", "default-scheduler"),
        (1.0, "Pulling", f'Pulling image "{image}"', "kubelet"),
        (2.0, "Pulled", f'Successfully pulled image "{image}" in 912ms. Image size: 48211043 bytes.', "kubelet"),
        (3.0, "Started", f"Container started: {workload.name}", "kubelet"),
    )
    for after_s, reason, message, source in steps:
        at_s = pod.created_s + after_s
        if at_s <= now_s:
            yield _of_pod(workload, pod, reason, message, source=source, is_warning=False, first_s=at_s, last_s=at_s)


def _scalings(workload: Workload) -> Iterator[Happening]:
    """Yields a step for each pod of the newest revision, and for each old pod that was replaced."""
    newest, *older = workload.revisions
    for index, pod in enumerate(pod for pod in workload.pods if pod.revision == newest):
        yield _scaling(workload, newest, "up", count=index + 1, at_s=pod.created_s)
        if older and pod.is_ready:
            yield _scaling(workload, older[0], "down", count=workload.desired - index - 1, at_s=pod.created_s + 11)


def _scaling(workload: Workload, revision: Revision, way: str, *, count: int, at_s: float) -> Happening:
    return Happening(
        kind="apps/v1/Deployment", namespace=workload.namespace, name=workload.name, reason="ScalingReplicaSet",
        message=f"Scaled {way} replica set {workload.name}-{revision.hash} to {count}",
        source="deployment-controller", last_s=at_s,
    )  # fmt: skip


def _of_pod(
    workload: Workload,
    pod: PlannedPod,
    reason: str,
    message: str,
    *,
    first_s: float,
    last_s: float,
    count: int = 1,
    source: str = "kubelet",
    is_warning: bool = True,
) -> Happening:
    host = pod.machine.name if pod.machine and source == "kubelet" else ""
    return Happening(
        kind="Pod", namespace=workload.namespace, name=pod.name, reason=reason, message=message, source=source,
        first_s=first_s, last_s=max(first_s, last_s), count=count, is_warning=is_warning, host=host,
    )  # fmt: skip
