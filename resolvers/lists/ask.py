"""One list of many clusters at once: each has its own deadline, and a dead one costs its own rows only."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from time import perf_counter

from k8s.errors import ClusterError, TimedOut
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.answers import ClusterAnswer, Reduce, alike
from resolvers.lists.question import ListQuestion
from resolvers.lists.reading import read_list
from resolvers.lists.shares import Share, Shares
from resolvers.operation.operation import Operation
from resolvers.together import together
from resolvers.unexpected import contained


async def ask(
    operation: Operation, question: ListQuestion, clusters: Iterable[FleetCluster], shares: Shares | None = None
) -> tuple[ClusterAnswer, ...]:
    """Asks all clusters at once, and returns their answers in order: all of them are reduced, or none is.

    Args:
        operation: shares the lists that are read.
        question: the list.
        clusters: the clusters that are asked.
        shares: of the clusters, where these are some of those that the list asks; None: they are all.

    Raises:
        LimitExceeded: the list is longer than one may be, and no few clusters are to blame.
    """
    asked = tuple(clusters)
    shares = shares or question.shares(operation, asked)
    try:
        answers = await together(*(_ask_one(operation, question, cluster, shares) for cluster in asked))
        answers = [_paid(answer, shares.of(answer.cluster.name)) for answer in answers]
    finally:
        for cluster in asked:
            shares.of(cluster.name).close()
    if question.reduce is not None:
        answers = await alike(answers, partial(_reduced, question.reduce))
    return tuple(answers)


def _paid(answer: ClusterAnswer, share: Share) -> ClusterAnswer:
    """Returns the answer of a cluster; without its rows if they are too many with those of all others."""
    return answer if share.refusal is None or answer.error is not None else answer.failed(share.refusal)


async def _ask_one(
    operation: Operation, question: ListQuestion, cluster: FleetCluster, shares: Shares
) -> ClusterAnswer:
    share, started_s = shares.of(cluster.name), perf_counter()
    try:
        with contained(cluster.name):
            answer = await _read(operation, question, cluster, share)
    except ClusterError as error:
        answer = ClusterAnswer(cluster, [], None, 0.0, None, share.refusal or error)
    answer = replace(answer, latency_ms=round((perf_counter() - started_s) * 1000, 3))
    share.end(has_failed=answer.error is not None)
    shares.check()
    return answer


async def _read(operation: Operation, question: ListQuestion, cluster: FleetCluster, share: Share) -> ClusterAnswer:
    timeout_s = question.arguments.timeout_s
    try:
        async with asyncio.timeout(timeout_s):
            with contained(cluster.name):
                return await read_list(operation, question, cluster, share)
    except TimeoutError:
        error = TimedOut(cluster.name, f"no complete answer within {timeout_s or 0:g} s (timeoutMs of the list).")
        return ClusterAnswer(cluster, [], None, 0.0, None, error)


async def _reduced(reduce: Reduce, answer: ClusterAnswer) -> ClusterAnswer:
    """Returns an answer reduced, or with the error of that; one that failed counts as reduced."""
    if answer.error is not None:
        return replace(answer, is_reduced=True)
    try:
        with contained(answer.cluster.name):
            return await answer.reduced(reduce)
    except ClusterError as error:
        return replace(answer.failed(error), is_reduced=True)
