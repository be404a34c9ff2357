"""Objects that remain between requests: few for a full garbage collection, after any queries."""

import subprocess
import sys
from typing import Final

import pytest

MOST: Final = 28_000
"""The number of objects that a collection walks in 12 ms."""

_ASKED: Final = """
import asyncio
import gc
from random import Random

from bench.soakstatements import STATEMENTS
from graph.engine import Engine
from tests.graph.fleets import Asking, fleet_of
from tests.graph.snapshots import made_snapshot


async def main():
    ask = Asking(Engine(), fleet_of([made_snapshot("one", seed=1)]))
    random = Random(5)
    for statement in STATEMENTS:
        await ask(statement(random))
    gc.collect()
    gc.freeze()
    for _ in range(100):
        for statement in STATEMENTS:
            await ask(statement(random))
    gc.collect()
    print(len(gc.get_objects()))


asyncio.run(main())
"""


@pytest.mark.slow
def test_what_is_kept_of_documents_that_are_never_asked_again_is_bounded() -> None:
    done = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, check=True, timeout=120)

    assert MOST / 4 < int(done.stdout) < MOST
