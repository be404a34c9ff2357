"""Root fields: their rows, before they are completed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from graph.execution.filtering import Refusals, filtered
from graph.execution.objectlists import objects_question
from graph.execution.reduction import list_question, reduction_of
from graph.execution.run import Run
from graph.planning.listfield import ListField, ObjectsField
from graph.planning.targets import Targets
from k8s.kinds.kind import Kind
from k8s.transport.path import PathInvalid, object_path
from k8s.turns.turns import Pace
from resolvers.arguments.globalids import GlobalId, parse_object_id
from resolvers.arguments.kindnames import kind_name
from resolvers.arguments.listarguments import cluster_choice
from resolvers.errors import BadUserInput, TooFewClusters, UnknownCluster, UnknownKind
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.entities import Entities, EntityKey, entity_keys, entity_places, find_entities
from resolvers.links.members import CLUSTER
from resolvers.lists.clusteranswer import ClusterAnswer, count_of, failures_of, refuse_lost_quorum, rows_of, without
from resolvers.lists.fanout import ask
from resolvers.lists.kindlists import ask_kinds
from resolvers.lists.kindresolution import is_known, kind_absent
from resolvers.lists.manykinds import choose_kinds
from resolvers.lists.paging import ListPage, counted_page, cut_page
from resolvers.lists.question import ALL, with_identity
from resolvers.lists.rows import Rows
from resolvers.names import type_name
from resolvers.operation.operation import Operation
from resolvers.pacing import collected, worked
from resolvers.unexpected import contained

Arguments = Mapping[str, object]

_OF_OBJECT: Final = ("cluster", "apiVersion", "kind", "resource", "namespace", "name")
"""The arguments that name an object in place of its id."""


async def find_list(run: Run, field: ListField | ObjectsField) -> ListPage:
    """Finds a list of a kind, or of several, over the fleet: asks all clusters, joins their answers, and cuts the page.

    The answers contain one of these, and the rest is done here:

    - nothing but numbers: no object is needed;
    - values for `groups` and figures: a long list was reduced to them page by page (`graph.execution.reduction`);
    - objects that match `where`: a long list was reduced to them; they are ordered;
    - all objects: they are filtered and ordered.

    Raises:
        QueryError: an argument is invalid, or the list is too long.
    """
    hidden = run.hidden(field.details, field.path)
    reduction = reduction_of(run, hidden, field)
    if isinstance(field, ObjectsField):
        after = field.arguments.after
        place = None if after is None else run.operation.cursors.place(after, scope=field.scope)
        kinds = objects_question(run.operation, field, after=place, reduction=reduction)
        answers = await ask_kinds(run.operation, kinds, field.clusters)
        window, is_counted = kinds.window, kinds.selection_of is None
    else:
        question, clusters = await list_question(run.operation, field, reduction)
        answers = await ask(run.operation, question, clusters)
        window, is_counted = question.window, question.selection is None
    await _refuse_lost_quorum(run, field, answers)
    if is_counted:
        return counted_page(count_of(answers), answers)
    row_filter = field.plan.row_filter
    if reduction is not None and any(answer.is_reduced for answer in answers):
        if reduction.gives_values:
            return await reduction.page(answers)
        row_filter = reduction.rest
    refusals: Refusals = {}
    listed = rows_of(answers)
    listed.is_by_kind = field.is_by_kind
    (rows,) = await filtered(hidden, row_filter, [listed], lambda _index: field.path, refusals=refusals)
    if refusals:
        answers = without(answers, refusals)
        await _refuse_lost_quorum(run, field, answers)
    return cut_page(
        rows,
        field.arguments,
        signer=run.operation.cursors,
        scope=field.scope,
        answers=answers,
        total=None if window is ALL else count_of(answers),
    )


async def _refuse_lost_quorum(run: Run, field: ListField | ObjectsField, answers: Sequence[ClusterAnswer]) -> None:
    """Refuses a list of which too many clusters failed, and reports their errors.

    Raises:
        TooFewClusters: fewer clusters answered than `minClusters`.
    """
    try:
        refuse_lost_quorum(field.arguments, answers)
    except TooFewClusters:
        await worked(lambda failure: run.report(failure, field.details, field.path), failures_of(answers))
        raise


async def find_single(operation: Operation, kind: Kind, targets: Targets, arguments: Arguments) -> Rows:
    """Finds one object by cluster, namespace and name; no row if there is none.

    Raises:
        QueryError: the cluster is not registered, a name is invalid, or too many requests are needed.
        ClusterError: the cluster failed.
    """
    cluster = await find_cluster(operation, str(arguments["cluster"]))
    namespace = str(arguments["namespace"]) if kind.namespaced else None
    return await _get(operation, cluster, GlobalId(cluster.id, kind, namespace, str(arguments["name"])), targets)


async def find_object(operation: Operation, targets: Targets, arguments: Arguments) -> Rows:
    """Finds any object by its global id, or by cluster, kind and name; no row if there is none.

    Raises:
        QueryError: an argument is invalid, there is no such cluster or kind, or too many requests are needed.
        ClusterError: the cluster failed.
    """
    object_id = arguments.get("id")
    names = [name for name in _OF_OBJECT if arguments.get(name) is not None]
    if object_id is None:
        return await _find_named(operation, targets, arguments)
    if names:
        raise BadUserInput(f"object: pass either id, or cluster, kind and name; {names[0]} is beside the id.")
    return await _find_identified(operation, targets, parse_object_id(str(object_id), operation.own_kinds))


async def _find_identified(operation: Operation, targets: Targets, object_id: GlobalId) -> Rows:
    if object_id.is_typed:
        _refuse_impossible(object_id)
    for cluster in await operation.clusters():
        if cluster.id == object_id.cluster_id:
            served = object_id if object_id.is_typed else await _in_cluster(operation, cluster, object_id)
            return await _get(operation, cluster, served, targets) if served is not None else Rows()
    return Rows()


async def _in_cluster(operation: Operation, cluster: FleetCluster, object_id: GlobalId) -> GlobalId | None:
    """Returns an id with its kind as the cluster serves it; None if it does not."""
    kind = object_id.kind
    with contained(cluster.name):
        served = await cluster.served.find(operation.deadline(cluster), lambda known: known.find(kind.group, kind.name))
    if served is None or served.namespaced is not kind.namespaced:
        return None
    return replace(object_id, kind=served.kind())


async def _find_named(operation: Operation, targets: Targets, arguments: Arguments) -> Rows:
    if arguments.get("cluster") is None or arguments.get("name") is None:
        raise BadUserInput("object: pass an id; or cluster, name, and `apiVersion` and `kind`, or `resource`.")
    cluster, name = await find_cluster(operation, str(arguments["cluster"])), kind_name(arguments)
    try:
        chosen = await choose_kinds(operation, name, [cluster])
    except UnknownKind as error:
        raise (kind_absent(cluster, name) if is_known(name, await operation.clusters()) else error) from None
    if chosen.errors:
        raise chosen.errors[cluster]
    (kind,) = chosen.kinds[cluster]
    namespace = arguments.get("namespace")
    if kind.namespaced and namespace is None:
        raise BadUserInput(f"namespace: {kind} are objects in namespaces; name one.")
    if not kind.namespaced and namespace is not None:
        raise BadUserInput(f"namespace: {kind} are objects of the whole cluster; leave the argument out.")
    names = (None if namespace is None else str(namespace), str(arguments["name"]))
    return await _get(operation, cluster, GlobalId(cluster.id, kind, *names), targets)


async def read_entities(operation: Operation, targets: Targets, representations: Sequence[object]) -> Entities:
    """Reads objects and clusters by a gateway's representations.

    Raises:
        QueryError: one of them is invalid, or there are too many, or they need too many requests; nothing was sent.
    """
    entities = await entity_keys(operation, representations)
    names = dict.fromkeys(await collected(map(_planned_type, entities)))
    lists, pace = 0, Pace()
    for name in filter(None, names):
        targets.level(name)
        lists += targets.planned_lists()
        await pace.breathe()
    await targets.read_operands()
    places, clusters = await entity_places(entities)
    operation.estimate_requests(len(places) + lists * len(clusters))
    return await find_entities(operation, entities, targets.selection)


def _planned_type(key: EntityKey) -> str | None:
    """Returns the type of an entity; None if its kind has none."""
    if isinstance(key, GlobalId):
        return type_name(key.kind) if key.is_typed else None
    return CLUSTER.name


def row_type_name(row: object) -> str:
    """Returns the name of a row's type."""
    return CLUSTER.name if isinstance(row, FleetCluster) else type(row).__name__


