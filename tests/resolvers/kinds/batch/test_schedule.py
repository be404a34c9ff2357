"""The runs of schedules, beside those of the library of Kubernetes' controllers."""

from time import perf_counter
from typing import Final

import pytest

from resolvers.kinds.batch.cronfields import CronInvalid
from resolvers.kinds.batch.schedule import schedule_of

NEVER: Final = None
INVALID: Final = "invalid"

RUNS: Final = (
    (1700000000, "*/5 * * * *", 1700000100),
    (1700000000, "0 9 * * 1-5", 1700038800),
    (1700000000, "TZ=Europe/Berlin 30 2 31 3 *", 1743381000),
    (1711800000, "TZ=Europe/Berlin 30 2 * * *", 1711931400),
    (1711850399, "TZ=Europe/Berlin 30 2 * * *", 1711931400),
    (1729990000, "TZ=Europe/Berlin 30 2 * * *", 1729992600),
    (1729990000, "TZ=Europe/Berlin 0 3 * * *", 1729994400),
    (1700000000, "TZ=Asia/Kolkata 0 9 * * *", 1700019000),
    (1700000000, "0 0 13 * 5", 1700179200),
    (1700000000, "0 0 */2 * 1", 1700006400),
    (1700000000, "0 0 ? * ?", 1700006400),
    (1700000000, "59 23 31 2 *", NEVER),
    (1700000000, "0 0 29 2 *", 1709164800),
    (1700000000, "5/20 * * * *", 1700000700),
    (1700000000, "0 0 1 jan *", 1704067200),
    (1700000000, "0 0 * * SUN", 1700352000),
    (1700000000, "0 0 * * 7", INVALID),
    (1700000000, "@yearly", 1704067200),
    (1700000000, "@weekly", 1700352000),
    (1700000000, "@hourly", 1700002800),
    (1700000000, "@every 90s", 1700000090),
    (1700000000, "@every 500ms", 1700000001),
    (1700000000, "@every 1h1m1s", 1700003661),
    (1700000000, "@every never", INVALID),
    (1700000000, "@reboot", INVALID),
    (1700000000, "* * * *", INVALID),
    (1700000000, "60 * * * *", INVALID),
    (1700000000, "*/0 * * * *", INVALID),
    (1700000000, "1-2-3 * * * *", INVALID),
    (1700000000, "5-1 * * * *", INVALID),
    (1700000000, ", * * * *", NEVER),
    (1700000000, "TZ=Nowhere/None 0 0 * * *", INVALID),
    (1700000000, "CRON_TZ=America/New_York 0 0 * * *", 1700024400),
    (1541200000, "TZ=America/Sao_Paulo 0 0 * * *", 1541214000),
    (1541300000, "TZ=America/Sao_Paulo 0 0 4 11 *", 1572836400),
    (973796465, "TZ=America/Havana 30/9 */7 */19 APR 1-2", 1017725400),
    (1712300000, "TZ=Australia/Lord_Howe 15 2 * * *", 1712330100),
    (1728000000, "TZ=Australia/Lord_Howe 15 2 * * *", 1728056700),
)
"""A time, an expression, and the next run, as printed by `cron.ParseStandard(...).Next(...)` of robfig/cron v3.0.1."""


@pytest.mark.parametrize(("after", "expression", "run"), RUNS, ids=[f"{after}-{text}" for after, text, _ in RUNS])
def test_the_next_run(after: int, expression: str, run: int | str | None) -> None:
    assert _next(expression, after) == run


@pytest.mark.parametrize("name", ["Nowhere/None", "America", "../etc/passwd", "/etc/localtime", "A" * 5000, "a\0b"])
def test_an_unknown_time_zone_is_invalid(name: str) -> None:
    with pytest.raises(CronInvalid):
        schedule_of("0 0 * * *", name)


@pytest.mark.parametrize(
    ("expression", "zone"), [("0," * 500 + "0 0 * * *", None), ("TZ=UTC 0 0 * * *", "A" * 61)], ids=["text", "zone"]
)
def test_texts_that_are_too_long_are_invalid(expression: str, zone: str | None) -> None:
    with pytest.raises(CronInvalid):
        schedule_of(expression, zone)


def test_the_longest_texts_are_valid() -> None:
    assert schedule_of("0 0 * * *".ljust(1000), None).following(0) == 86400


def test_the_zone_of_the_expression_counts_more() -> None:
    schedule = schedule_of("TZ=Asia/Tokyo 0 9 * * *", "America/New_York")

    assert schedule.following(1700000000) == 1700006400


def test_the_time_zone_of_the_object_counts() -> None:
    assert schedule_of("0 9 * * *", "Asia/Tokyo").following(1700000000) == 1700006400
    assert schedule_of("0 9 * * *", "").following(1700000000) == schedule_of("0 9 * * *", None).following(1700000000)


def test_clock_changes_that_lead_the_rule_in_circles_end() -> None:
    begun = perf_counter()

    assert schedule_of("TZ=Pacific/Apia , * 9 * 2/1,*,4", None).following(1217246091) is None
    assert schedule_of("TZ=Pacific/Apia 1 * 9 * 2/1,*,4", None).following(1217246091) is not None
    assert perf_counter() - begun < 5


@pytest.mark.parametrize(
    "expression", ["9" * 100_000, "*," * 400 + "* * * * *", "\0 * * * *", "²³ * * * *", "\u0661 * * * *"]
)
def test_strange_expressions_are_invalid_or_read(expression: str) -> None:
    assert _next(expression, 1700000000) in {INVALID, 1700000040}


@pytest.mark.parametrize("after", [-(2**62), 2**62, 253402300799])
def test_times_beyond_the_calendar_have_no_run(after: int) -> None:
    assert schedule_of("0 0 * * *", "Asia/Tokyo").following(after) is None


def _next(expression: str, after: int) -> int | str | None:
    try:
        return schedule_of(expression, None).following(after)
    except CronInvalid:
        return INVALID
