"""Progress on a terminal, and nothing anywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn


@contextmanager
def progress(what: str, *, total: int | None) -> Iterator[Callable[[], None]]:
    """Shows on stderr how many of `total` are done, or how many, if nobody knows; yields what is called for each."""
    console = Console(stderr=True)
    if not console.is_terminal or total == 0:
        yield lambda: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # Results go around the bar only where they are seen with it; in a pipe they stay what they are.
    with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
