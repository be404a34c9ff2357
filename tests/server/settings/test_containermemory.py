"""The memory limit of the process, from the files of the kernel."""

from pathlib import Path

import pytest

from server.settings import containermemory
from server.settings.containermemory import GIB, container_limit_bytes, default_memory_bytes, machine_bytes


def _tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1073741824\n"}, GIB),
        ({"proc/self/cgroup": "0::/pod/box\n", "sys/fs/cgroup/pod/box/memory.max": "max\n"}, None),
        (
            {
                "proc/self/cgroup": "0::/pod/box\n",
                "sys/fs/cgroup/pod/memory.max": "536870912\n",
                "sys/fs/cgroup/pod/box/memory.max": "1073741824\n",
            },
            GIB // 2,
        ),
        (
            {
                "proc/self/cgroup": "5:cpu:/\n4:memory:/docker/abc\n",
                "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "1073741824\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            },
            GIB,
        ),
        (
            {"proc/self/cgroup": "4:memory:/docker/abc\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "4294967296"},
            4 * GIB,
        ),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "what\n"}, None),
        ({}, None),
    ],
)
def test_the_smallest_limit_of_all_groups_counts(tmp_path: Path, files: dict[str, str], limit: int | None) -> None:
    assert container_limit_bytes(_tree(tmp_path, files)) == limit


@pytest.mark.parametrize(("limit", "default"), [(GIB // 4, GIB * 3 // 16), (GIB // 16, GIB * 3 // 64), (4 * GIB, GIB)])
def test_the_default_is_never_more_than_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, default: int
) -> None:
    monkeypatch.setattr(containermemory, "machine_bytes", lambda: GIB * 4 // 3)
    root = _tree(tmp_path, {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": str(limit)})

    assert default_memory_bytes(root) == pytest.approx(default, abs=1)


def test_a_quarter_of_the_limit_is_left_for_what_nobody_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containermemory, "machine_bytes", lambda: 8 * GIB)
    root = _tree(tmp_path, {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": str(4 * GIB)})

    assert default_memory_bytes(root) == 3 * GIB


def test_without_a_limit_it_is_that_of_the_manifest_or_half_the_machine(tmp_path: Path) -> None:
    assert default_memory_bytes(tmp_path) == min(GIB, machine_bytes() // 2) * 3 // 4
