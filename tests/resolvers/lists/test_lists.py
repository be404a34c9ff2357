"""One list of many clusters."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from k8s.errors import ErrorCode, Forbidden, TimedOut, TooManyObjects, Unreachable
from k8s.kinds.builtin import NODE, POD
from k8s.reading.listing import ListRequest, Page
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import LEAF, Selection, selection_of
from resolvers.arguments.listarguments import ListArguments
from resolvers.caller import OPERATOR
from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.fleet import Fleet
from resolvers.limits import OperationLimits
from resolvers.lists.clusteranswer import Counted, count_of, failures_of, rows_of
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion, with_identity
from resolvers.operation.operation import Operation
from resolvers.unexpected import Unexpected
from store.errors import StoreUnavailable
from tests.resolvers.decoded import row
from tests.resolvers.fakereader import STARTED, FakeReader, cluster

SIX = tuple(f"n-{index}" for index in range(6))


def _pods(*namespaces: str) -> list[Row]:
    return [row(POD, metadata={"namespace": namespace, "name": "web"}) for namespace in namespaces]


def _operation(limits: OperationLimits | None = None) -> Operation:
    return Operation(cast(Fleet, None), caller=OPERATOR, cursor_key=b"k", limits=limits)


def _question(*namespaces: str) -> ListQuestion:
    return ListQuestion(POD, selection_of(["status.phase"]), ListArguments(namespaces=namespaces or None))


async def test_rows_are_ordered_by_cluster_and_each_knows_its_own() -> None:
    alpha, beta = cluster("alpha", FakeReader(_pods("a", "b"))), cluster("beta", FakeReader(_pods("a")))

    answers = await ask(_operation(), _question(), [alpha, beta])

    assert [(item.name, pod.metadata.namespace) for item, pod in rows_of(answers)] == [
        ("alpha", "a"),
        ("alpha", "b"),
        ("beta", "a"),
    ]
    assert count_of(answers) == 3
    assert failures_of(answers) == []


async def test_a_cluster_that_fails_costs_its_own_rows() -> None:
    error = Forbidden("alpha", "no", status=403)
    alpha, beta = cluster("alpha", FakeReader(error=error)), cluster("beta", FakeReader(_pods("a")))

    answers = await ask(_operation(), _question(), [alpha, beta])

    failed, fine = answers
    assert (failed.error, failed.rows, failed.count, failed.observed_at) == (error, [], None, None)
    assert (fine.error, len(fine.rows), fine.count) == (None, 1, 1)
    assert failures_of(answers) == [error]
    assert count_of(answers) == 1


@pytest.mark.parametrize("error", [RecursionError(), MemoryError(), KeyError("canary"), TimeoutError()])
@pytest.mark.parametrize("selection", [LEAF, None])
async def test_what_nobody_expected_of_a_cluster_costs_its_own_rows(
    error: Exception, selection: Selection | None
) -> None:
    alpha, beta = cluster("alpha", FakeReader(error=error)), cluster("beta", FakeReader(_pods("a")))
    operation, question = _operation(), ListQuestion(POD, selection)

    with capture_logs() as logs:
        answers, again = [await ask(operation, question, [alpha, beta]) for _ in range(2)]

    failed, fine = answers
    assert isinstance(failed.error, Unexpected)
    assert (failed.error.code, failed.error.cluster, failed.count) == (ErrorCode.INTERNAL, "alpha", None)
    assert "canary" not in str(failed.error)
    assert (fine.error, fine.count) == (None, 1)
    assert again[0].error is failed.error
    (logged,) = logs
    assert (logged["id"], logged["cluster"], logged["exc_info"]) == (failed.error.id, "alpha", error)
    assert error.__traceback__ is None


async def test_what_is_made_of_a_clusters_rows_is_its_own_too() -> None:
    async def reduce(where: FleetCluster, rows: Sequence[Row]) -> Sequence[Row]:
        if where.name == "alpha":
            raise RuntimeError
        return rows

    clusters = [cluster(name, FakeReader(_pods("n-0", "n-1"))) for name in ("alpha", "beta")]
    operation = _operation()
    operation.lists.objects_read = 10_000

    with capture_logs():
        answers = await ask(operation, replace(_question(), reduce=reduce), clusters)

    assert [type(answer.error) for answer in answers] == [Unexpected, type(None)]
    assert len(answers[1].rows) == 2


@pytest.mark.parametrize("error", [BadUserInput("no."), StoreUnavailable("away.")])
async def test_what_is_no_fault_of_a_cluster_is_the_lists(error: Exception) -> None:
    alpha, beta = cluster("alpha", FakeReader(error=error)), cluster("beta", FakeReader(_pods("a")))

    with pytest.raises(type(error)):
        await ask(_operation(), _question(), [alpha, beta])


@pytest.mark.parametrize("count", [1, 2, 4])
async def test_a_few_namespaces_are_asked_one_by_one(count: int) -> None:
    reader = FakeReader(_pods(*SIX))

    answers = await ask(_operation(), _question(*SIX[:count]), [cluster("alpha", reader)])

    assert [request.namespace for request in reader.listed] == list(SIX[:count])
    assert [pod.metadata.namespace for _, pod in rows_of(answers)] == list(SIX[:count])


async def test_many_namespaces_are_picked_from_all() -> None:
    reader = FakeReader(_pods("m", *SIX))

    answers = await ask(_operation(), _question(*SIX[:5]), [cluster("alpha", reader)])

    assert [request.namespace for request in reader.listed] == [None]
    assert [pod.metadata.namespace for _, pod in rows_of(answers)] == list(SIX[:5])
    assert count_of(answers) == 5


@pytest.mark.parametrize(("namespaces", "listed", "counted"), [((), 0, 1), (("n-0", "n-1"), 0, 2), (SIX[:5], 1, 0)])
async def test_only_the_number(namespaces: tuple[str, ...], listed: int, counted: int) -> None:
    reader = FakeReader(_pods(*SIX))

    answers = await ask(
        _operation(), ListQuestion(POD, None, ListArguments(namespaces=namespaces or None)), [cluster("alpha", reader)]
    )

    assert count_of(answers) == (len(namespaces) or 6)
    assert (len(reader.listed), len(reader.counted)) == (listed, counted)


async def test_over_the_limit_of_all_clusters_together_it_is_an_error() -> None:
    clusters = [cluster(name, FakeReader(_pods("a", "b"))) for name in ("alpha", "beta")]

    with pytest.raises(LimitExceeded, match="The list has more than 3 pods in 2 clusters"):
        await ask(_operation(OperationLimits(objects=3)), _question(), clusters)


async def test_over_the_limit_of_all_namespaces_together_it_is_an_error() -> None:
    clusters = [cluster(name, FakeReader(_pods("n-0", "n-1"))) for name in ("alpha", "beta")]

    with pytest.raises(LimitExceeded, match="The list has more than 3 pods in 2 clusters"):
        await ask(_operation(OperationLimits(objects=3)), _question("n-0", "n-1"), clusters)


@pytest.mark.parametrize("namespaces", [(), ("n-0", "n-1"), SIX[:5]])
async def test_over_the_limit_of_all_together_the_largest_costs_its_own_rows(namespaces: tuple[str, ...]) -> None:
    alpha, beta = cluster("alpha", FakeReader(_pods("n-0", "n-1", "n-2"))), cluster("beta", FakeReader(_pods("n-1")))
    operation = _operation(OperationLimits(objects=3 if namespaces != ("n-0", "n-1") else 2))

    answers = await ask(operation, _question(*namespaces), [alpha, beta])

    large, small = answers
    assert isinstance(large.error, TooManyObjects)
    assert (large.rows, large.count, large.error.cluster, small.error, len(small.rows)) == ([], None, "alpha", None, 1)
    assert count_of(answers) == 1


async def test_what_is_too_much_for_one_list_is_there_for_another() -> None:
    alpha, beta = cluster("alpha", FakeReader(_pods("a", "b", "c"))), cluster("beta", FakeReader(_pods("a")))
    operation = _operation(OperationLimits(objects=3))

    both, alone = await asyncio.gather(ask(operation, _question(), [alpha, beta]), ask(operation, _question(), [alpha]))
    again = await ask(operation, _question(), [alpha])

    assert [len(item.rows) for item in both] == [0, 1]
    assert [len(item[0].rows) for item in (alone, again)] == [3, 3]


async def test_what_was_too_much_is_read_again_for_who_asks_for_less() -> None:
    alpha, beta = cluster("alpha", FakeReader(_pods("a", "b", "c"))), cluster("beta", FakeReader(_pods("a")))
    operation = _operation(OperationLimits(objects=3))

    for asked, sizes in (([beta, alpha], [1, 0]), ([alpha], [3]), ([alpha, beta], [0, 1])):
        answers = await ask(operation, _question(), asked)
        assert [len(answer.rows) for answer in answers] == sizes


async def test_what_a_failed_cluster_had_does_not_count() -> None:
    class Failing(FakeReader):
        async def pages(self, request: ListRequest, **options: Any) -> AsyncGenerator[Page, None]:
            async for page in super().pages(request, **options):
                yield page
            raise Unreachable("beta", "no connection.")

    clusters = [cluster("alpha", FakeReader(_pods("a", "b"))), cluster("beta", Failing(_pods("a", "b")))]
    operation = _operation(OperationLimits(objects=3))

    for known in (clusters[1:], clusters):
        answers = await ask(operation, _question(), known)

    assert [answer.error is None for answer in answers] == [True, False]


async def test_a_number_may_be_over_the_limit() -> None:
    reader = FakeReader(_pods("a", "b"))

    answers = await ask(_operation(OperationLimits(objects=1)), ListQuestion(POD, None), [cluster("alpha", reader)])

    assert count_of(answers) == 2


async def test_one_cluster_over_the_limit_costs_its_own_rows() -> None:
    error = TooManyObjects("alpha", "it has at least 9 pods")
    clusters = [cluster("alpha", FakeReader(error=error)), cluster("beta", FakeReader(_pods("a", "b")))]

    answers = await ask(_operation(), _question(), clusters)

    assert [answer.error for answer in answers] == [error, None]
    assert count_of(answers) == 2


async def test_an_answer_is_as_old_as_its_oldest_part() -> None:
    alpha = cluster("alpha", FakeReader(_pods(*SIX)))
    operation = _operation()

    first = await ask(operation, _question("n-0"), [alpha])
    both = await ask(operation, _question("n-0", "n-1"), [alpha])

    assert first[0].observed_at == both[0].observed_at
    assert first[0].observed_at is not None
    assert first[0].observed_at > STARTED


async def test_a_list_waits_no_longer_than_it_says() -> None:
    alpha, beta = cluster("alpha", FakeReader(hangs=True)), cluster("beta", FakeReader(_pods("a")))
    operation = _operation()
    question = ListQuestion(POD, LEAF, ListArguments(timeout_s=1))

    answers = await ask(operation, question, [alpha, beta])
    await operation.close()

    late, fine = answers
    assert isinstance(late.error, TimedOut)
    assert str(late.error) == "cluster 'alpha': no complete answer within 1 s (timeoutMs of the list)."
    assert late.latency_ms >= 950
    assert (fine.error, len(fine.rows)) == (None, 1)


async def test_another_list_still_waits_for_the_same_request() -> None:
    reader = FakeReader(hangs=True)
    operation = _operation()
    patient = asyncio.ensure_future(ask(operation, ListQuestion(POD, LEAF), [cluster("alpha", reader)]))

    await ask(operation, ListQuestion(POD, LEAF, ListArguments(timeout_s=0.01)), [cluster("alpha", reader)])

    assert (len(reader.listed), reader.under_way, patient.done()) == (1, 1, False)
    await operation.close()
    with pytest.raises(asyncio.CancelledError):
        await patient


@pytest.mark.parametrize(
    ("versions", "oldest"), [({"n-0": "9", "n-1": "10"}, "9"), ({"n-0": "12", "n-1": "10"}, "10"), ({"n-0": "7"}, "7")]
)
async def test_a_resource_version_is_that_of_the_oldest_part(versions: dict[str, str], oldest: str) -> None:
    reader = FakeReader(_pods(*SIX), versions=versions)

    answers = await ask(_operation(), _question(*versions), [cluster("alpha", reader)])

    assert answers[0].resource_version == oldest


def test_every_row_has_its_identity() -> None:
    assert with_identity(LEAF, POD) == selection_of(["metadata.name", "metadata.namespace"])
    assert with_identity(LEAF, NODE) == selection_of(["metadata.name"])
    assert with_identity(selection_of(["spec.x", "metadata.uid"]), NODE) == selection_of(
        ["spec.x", "metadata.uid", "metadata.name"]
    )


def test_counted_objects_cannot_be_looked_at() -> None:
    assert len(Counted(7)) == 7
    with pytest.raises(LookupError):
        Counted(7)[0]
