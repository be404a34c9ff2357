"""Answers to a query over a range: what a Prometheus sends, and what no Prometheus sends."""

import json
import random
from typing import Any

import pytest

from k8s import errors
from k8s.prometheus.rangequery import MOST_STEPS, RangeQuery, RecordedSeries, Taking, read_series

QUERY = RangeQuery("up", 1_000, 1_180, 60)


def matrix(*result: object) -> bytes:
    """Returns an answer with these series."""
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()


def series(values: object, **labels: str) -> dict[str, object]:
    """Returns one series as Prometheus sends it."""
    return {"metric": labels, "values": values}


async def read(body: bytes, *, most_points: int = 100) -> list[RecordedSeries]:
    """Returns the series of an answer to `QUERY`."""
    return (await read_series(body, QUERY, cluster="alpha", taking=Taking(most_points))).series


async def test_series_have_their_labels_and_points() -> None:
    body = matrix(
        series([[1000, "0.5"], [1060, "1e3"], [1180, "-2"]], pod="web-0", namespace="shop"),
        series([[1120.0, "7"]], pod="web-1"),
        {"metric": {}},
        series(None, pod="gone"),
    )

    assert await read(body) == [
        RecordedSeries({"pod": "web-0", "namespace": "shop"}, {1000: 0.5, 1060: 1000.0, 1180: -2.0}),
        RecordedSeries({"pod": "web-1"}, {1120: 7.0}),
        RecordedSeries({}, {}),
        RecordedSeries({"pod": "gone"}, {}),
    ]


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "1e999", "", "x", "9" * 41, "1_0x"])
async def test_values_that_are_no_finite_numbers_are_left_out(value: str) -> None:
    (one,) = await read(matrix(series([[1000, value], [1060, "1"]])))

    assert one.points == {1060: 1.0}


@pytest.mark.parametrize(
    "values",
    [
        [[1060, "1"], [1000, "2"]],
        [[1060, "1"], [1060, "2"]],
        [[940, "2"], [1060, "1"], [1240, "2"]],
        [[1000.5, "2"], [1059, "2"], [1060, "1"], [1061, "2"]],
        [[-1e300, "2"], [1060, "1"], [1e300, "2"]],
    ],
)
async def test_points_off_the_steps_or_out_of_order_are_left_out(values: list[object]) -> None:
    (one,) = await read(matrix(series(values)))

    assert one.points == {1060: 1.0}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"status":"error","errorType":"bad_data","error":"x"}',
        b'{"status":"success"}',
        b'{"status":"success","data":null}',
        b'{"status":"success","data":{"resultType":"vector","result":[]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":{}}}',
        matrix(1),
        matrix(series([[1000]])),
        matrix(series([[1000, 1]])),
        matrix(series([["1000", "1"]])),
        matrix(series([[1000, "1", 2]])),
        matrix(series({"1000": "1"})),
        matrix({"metric": {"pod": 1}, "values": []}),
        matrix({"metric": [], "values": []}),
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1e999,"1"]]}]}}',
        matrix(series([], pod="a"), series([], pod="a")),
        matrix(series([[1000, "1"]] * 5)),
        matrix(series([[[[[]]]]])),
    ],
)
async def test_an_answer_of_another_shape_is_an_error(body: bytes) -> None:
    with pytest.raises(errors.ProtocolBroken, match=r"^cluster 'alpha': .* Prometheus"):
        await read(body)


async def test_more_points_than_the_limit_are_an_error() -> None:
    body = matrix(series([[1000, "1"], [1060, "1"]], pod="a"), series([], pod="b"))

    assert len(await read(body, most_points=3)) == 2
    with pytest.raises(errors.TooManyObjects, match="the answer of its Prometheus has more than 2 points"):
        await read(body, most_points=2)


async def test_series_that_are_not_wanted_are_dropped_and_cost_nothing() -> None:
    body = matrix(*(series([[1000, "1"], [1060, "1"]], pod=f"web-{n}") for n in range(50)))
    charged: list[int] = []
    taking = Taking(2, lambda labels: labels["pod"] == "web-7", charged.append)

    answer = await read_series(body, QUERY, cluster="alpha", taking=taking)

    assert [one.labels["pod"] for one in answer.series] == ["web-7"]
    assert charged == [2]