async def find_clusters(operation: Operation, arguments: Arguments) -> Rows:
    """Finds registered clusters; raises QueryError if a name is unknown, or the labels are invalid."""
    clusters = cluster_choice(arguments).of(await operation.clusters(), is_strict=not operation.changed)
    if operation.changed is not None:  # no cluster of a subscription waits for another one
        clusters = [cluster for cluster in clusters if cluster.name in operation.changed]
    return Rows(list(clusters), list(clusters))


async def find_cluster(operation: Operation, name: str) -> FleetCluster:
    """Finds one registered cluster.

    Raises:
        UnknownCluster: no cluster has that name.
    """
    clusters = await operation.clusters()
    for cluster in clusters:
        if cluster.name == name:
            return cluster
    raise UnknownCluster(name, [cluster.name for cluster in clusters])


async def _get(operation: Operation, cluster: FleetCluster, object_id: GlobalId, targets: Targets) -> Rows:
    kind = object_id.kind
    _refuse_impossible(object_id)
    selection = with_identity(targets.selection(kind), kind)
    await targets.read_operands()
    operation.estimate_requests(1 + targets.planned_lists())
    row = await cluster.reader.get(
        kind,
        structure=operation.kinds.type_of(kind),
        structures=operation.kinds.structures,
        selection=selection,
        namespace=object_id.namespace,
        name=object_id.name,
        deadline=operation.deadline(cluster),
    )
    return Rows([row], [cluster]) if row is not None else Rows()


def _refuse_impossible(object_id: GlobalId) -> None:
    """Refuses an id that no object can have, before clusters are compared: the error reveals no cluster."""
    try:
        object_path(object_id.kind, object_id.namespace, object_id.name)
    except PathInvalid as error:
        raise BadUserInput(str(error)) from error
