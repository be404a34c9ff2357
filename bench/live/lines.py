"""The lines of subscriptions in the table of results."""

import asyncio
import subprocess
import sys
from pathlib import Path

import msgspec

from bench.live.beside import beside_lines as beside_lines
from bench.live.following import SUBSCRIPTIONS, Figures
from bench.live.serving import serving_lines
from bench.report import Line, at_most


async def live_lines(folder: Path, directory: Path) -> list[Line]:
    """Measures a process that follows the replayed objects of `folder`; its files are below `directory`."""
    own = directory / "live"
    own.mkdir()
    figures = await asyncio.to_thread(_figures, folder, own)
    return [
        *await serving_lines(folder, own),
        at_most("2,000 events a second: share of a core", figures.busy, 0.5),
        at_most("… longest stop of the event loop", figures.stop_ms, 50, unit=" ms", decimals=0),
        at_most("memory of a pod of 6 KB that is held", figures.held_kib, 3, unit=" KiB"),
        at_most(
            f"{SUBSCRIPTIONS:,} subscriptions to 50 questions: memory", figures.memory_mib, 600, unit=" MiB", decimals=0
        ),
        at_most("… watches at the API server", figures.watches, 100, decimals=0),
        at_most("… time of one at rest", figures.idle_ms, 0.1, unit=" ms / s", decimals=4),
        Line("… payloads, at 50 changes a second", f"{figures.payloads:,.0f} / s"),
        at_most(
            "… from a change to its last subscriber, 99th percentile", figures.last_ms, 1000, unit=" ms", decimals=0
        ),
        at_most("… p99 of a query meanwhile ÷ quiet", figures.slower, 1.5),
    ]


def _figures(folder: Path, directory: Path) -> Figures:
    command = [sys.executable, "-m", "bench.live.following", str(folder), str(directory)]
    process = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=480)
    return msgspec.json.decode(process.stdout, type=Figures)
