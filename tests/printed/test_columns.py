"""Every column of every built-in kind, made from GraphQL answers alone, beside the API server's own Tables."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from k8s.kinds.builtin import BUILT_IN
from tests.printed.areas import AREAS
from tests.printed.cells import human_duration
from tests.printed.entry import Printed
from tests.printed.reading import PrintedKind

_ENTRIES = [(area, entry) for area, entries in AREAS.items() for entry in entries]


@pytest.mark.controlplane
@pytest.mark.parametrize(
    ("area", "entry"), _ENTRIES, ids=[f"{area}-{entry.kind.name}-{entry.kind}" for area, entry in _ENTRIES]
)
def test_every_cell(area: str, entry: Printed, printed: Callable[[str, str], PrintedKind]) -> None:
    one = printed(area, str(entry.kind))
    # a row may have more cells than headings: that of an IPAddress in 1.37 has its age
    cells = {"Name": lambda answer, _now: answer["name"], **entry.cells}

    assert set(one.headings) == set(cells)
    assert one.is_whole
    different = [
        (place[:2], heading, printed_cell, made)
        for place in sorted(one.same)
        for heading, printed_cell in zip(one.headings, one.rows[place][: len(one.headings)], strict=True)
        if printed_cell not in (made := [cells[heading](one.answers[place], moment) for moment in one.moments])
    ]
    assert different == []


def test_every_kind_has_one_entry() -> None:
    kinds = [str(entry.kind) for _, entry in _ENTRIES]

    assert sorted(kinds) == sorted(map(str, BUILT_IN))


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(seconds=-2), "<invalid>"),
        (timedelta(seconds=-1.9), "0s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(minutes=9, seconds=59), "9m59s"),
        (timedelta(minutes=10, seconds=1), "10m"),
        (timedelta(minutes=179), "179m"),
        (timedelta(hours=3), "3h"),
        (timedelta(hours=7, minutes=59), "7h59m"),
        (timedelta(hours=8, minutes=1), "8h"),
        (timedelta(hours=47), "47h"),
        (timedelta(hours=48), "2d"),
        (timedelta(days=7, hours=23), "7d23h"),
        (timedelta(days=8, hours=1), "8d"),
        (timedelta(days=729), "729d"),
        (timedelta(days=730), "2y"),
        (timedelta(days=731), "2y1d"),
        (timedelta(days=365 * 8), "8y"),
    ],
    ids=str,
)
def test_durations(duration: timedelta, text: str) -> None:
    assert human_duration(duration) == text
