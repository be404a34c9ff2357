"""Progress bars on a terminal; nothing elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn


@contextmanager
def progress_bar(title: str, *, total: int | None) -> Iterator[Callable[[], None]]:
    """Shows the progress of `total` steps (None: unknown) on stderr; yields a function to call after each step."""
    console = Console(stderr=True)
    if not console.is_terminal or total == 0:
        yield lambda: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # Results are redirected around the bar only on a terminal; in a pipe they stay unchanged.
    with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