async def test_points_are_charged_before_the_rest_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.prometheus.rangequery._PIECE_BYTES", 100)
    whole = matrix(*(series([[1000, "1"]], pod=f"web-{n}") for n in range(50))).replace(b", ", b",")
    body = whole.replace(b": ", b":")[:-20]  # what follows is never looked at
    charged: list[int] = []

    def charge(points: int) -> None:
        charged.append(points)
        if len(charged) == 5:
            raise MemoryError

    with pytest.raises(MemoryError):
        await read_series(body, QUERY, cluster="alpha", taking=Taking(1000, charge=charge))

    assert charged == [1] * 5


@pytest.mark.parametrize(("warnings", "is_partial"), [(["w"], True), ([], False), (None, False), ({"a": 1}, True)])
async def test_an_answer_with_warnings_is_partial(warnings: object, is_partial: bool) -> None:
    body = json.dumps({**json.loads(matrix(series([]))), "warnings": warnings, "infos": ["i"]}).encode()

    answer = await read_series(body, QUERY, cluster="alpha", taking=Taking(10))

    assert answer.is_partial is is_partial


async def test_a_long_answer_is_decoded_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s.prometheus.rangequery._PIECE_BYTES", 100)
    hostile = [',{"metric":', "\\", '\\"},{"metric":{}', "\u00e9", "}]}}"]
    sent = [series([[1000, str(n)], [1060, "1"]], pod=f"web-{n}", text=hostile[n % 5]) for n in range(50)]
    body = json.dumps(
        {"status": "success", "data": {"resultType": "matrix", "result": sent}, "warnings": ["w"]},
        separators=(",", ":"),
    ).encode()

    received = await read(body, most_points=100)

    assert [one.labels for one in received] == [one["metric"] for one in sent]
    assert [one.points for one in received] == [{1000: float(n), 1060: 1.0} for n in range(50)]
    with pytest.raises(errors.TooManyObjects):
        await read(body, most_points=99)
    for broken in (body[:-1], body.replace(b'"web-3"', b"3"), body.replace(b"success", b"error"), body[:700]):
        with pytest.raises(errors.ProtocolBroken):
            await read(broken, most_points=100)


async def test_one_series_that_takes_long_to_decode_is_an_error() -> None:
    points = b",".join([b'[1000,"1"]'] * 400_000)
    body = matrix(series([])).replace(b'"values": []', b'"values": [%b]' % points)

    with pytest.raises(errors.AnswerTooLarge):
        await read(body)


async def test_any_json_gives_series_or_one_error() -> None:
    generator = random.Random(5)  # noqa: S311  a fixed seed
    leaves: list[Any] = [None, True, 0, -1, 1000, 1060.5, 10**400, "", "1", "NaN", "a" * 100]

    def some(depth: int) -> Any:
        match generator.randrange(3 if depth else 1):
            case 0:
                return generator.choice(leaves)
            case 1:
                return [some(depth - 1) for _ in range(generator.randrange(4))]
            case _:
                keys = ["metric", "values", "pod", "status", "data", "result"]
                return {generator.choice(keys): some(depth - 1) for _ in range(generator.randrange(4))}

    outcomes = set()
    for _ in range(3_000):
        body = matrix({"metric": some(generator.randrange(2)), "values": some(generator.randrange(4))})
        try:
            outcomes.add(len(await read(body)))
        except errors.ProtocolBroken:
            outcomes.add(-1)

    assert outcomes == {-1, 1}


def test_a_range_without_steps_or_with_too_many_is_a_mistake() -> None:
    assert RangeQuery("up", 0, MOST_STEPS - 1, 1).points == MOST_STEPS
    assert RangeQuery("up", 0, 59, 60).points == 1
    for start_s, end_s, step_s in [(0, 60, 0), (60, 0, 60), (-1, 0, 1), (0, MOST_STEPS, 1)]:
        with pytest.raises(ValueError, match="steps"):
            RangeQuery("up", start_s, end_s, step_s)
