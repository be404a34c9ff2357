"""Garbage collection of a settled server: short, however much one query makes at once."""

import subprocess
import sys
from typing import Final

WALKED_AT_ONCE: Final = 50_000
"""Objects; walking so many takes 20 ms or less."""

_MADE: Final = f"""
import gc
from server.serve.gcthresholds import settle_memory

walked = []

def on_collection(phase, info):
    if phase == "start":
        walked.append(sum(len(gc.get_objects(generation)) for generation in range(info["generation"] + 1)))

gc.disable()
settle_memory()
gc.callbacks.append(on_collection)
kept = [[number] for number in range(10 * {WALKED_AT_ONCE})]
gc.callbacks.clear()
print(len(walked) > 10, max(walked))
"""


_THRESHOLDS: Final = """
import gc
from server.serve.gcthresholds import settle_memory

settle_memory()
print(*gc.get_threshold())
"""


def test_python_collects_all_objects_never_by_itself() -> None:
    done = subprocess.run([sys.executable, "-c", _THRESHOLDS], capture_output=True, text=True, check=True)

    assert int(done.stdout.split()[2]) > 10**9


def test_no_collection_walks_all_that_a_query_made() -> None:
    done = subprocess.run([sys.executable, "-c", _MADE], capture_output=True, text=True, check=True, timeout=120)

    collected, most = done.stdout.split()
    assert collected == "True"
    assert int(most) <= WALKED_AT_ONCE
