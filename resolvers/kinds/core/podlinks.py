"""Links of pods: to the objects that control, select or scale them, and to those that they name."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.autoscaling.scaled import (
    BETWEEN,
    TARGET_READS,
    controllers,
    is_custom,
    target_of,
    targets_above,
)
from resolvers.kinds.podspecs import relations
from resolvers.links.fetching import Fetch
from resolvers.links.grandowning import GrandOwning, add_grand_owner
from resolvers.links.members import Family, Shape
from resolvers.links.naming import add_named, add_naming
from resolvers.links.owners import REFERENCES
from resolvers.links.owning import add_owner
from resolvers.links.selecting import add_selecting
from resolvers.links.targets import Target
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, worked
from resolvers.together import both

POD_LINKS = Family(kinds.POD)

add_owner(POD_LINKS, relations.REPLICA_SET_PODS, description="The replica set that controls it; null if there is none.")
add_grand_owner(
    POD_LINKS,
    GrandOwning(kinds.DEPLOYMENT, kinds.REPLICA_SET),
    description="The deployment that controls its replica set; null for pods of other controllers.",
)
add_owner(
    POD_LINKS, relations.STATEFUL_SET_PODS, description="The stateful set that controls it; null if there is none."
)
add_owner(POD_LINKS, relations.DAEMON_SET_PODS, description="The daemon set that controls it; null if there is none.")
add_owner(POD_LINKS, relations.JOB_PODS, description="The job that controls it; null if there is none.")
add_grand_owner(
    POD_LINKS,
    GrandOwning(kinds.CRON_JOB, kinds.JOB),
    description="The cron job that controls its job; null for pods of other controllers.",
)
add_owner(
    POD_LINKS,
    relations.REPLICATION_CONTROLLER_PODS,
    description="The replication controller that controls it; null if there is none.",
)
add_selecting(POD_LINKS, relations.SERVICE_PODS, description="The services whose selectors match its labels.")
add_naming(POD_LINKS, relations.ENDPOINT_SLICE_PODS, description="The endpoint slices that have it as an endpoint.")
add_selecting(
    POD_LINKS,
    relations.NETWORK_POLICY_PODS,
    description="The network policies that apply to it: those of its namespace whose pod selectors match its labels.",
)
add_selecting(
    POD_LINKS,
    relations.BUDGET_PODS,
    description="The disruption budgets whose selectors match its labels; more than one makes evictions fail.",
)
add_named(
    POD_LINKS,
    relations.POD_CLAIMS,
    description="The persistent volume claims that it mounts, those of its ephemeral volumes too.",
)
add_named(
    POD_LINKS,
    relations.POD_CONFIG_MAPS,
    description="The config maps that its volumes and the environments of its containers name, in their order; those "
    "that do not exist are left out.",
)
add_named(
    POD_LINKS,
    relations.POD_SECRETS,
    description="The secrets that its volumes and the environments of its containers name, or with which its images "
    "are pulled, in their order; those that do not exist are left out.",
)
add_named(
    POD_LINKS,
    relations.POD_SERVICE_ACCOUNT,
    shape=Shape.ONE,
    description="Its service account; null if it has none, as a mirror pod of the kubelet, or if it is gone.",
)
add_named(
    POD_LINKS,
    relations.POD_PRIORITY_CLASS,
    shape=Shape.ONE,
    description="Its priority class; null if it names none.",
)
add_named(
    POD_LINKS,
    relations.POD_RUNTIME_CLASS,
    shape=Shape.ONE,
    description="Its runtime class; null if it names none.",
)
add_named(
    POD_LINKS,
    relations.POD_RESOURCE_CLAIMS,
    description="The resource claims that it uses: those that it names, and those made for it from templates.",
)
add_named(
    POD_LINKS, relations.POD_CSI_DRIVERS, description="The CSI drivers of its own volumes; those of claims are theirs."
)


@POD_LINKS.link(
    "metadata.namespace",
    *REFERENCES,
    to=kinds.HORIZONTAL_POD_AUTOSCALER,
    shape=Shape.MANY,
    description="The autoscalers of its controller, or of the controller of its replica set, of any kind; of custom "
    "kinds also those of what controls its stateful set, job or deployment.",
    lists=lambda _checked: 1 + len(BETWEEN),
)
async def horizontal_pod_autoscalers(pods: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
    """Reads autoscalers and replica sets concurrently, and other controllers if a custom kind is scaled."""
    usual, others = BETWEEN[:1], BETWEEN[1:]
    scalers, above = await both(
        fetch.children(kinds.HORIZONTAL_POD_AUTOSCALER, *TARGET_READS), controllers(fetch, usual)
    )
    scalers_of: dict[tuple[FleetCluster, Target], list[Row]] = {}
    async for batch in batches(scalers):
        for cluster, scaler in batch:
            target = target_of(scaler)
            if target is not None:
                scalers_of.setdefault((cluster, target), []).append(scaler)
    if any(is_custom(target) for _, target in scalers_of):
        above = {**above, **await controllers(fetch, others)}

    def of_pod(one: tuple[FleetCluster, Row]) -> list[Row]:
        cluster, pod = one
        targets = targets_above(cluster, pod, above)
        return [scaler for target in targets for scaler in scalers_of.get((cluster, target), ())]

    return await worked(of_pod, pods)
