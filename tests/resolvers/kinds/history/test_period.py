"""The arguments of `usageOver`: durations, their limits, and the times of the points."""

from collections.abc import Mapping

import pytest

from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.kinds.history.period import PERIOD, Period, Points, narrowed


def period(range_: str, step: str | None = None) -> Period:
    arguments: Mapping[str, object] = {"range": range_, "step": step}
    checked: Period = PERIOD.checked(arguments)
    return checked


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h", 3600),
        ("90m", 5400),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("1h0m0s", 3600),
        ("7d", 604_800),
        ("1w", 604_800),
        ("1y", 31_536_000),
    ],
)
def test_durations_of_go_and_of_prometheus(text: str, seconds: int) -> None:
    assert period(text).range_s == seconds


@pytest.mark.parametrize(
    ("range_", "step_s"), [("15m", 15), ("1h", 60), ("6h", 600), ("24h", 1800), ("7d", 10_800), ("366d", 604_800)]
)
def test_the_usual_step(range_: str, step_s: int) -> None:
    assert period(range_).step_s == step_s


@pytest.mark.parametrize(
    ("range_", "step", "message"),
    [
        ("1 h", None, "usageOver: range: '1 h' is no duration; write one such as 90s, 5m, 1h30m or 7d."),
        ("-1h", None, "usageOver: range: '-1h' is no duration; write one such as 90s, 5m, 1h30m or 7d."),
        ("1h", "", "usageOver: step: '' is no duration; write one such as 90s, 5m, 1h30m or 7d."),
        ("1h", "60", "usageOver: step: '60' is no duration; write one such as 90s, 5m, 1h30m or 7d."),
        ("1h", "20500ms", "usageOver: step: '20500ms' is no whole number of seconds of at least 1."),
        (
            "1h",
            "14s",
            "usageOver: step: '14s' is shorter than 15s, the shortest usual interval between measurements; "
            "give a longer one.",
        ),
        ("30s", "1m", "usageOver: range: '30s' is shorter than its step; give a longer one."),
    ],
)
def test_invalid_arguments(range_: str, step: str | None, message: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        period(range_, step)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("range_", "step", "message"),
    [
        ("367d", "1d", "usageOver: range: '367d' is longer than 366d, the limit."),
        (
            "1d",
            "15s",
            "usageOver: 5761 points for each object; the limit is 1500. Give a longer step, such as 58s.",
        ),
    ],
)
def test_figures_over_their_limits(range_: str, step: str, message: str) -> None:
    with pytest.raises(LimitExceeded) as refused:
        period(range_, step)

    assert str(refused.value) == message


def test_the_step_that_a_refusal_proposes_is_accepted() -> None:
    assert period("1d", "58s").points <= 1500


@pytest.mark.parametrize("text", ["9" * 10 + "h", "1h" * 9, "1h" * 100_000, "\u0661h"])
def test_endless_and_foreign_numbers(text: str) -> None:
    with pytest.raises(BadUserInput):
        period(text)


def test_times_are_multiples_of_the_step_until_now() -> None:
    points = period("1h", "1m").until(1_800_000_059.9)

    assert points == Points(1_799_996_400, 1_800_000_000, 60)
    assert list(points.texts.items())[-1] == (1_800_000_000, "2027-01-15T08:00:00Z")
    assert len(points.texts) == period("1h", "1m").points == 61


def test_processors_are_averaged_over_five_minutes_at_least() -> None:
    assert (period("1h", "1m").rate_s, period("7d", "1h").rate_s) == (300, 3600)


def test_only_selected_resources_are_read() -> None:
    whole = period("1h")

    assert narrowed(whole, frozenset({"memory"})).resources == ("memory",)
    assert narrowed(whole, frozenset({"cpu", "memory"})) == whole
    assert narrowed(whole, frozenset()) == whole
