"""What a root field finds, before anything is made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from graph.execution.keeping import keeping
from graph.execution.run import Run
from graph.execution.sifted import Paying, sift
from graph.planning.listfield import ListField
from graph.planning.targets import Targets
from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.transport.path import PathInvalid, object_path
from k8s.turns.turns import Pace
from resolvers.arguments.arguments import cluster_choice
from resolvers.arguments.globalids import GlobalId, parse_object_id
from resolvers.errors import BadUserInput, TooFewClusters, UnknownCluster
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.entities import Entities, entity_keys, entity_places, find_entities
from resolvers.links.members import CLUSTER
from resolvers.lists.answers import FleetAnswer
from resolvers.lists.ask import ListQuestion, ask, with_identity
from resolvers.lists.paging import ListPage, counted_page, cut_page
from resolvers.lists.question import ALL, part_of
from resolvers.lists.quorum import refuse_lost_quorum, refuse_missing_quorum
from resolvers.lists.rows import Rows
from resolvers.names import type_name
from resolvers.operation.operation import Operation
from resolvers.pacing import taken, worked

Arguments = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Found:
    """A page and the clusters that failed."""

    page: ListPage
    failures: tuple[ClusterError, ...]


async def find_list(run: Run, asked: ListField) -> Found:
    """A list of a kind over the fleet.

    Raises:
        QueryError: an argument cannot be meant, or the list is too long.
    """
    operation, kind, plan, arguments = run.operation, asked.kind, asked.plan, asked.arguments
    scope = arguments.scope(str(kind))
    after = None
    if arguments.after is not None:  # a wrong cursor is refused before anything is sent
        after = operation.cursors.place(arguments.after, scope=scope)
    pushed = operation.pushed_down(kind, arguments)
    clusters = pushed.of(arguments.clusters.of(await operation.clusters()))
    refuse_missing_quorum(arguments, len(clusters))
    counts_only = plan.counts_only and not arguments.counts_rows
    selection = None if counts_only else plan.selection
    part = ALL if plan.wants_whole else part_of(arguments, after)
    wants_count = counts_only or plan.wants_count
    hidden = run.hidden(asked.details, asked.path)
    kept = keeping(run, hidden, asked) if part is ALL and not counts_only else None
    question = ListQuestion(
        kind, selection, pushed.arguments, part, wants_count, keep=kept.keep if kept is not None else None
    )
    answer = await ask(operation, question, clusters)
    failures = await _failures(run, asked, answer)
    if counts_only:
        return Found(counted_page(answer.count, answer.answers), failures)
    sifting = plan.sifting
    if kept is not None and answer.is_kept:
        if kept.keeps_values:
            return Found(await kept.page(answer), failures)
        sifting = replace(sifting, wanted=None) if sifting is not None and arguments.order_by else None
    paying: Paying = {}
    ((rows, standing),) = await sift(hidden, sifting, [answer.rows()], lambda _index: asked.path, paying=paying)
    if paying:
        answer = answer.without(paying)
        failures = await _failures(run, asked, answer)
    page = cut_page(
        rows,
        arguments,
        signer=operation.cursors,
        scope=scope,
        answers=answer.answers,
        standing=standing,
        total=None if part is ALL else answer.count,
    )
    return Found(page, failures)


async def _failures(run: Run, asked: ListField, answer: FleetAnswer) -> tuple[ClusterError, ...]:
    """The errors of clusters; they are reported at once where the list is refused because it lost too many.

    Raises:
        TooFewClusters: it did.
    """
    failures = tuple(each.error for each in answer.failures if each.error is not None)
    try:
        refuse_lost_quorum(asked.arguments, answer)
    except TooFewClusters:
        await worked(lambda failure: run.report(failure, asked.details, asked.path), failures)
        raise
    return failures


async def find_single(operation: Operation, kind: Kind, targets: Targets, given: Arguments) -> Rows:
    """One object by cluster, namespace and name; no row if there is none.

    Raises:
        QueryError: the cluster is not registered, or a name is none, or too many requests would be needed.
        ClusterError: the cluster failed.
    """
    cluster = await find_cluster(operation, str(given["cluster"]))
    namespace = str(given["namespace"]) if kind.namespaced else None
    return await _get(operation, cluster, GlobalId(cluster.id, kind, namespace, str(given["name"])), targets)


async def find_object(operation: Operation, targets: Targets, given: Arguments) -> Rows:
    """Any object by its global id; no row if it, or its cluster, is gone.

    Raises:
        QueryError: it is no id, or too many requests would be needed.
        ClusterError: the cluster failed.
    """
    wanted = parse_object_id(str(given["id"]))
    _refuse_impossible(wanted)
    for cluster in await operation.clusters():
        if cluster.id == wanted.cluster_id:
            return await _get(operation, cluster, wanted, targets)
    return Rows()


async def read_entities(operation: Operation, targets: Targets, given: Sequence[object]) -> Entities:
    """Objects and clusters by a gateway's representations.

    Raises:
        QueryError: one of them is none of ours, or they, or the requests for them, are too many; nothing was sent.
    """
    wanted = await entity_keys(operation, given)
    kinds = dict.fromkeys(await taken(each.kind if isinstance(each, GlobalId) else None for each in wanted))
    lists, pace = 0, Pace()
    for kind in kinds:
        targets.level(type_name(kind) if kind is not None else CLUSTER.name)
        lists += targets.planned_lists()
        await pace.breathe()
    await targets.read_operands()
    places, clusters = await entity_places(wanted)
    operation.estimate_requests(len(places) + lists * len(clusters))
    return await find_entities(operation, wanted, targets.selection)


def row_type_name(row: object) -> str:
    """The name of a row's type."""
    return CLUSTER.name if isinstance(row, FleetCluster) else type(row).__name__


async def find_clusters(operation: Operation, given: Arguments) -> Rows:
    """Registered clusters.

    Raises:
        QueryError: a name is unknown, or the labels are none.
    """
    clusters = cluster_choice(given).of(await operation.clusters())
    return Rows(list(clusters), list(clusters))


async def find_cluster(operation: Operation, name: str) -> FleetCluster:
    """One registered cluster.

    Raises:
        UnknownCluster: none of that name.
    """
    for cluster in await operation.clusters():
        if cluster.name == name:
            return cluster
    raise UnknownCluster(name)


async def _get(operation: Operation, cluster: FleetCluster, wanted: GlobalId, targets: Targets) -> Rows:
    kind = wanted.kind
    _refuse_impossible(wanted)
    selection = with_identity(targets.selection(kind), kind)
    await targets.read_operands()
    operation.estimate_requests(1 + targets.planned_lists())
    row = await cluster.reader.get(
        kind,
        structure=type_name(kind),
        selection=selection,
        namespace=wanted.namespace,
        name=wanted.name,
        deadline=operation.deadline(cluster),
    )
    return Rows([row], [cluster]) if row is not None else Rows()


def _refuse_impossible(wanted: GlobalId) -> None:
    """Refuses what can be no object, whichever clusters there are: what exists for a caller makes no difference."""
    try:
        object_path(wanted.kind, wanted.namespace, wanted.name)
    except PathInvalid as error:
        raise BadUserInput(str(error)) from error
