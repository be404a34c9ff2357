"""The allocator of the C library: its free memory is known, and returned."""

import subprocess
import sys
from typing import Final

import pytest

from server.serve.allocator import FreeMemory, free_memory
from tests.server.serverprocess import ROOT

_FRAGMENTED: Final = """
from server.serve.allocator import free_memory, resident_bytes, return_large_blocks, trim

return_large_blocks()
blocks = [bytes(2000) for _ in range(40_000)]
kept = blocks[::8]
del blocks
free, resident = free_memory(), resident_bytes()
trim()
print(free.size_bytes, free.chunks, resident - resident_bytes())
"""

_IS_TOLD: Final = free_memory() != FreeMemory()


@pytest.mark.skipif(not _IS_TOLD, reason="not glibc 2.33 or later")
def test_free_memory_is_told_in_bytes_and_chunks_and_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", _FRAGMENTED], capture_output=True, text=True, check=True, cwd=ROOT)

    size_bytes, chunks, given_back_bytes = map(int, done.stdout.split())
    assert 0.9 * 70_000_000 < size_bytes < 1.2 * 70_000_000
    assert 5_000 <= chunks < 6_000
    assert given_back_bytes > 0.5 * size_bytes


def test_giving_back_takes_longer_for_more_and_for_more_pieces() -> None:
    small, large, scattered = FreeMemory(10**6, 10), FreeMemory(10**9, 10), FreeMemory(10**6, 10_000)

    assert small.trim_s < 0.001 < 0.1 < min(large.trim_s, scattered.trim_s)
