"""The short form of the soak (`bench.soak`): queries of any sort and number leave nothing behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.soak import Soak, soaked
from bench.soakstatements import filtered

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def soak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soak]:
    """Yields a server with a cluster of 600 pods."""
    with soaked(tmp_path_factory.mktemp("soak") / "files", pods=600) as soak:
        yield soak


def test_mixed_queries_leave_nothing_behind(soak: Soak) -> None:
    early_mib, late_mib = soak.mixed([80, 240])

    assert late_mib - early_mib < 10


def test_queries_by_what_objects_link_to_leave_nothing_behind(soak: Soak) -> None:
    early_mib, late_mib = soak.mixed([20, 80], [filtered])

    assert late_mib - early_mib < 6


def test_equal_large_queries_leave_nothing_behind(tmp_path: Path) -> None:
    with soaked(tmp_path / "soak", pods=800) as soak:
        early_mib, late_mib = soak.equal([10, 40])

    assert late_mib - early_mib < 6
