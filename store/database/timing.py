"""Durations of transactions, for metrics."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TypeAlias

from store.errors import StoreUnavailable

OnTransaction: TypeAlias = Callable[[str, float, bool], None]
"""A callback with `read` or `write`, seconds, and whether the database answered; it must not raise."""


@contextmanager
def timed(mode: str, on_transaction: OnTransaction | None) -> Iterator[None]:
    """Reports the duration of the transaction in its context, including the wait for a lock or connection."""
    started_s, is_answered = perf_counter(), True
    try:
        yield
    except StoreUnavailable:
        is_answered = False
        raise
    finally:
        if on_transaction is not None:
            on_transaction(mode, perf_counter() - started_s, is_answered)
