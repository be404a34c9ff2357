"""The short form of the soak (`bench.soak`): queries of any sort and number leave nothing behind."""

from pathlib import Path

import pytest

from bench.soak import soaked
from bench.soakstatements import filtered

pytestmark = pytest.mark.slow


def test_mixed_queries_leave_nothing_behind(tmp_path: Path) -> None:
    with soaked(tmp_path / "soak", pods=600) as soak:
        early_mib, late_mib = soak.mixed([80, 320])

    assert late_mib - early_mib < 10


def test_queries_by_what_objects_link_to_leave_nothing_behind(tmp_path: Path) -> None:
    with soaked(tmp_path / "soak", pods=600) as soak:
        early_mib, late_mib = soak.mixed([40, 160], [filtered])

    assert late_mib - early_mib < 6


def test_equal_large_queries_leave_nothing_behind(tmp_path: Path) -> None:
    with soaked(tmp_path / "soak", pods=1500) as soak:
        early_mib, late_mib = soak.equal([10, 50])

    assert late_mib - early_mib < 6
