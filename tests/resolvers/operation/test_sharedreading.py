"""One reading of a list: its order, and the reduction of its pages."""

from collections.abc import Sequence

import pytest

from k8s.errors import Gone, TooManyObjects
from k8s.kinds.builtin import NODE, POD
from k8s.reading.listing import WHOLE, ListRequest, Window
from k8s.reading.reader import ClusterReader
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import selection_of
from k8s.transport.deadline import Deadline
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import ClusterAnswer, Reduce
from resolvers.memory.budget import MemoryBudget
from resolvers.operation.sharedreading import SharedReading
from resolvers.unexpected import Unexpected
from tests.k8s.listsender import ListSender, page
from tests.resolvers.fakereader import cluster

REQUEST = ListRequest(POD, "Pod", selection_of(["metadata.namespace", "metadata.name"]))
GONE = Gone("alpha", "the list changed", status=410)


def _names(answer: ClusterAnswer) -> list[tuple[str, str]]:
    return [(row.metadata.namespace, row.metadata.name) for row in answer.rows]


async def _answer(
    sender: ListSender,
    reduce: Reduce | None = None,
    *,
    request: ListRequest = REQUEST,
    window: Window = WHOLE,
    limit: int = 100,
    from_objects: int = 0,
    counted: list[int] | None = None,
) -> ClusterAnswer:
    """Reads a list, which counts as many above a number of objects; `counted` collects the objects read, by page."""

    def is_much(read: int) -> bool:
        if counted is not None:
            counted.append(read)
        return read >= from_objects

    alpha, memory = cluster("alpha", ClusterReader(sender)), MemoryBudget().share("a")
    reading = SharedReading(alpha, request, window, counted=is_much, memory=memory, relieve=lambda _bytes: None)
    reading.join(reduce, None)
    await reading.read(Deadline(5), limit)
    return reading.answer(reduce)


async def _odd(_cluster: FleetCluster, rows: Sequence[Row]) -> Sequence[str]:
    return [row.metadata.name for row in rows if row.metadata.name in "ace"]


async def test_the_order_is_that_of_the_api_server_s_keys() -> None:
    """Tests the order of etcd: keys are `namespace/name`, and `-` and `.` sort before `/`, so `a-b/x` before `a/x`."""
    sender = ListSender({"": [page([("a", "x"), ("a.b", "x"), ("a", "y"), ("a-b", "x")])]})

    names = _names(await _answer(sender))

    assert names == [("a-b", "x"), ("a.b", "x"), ("a", "x"), ("a", "y")]


async def test_objects_of_the_whole_cluster_are_ordered_by_name() -> None:
    request = ListRequest(NODE, "Node", selection_of(["metadata.name"]))
    body = b'{"kind":"NodeList","items":[{"metadata":{"name":"n-2"}},{"metadata":{"name":"n-1"}}]}'

    answer = await _answer(ListSender({"": [body]}), request=request)

    assert [row.metadata.name for row in answer.rows] == ["n-1", "n-2"]


async def test_of_a_server_that_sends_no_order_the_whole_list_is_read() -> None:
    sender = ListSender({"": [page(["b", "a"], "t1", remaining=1), page(["b", "a"], "t1")], "t1": [page(["0"])]})

    answer = await _answer(sender, window=Window(first=2))

    assert _names(answer) == [("shop", "0"), ("shop", "a"), ("shop", "b")]
    assert (answer.token, answer.count) == ("", 3)


@pytest.mark.parametrize("from_objects", [0, 2, 3, 4])
async def test_results_stand_for_the_objects_from_whenever_on_they_are_reduced(from_objects: int) -> None:
    sender = ListSender({"": [page(["a", "b"], "t1")], "t1": [page(["c"], "t2")], "t2": [page(["d"])]})

    answer = await _answer(sender, _odd, from_objects=from_objects)

    assert (answer.rows, answer.count, answer.is_reduced) == (["a", "c"], 4, True)


async def test_few_objects_are_not_reduced() -> None:
    sender = ListSender({"": [page(["a", "b"])]})

    answer = await _answer(sender, _odd, from_objects=3)

    assert (_names(answer), answer.is_reduced) == ([("shop", "a"), ("shop", "b")], False)


@pytest.mark.parametrize(("reduce", "rows"), [(_odd, ["c"]), (None, ["c", "d"])])
async def test_a_list_that_begins_anew_has_nothing_of_before(reduce: Reduce | None, rows: list[str]) -> None:
    sender = ListSender({"": [page(["a", "b"], "t1"), page(["c", "d"])], "t1": [GONE]})

    answer = await _answer(sender, reduce)

    assert [row if isinstance(row, str) else row.metadata.name for row in answer.rows] == rows
    assert sender.tokens == ["", "t1", ""]


async def test_results_are_in_order_though_the_server_sends_none() -> None:
    unordered = ListSender({"": [page(["e", "a"], "t1")], "t1": [page(["c"])]})
    late = ListSender({"": [page(["c", "e"], "t1")], "t1": [page(["a"])]})

    answers = [await _answer(sender, _odd) for sender in (unordered, late)]

    assert [answer.rows for answer in answers] == [["a", "c", "e"]] * 2


async def test_a_server_without_order_is_asked_twice_only_if_something_was_dropped() -> None:
    one_page = ListSender({"": [page(["e", "a"])]})
    late = ListSender({"": [page(["c", "e"], "t1")], "t1": [page(["a"])]})

    for sender in (one_page, late):
        await _answer(sender, _odd)

    assert (len(one_page.tokens), len(late.tokens)) == (1, 4)


async def test_a_list_that_is_read_again_whole_is_counted_as_well() -> None:
    counted: list[int] = []
    late = ListSender({"": [page(["c", "e"], "t1")], "t1": [page(["a"])]})

    await _answer(late, _odd, counted=counted)

    assert counted == [2, 3, 2, 3]


async def test_objects_that_are_dropped_count() -> None:
    sender = ListSender({"": [page(["x", "y"], "t1")], "t1": [page(["z"])]})

    with pytest.raises(TooManyObjects):
        await _answer(sender, _odd, limit=2)


async def test_an_error_of_the_reduction_is_not_taken_for_the_server_s() -> None:
    async def broken(_cluster: FleetCluster, _rows: Sequence[Row]) -> Sequence[str]:
        raise TypeError("a mistake of ours")

    sender = ListSender({"": [page(["a"])]})

    with pytest.raises(Unexpected):
        await _answer(sender, broken)
    assert sender.tokens == [""]
