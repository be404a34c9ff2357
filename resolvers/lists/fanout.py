"""One list, requested from many clusters at once: each has its own deadline; a dead one costs only its own rows."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from time import perf_counter
from typing import TypeAlias

from k8s.errors import ClusterError, Forbidden
from k8s.reading.listing import WHOLE
from k8s.reading.listorder import ordered
from resolvers.arguments.cursors import END, IN_NAMESPACE
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import Scope
from resolvers.lists.clusteranswer import ClusterAnswer, Reduce, alike, list_timed_out
from resolvers.lists.picking import Picked, read_picked
from resolvers.lists.question import ALL, ListQuestion
from resolvers.lists.shares import Share, Shares
from resolvers.lists.visibility import at_once, unseen, visible_namespaces
from resolvers.operation.operation import Operation
from resolvers.together import together
from resolvers.unexpected import contained

_Read: TypeAlias = tuple[Sequence[ClusterAnswer], Scope, str]
"""The answers of one cluster's requests, in order; the namespaces that were read; the prefix of a continue token."""


async def ask(
    operation: Operation, question: ListQuestion, clusters: Iterable[FleetCluster], shares: Shares | None = None
) -> tuple[ClusterAnswer, ...]:
    """Requests a list from all clusters at once; returns their answers in order, all reduced or none.

    Args:
        operation: the operation, which reads equal lists once.
        question: the list.
        clusters: the clusters.
        shares: the shares of all clusters of the list, if `clusters` are only some of them; None: they are all.

    Raises:
        LimitExceeded: the list is longer than the limit, and not because of a few clusters.
    """
    questions = dict.fromkeys(clusters, (question,))
    shares = shares or question.shares(operation, questions)
    return tuple(answer for (answer,) in await ask_several(operation, questions, shares))


async def ask_several(
    operation: Operation, questions: Mapping[FleetCluster, Sequence[ListQuestion]], shares: Shares
) -> list[list[ClusterAnswer]]:
    """Requests the lists of each cluster at once; returns their answers in order, all reduced or none.

    Args:
        operation: the operation, which reads equal lists once.
        questions: the lists of each cluster, which have the same reduction.
        shares: the shares of the clusters in all lists together.

    Raises:
        LimitExceeded: the lists are longer than the limit, and not because of a few clusters.
    """
    try:
        lists = [*(_ask_one(operation, own, cluster, shares) for cluster, own in questions.items())]
        answers = await together(*lists)
        paid = [[_paid(answer, shares.of(answer.cluster.name)) for answer in own] for own in answers]
    finally:
        for cluster in questions:
            shares.of(cluster.name).close()
    reduce = next((question.reduce for own in questions.values() for question in own), None)
    if reduce is None:
        return paid
    reduced = iter(await alike([answer for own in paid for answer in own], partial(_reduced, reduce)))
    return [list(islice(reduced, len(own))) for own in paid]


def _paid(answer: ClusterAnswer, share: Share) -> ClusterAnswer:
    return answer if share.refusal is None or answer.error is not None else answer.failed(share.refusal)


async def _ask_one(
    operation: Operation, questions: Sequence[ListQuestion], cluster: FleetCluster, shares: Shares
) -> Sequence[ClusterAnswer]:
    share = shares.of(cluster.name)
    if len(questions) == 1:
        answers = [await _answered(operation, questions[0], cluster, share)]
    else:
        answers = await together(*(_answered(operation, question, cluster, share) for question in questions))
    share.end(has_failed=all(answer.error is not None for answer in answers))
    shares.check()
    return answers


async def _answered(operation: Operation, question: ListQuestion, cluster: FleetCluster, share: Share) -> ClusterAnswer:
    started_s = perf_counter()
    try:
        with contained(cluster.name):
            answer = await _read(operation, question, cluster, share)
    except ClusterError as error:
        answer = ClusterAnswer(cluster, [], None, 0.0, None, share.refusal or error)
    return replace(answer, latency_ms=round((perf_counter() - started_s) * 1000, 3))


async def _read(operation: Operation, question: ListQuestion, cluster: FleetCluster, share: Share) -> ClusterAnswer:
    timeout_s = question.arguments.timeout_s
    try:
        async with asyncio.timeout(timeout_s):
            with contained(cluster.name):
                answers, scope, prefix = await _read_list(operation, question, cluster, share)
    except TimeoutError:
        return ClusterAnswer(cluster, [], None, 0.0, None, list_timed_out(cluster, timeout_s))
    if question.reduce is not None:
        reduce = question.reduce
        answers = await alike(answers, lambda answer: answer.reduced(reduce))
    answer = _joined(question, answers, scope)
    return replace(answer, token=f"{prefix}{answer.token}") if answer.token else answer


async def _reduced(reduce: Reduce, answer: ClusterAnswer) -> ClusterAnswer:
    """Returns an answer with its rows reduced, or with the error of the reduction; a failed one counts as reduced."""
    if answer.error is not None:
        return replace(answer, is_reduced=True)
    try:
        with contained(answer.cluster.name):
            return await answer.reduced(reduce)
    except ClusterError as error:
        return replace(answer.failed(error), is_reduced=True)


