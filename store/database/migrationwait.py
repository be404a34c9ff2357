"""The wait for another process that migrates the database: its limit, and its log lines."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

from store.database.url import DatabaseUrl
from store.errors import StoreUnavailable

REMINDER_S: Final = 30.0
"""Seconds between two log lines."""

_log = logging.getLogger(__name__)


class MigrationWait:
    """The wait of one process, which begins with its first check."""

    def __init__(self, url: DatabaseUrl, wait_s: float, *, clock: Callable[[], float] = monotonic) -> None:
        """Takes the database, the longest wait in seconds, and a monotonic clock."""
        self._url = url
        self._wait_s = wait_s
        self._clock = clock
        self._since_s = clock()
        self._said_s: float | None = None

    def check(self) -> None:
        """Logs the wait at its first call and every 30 s.

        Raises:
            StoreUnavailable: It takes longer than its limit.
        """
        now_s = self._clock()
        if now_s - self._since_s > self._wait_s:
            raise StoreUnavailable(
                f"The database {self._url} was not migrated: another process has held its lock for more than "
                f"{self._wait_s:g} s. Wait until that process has ended, or end it if it hangs, then start again."
            )
        if self._said_s is None:
            _log.warning(
                "waiting up to %g s for another process that migrates the database %s", self._wait_s, self._url
            )
            self._said_s = now_s
        elif now_s - self._said_s >= REMINDER_S:
            waited_s = now_s - self._since_s
            _log.warning("still waiting, for %.0f s, for another process that migrates %s", waited_s, self._url)
            self._said_s = now_s