async def _read_list(operation: Operation, question: ListQuestion, cluster: FleetCluster, share: Share) -> _Read:
    """Reads the list of the whole cluster, of each requested namespace, or of each where the kind may be listed.

    All objects that are read count towards the cluster's share of the list.

    Raises:
        Forbidden: the identity may list the kind in no namespace.
        ClusterError: the cluster failed, or has too many objects.
    """
    kind, namespaces = question.kind, question.arguments.namespaces
    if question.asks_each_namespace:
        return await _read_namespaces(operation, question, cluster, namespaces or (), share)
    if not kind.namespaced or not cluster.listable.refused.get(kind):
        try:
            return [await _read_one(operation, question, cluster, None, share)], Scope(namespaces), ""
        except Forbidden:
            if not kind.namespaced:
                raise
            cluster.listable.refused.put(kind, True)
    visible = await visible_namespaces(operation, cluster, kind, candidates=question.namespaces)
    return await _read_namespaces(operation, question, cluster, visible, share)


async def _read_namespaces(
    operation: Operation, question: ListQuestion, cluster: FleetCluster, namespaces: Collection[str], share: Share
) -> _Read:
    """Reads the lists of namespaces; leaves out those that the cluster refuses, and raises if it refuses all."""
    refusals: list[Forbidden] = []

    async def read(namespace: str) -> ClusterAnswer | None:
        try:
            return await _read_one(operation, question, cluster, namespace, share)
        except Forbidden as error:
            cluster.listable.rules.drop(namespace)
            refusals.append(error)
            return None

    ordered = sorted(namespaces, key="{}/".format)
    if not (question.is_estimated and question.asks_each_namespace):
        operation.add_requests(cluster, max(0, len(ordered) - 1))
    by_namespace = dict(zip(ordered, await at_once(ordered, read), strict=True))
    answers = [answer for answer in by_namespace.values() if answer is not None]
    if not answers:
        if question.namespaces != ():  # a list that reads none there says nothing of the caller's rights
            cluster.listable.forget()
        raise refusals[0] if refusals else unseen(cluster, question.kind)
    seen = tuple(namespace for namespace, answer in by_namespace.items() if answer is not None)
    is_partial = question.namespaces is None or not set(question.namespaces) <= set(seen)
    return answers, Scope(seen, is_partial=is_partial), IN_NAMESPACE


def _joined(question: ListQuestion, answers: Sequence[ClusterAnswer], scope: Scope) -> ClusterAnswer:
    """Joins the parts of a cluster's list, in order, to one answer; all of them are reduced, or none is."""
    end = "" if question.window is ALL else END
    return ClusterAnswer(
        answers[0].cluster,
        answers[0].rows if len(answers) == 1 else [row for answer in answers for row in answer.rows],
        sum(answer.count or 0 for answer in answers) if question.wants_count else None,
        0.0,
        min(answer.observed_at for answer in answers if answer.observed_at is not None),
        None,
        next((answer.token or end for answer in reversed(answers) if answer.token or answer.rows), ""),
        min((answer.resource_version for answer in answers), key=_age),
        scope,
        answers[0].is_reduced,
        is_estimate=question.wants_count and any(answer.is_estimate for answer in answers),
    )


def _age(resource_version: str) -> tuple[int, str]:
    """Returns a key that orders versions of one cluster and kind, oldest first (KEP-5504: they are decimal numbers)."""
    return (len(resource_version), resource_version)


async def _read_one(
    operation: Operation, question: ListQuestion, cluster: FleetCluster, namespace: str | None, share: Share
) -> ClusterAnswer:
    """Reads the list of one namespace, or of the whole cluster."""
    picked, names = question.picked(namespace), question.names_apart(namespace)
    if len(names) > 1:
        return await _read_names(operation, question, cluster, namespace, share)
    request, window = question.request(operation, namespace, *names), question.window.window(cluster.name, namespace)
    if window is None or (question.selection is None and picked is None):
        counted = await operation.count(cluster, request)
        at, is_estimate = counted.observed_at, counted.is_estimate
        return ClusterAnswer(cluster, [], counted.objects, 0.0, at, None, is_estimate=is_estimate)
    if picked is not None:
        answer = await read_picked(operation, cluster, request, window, share, picked)
    else:
        reduce, is_addition = question.reduce, question.is_addition
        answer = await operation.list(cluster, request, window, reduce=reduce, share=share, is_addition=is_addition)
    if answer.count is None and question.wants_count:
        counted = await operation.count(cluster, request)
        return replace(answer, count=max(counted.objects, len(answer.rows)), is_estimate=counted.is_estimate)
    return answer


async def _read_names(
    operation: Operation, question: ListQuestion, cluster: FleetCluster, namespace: str | None, share: Share
) -> ClusterAnswer:
    """Reads the objects of a few names with a request for each name."""
    names, namespaces = question.names_apart(namespace), question.picked_namespaces(namespace)

    async def read(name: str) -> ClusterAnswer:
        picked = Picked(frozenset({name}), namespaces)
        return await read_picked(operation, cluster, question.request(operation, namespace, name), WHOLE, share, picked)

    if not (question.is_estimated and (namespace is None or question.asks_each_namespace)):
        operation.add_requests(cluster, len(names) - 1)
    answer = _joined(question, await at_once(names, read), Scope())
    return replace(answer, rows=await ordered(answer.rows, question.kind))
