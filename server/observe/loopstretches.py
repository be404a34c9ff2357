"""Stretches of the event loop: the time from one turn to the next, in which no other request is served.

A timer of the loop runs every 10 ms during requests, so a stretch is known to within 5 ms. While there are none, and no
other work, it runs four times a second, which costs next to nothing.

A stretch is measured by the processor time of the loop's thread, so that a busy machine is not mistaken for long work.
A long stretch is logged once, with the functions that ran.
"""

import asyncio
from collections.abc import Callable
from math import inf
from time import perf_counter, thread_time
from typing import Final

import structlog

from server.observe.loopsampling import Beats, Sample, Sampling

LONG_S: Final = 0.05
"""Seconds from which a stretch is long: it delays other answers noticeably."""

_BEAT_S: Final = 0.01
_IDLE_BEAT_S: Final = 0.25
_QUIET_BEATS: Final = 25
"""Beats without requests and work after which the timer slows down."""
_QUIET_SHARE: Final = 0.2
"""The maximum share of a beat that an idle loop uses."""
_BLOCKED_S: Final = 0.5
"""Seconds from which a stretch that mostly waits is logged: shorter ones come from a busy machine."""
_LOGGED_EVERY_S: Final = 1.0

_LOG = structlog.stdlib.get_logger("server.loopstretches")


class LoopStretches:
    """The measurement of the stretches of one event loop.

    Attributes:
        longest_s: Processor time of the longest stretch, in seconds.
        longest_delay_s: The longest delay of a turn, by the clock, in seconds.
        long_count: The number of long stretches.
        interval_s: The current seconds between two runs of the timer.
    """

    def __init__(self, is_answering: Callable[[], bool]) -> None:
        """Starts to measure the running loop; `is_answering` says whether a request is being answered."""
        self.longest_s = self.longest_delay_s = 0.0
        self.long_count = 0
        self._is_answering = is_answering
        self._loop = asyncio.get_running_loop()
        self._beats = Beats(perf_counter())
        self._sampling = Sampling(self._loop, self._beats, late_s=_BEAT_S + LONG_S)
        self._used_s = thread_time()
        self._quiet_beats = 0
        self.interval_s = _BEAT_S
        self._unlogged = 0
        self._logged_s = -inf
        self._timer = self._loop.call_later(_BEAT_S, self._beat)

    def wake(self) -> None:
        """Measures at the short interval from now on, because the first request begins."""
        self._quiet_beats = 0
        if self.interval_s != _BEAT_S:
            self._timer.cancel()
            self._beats.last_s, self._used_s = perf_counter(), thread_time()
            self._sampling.resume()
            self._schedule(_BEAT_S)

    def close(self) -> None:
        """Ends the measurement."""
        self._timer.cancel()
        self._sampling.close()

    def _beat(self) -> None:
        now_s, used_s = perf_counter(), thread_time()
        work_s, delay_s = used_s - self._used_s, now_s - self._beats.last_s - self.interval_s
        self._beats.last_s, self._used_s = now_s, used_s
        is_quiet = not self._is_answering() and work_s < self.interval_s * _QUIET_SHARE
        self._quiet_beats = self._quiet_beats + 1 if is_quiet else 0
        self._note(delay_s, min(work_s, delay_s + _BEAT_S / 2))
        if self._quiet_beats > _QUIET_BEATS:
            self._sampling.pause()
            self._schedule(_IDLE_BEAT_S)
        else:
            self._sampling.resume()
            self._schedule(_BEAT_S)

    def _note(self, delay_s: float, stretch_s: float) -> None:
        if delay_s > self.longest_delay_s:
            self.longest_delay_s = delay_s
        if stretch_s > self.longest_s:
            self.longest_s = stretch_s
        if delay_s > LONG_S - _BEAT_S:
            self._judge(delay_s, stretch_s)

    def _schedule(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._timer = self._loop.call_later(interval_s, self._beat)

    def _judge(self, delay_s: float, stretch_s: float) -> None:
        sample = self._sampling.take()
        if stretch_s > LONG_S:
            self.long_count += 1
        elif delay_s <= _BLOCKED_S:
            return
        if self._beats.last_s - self._logged_s < _LOGGED_EVERY_S:
            self._unlogged += 1
            return
        _log(delay_s, stretch_s, sample, others=self._unlogged)
        self._unlogged, self._logged_s = 0, self._beats.last_s


def _log(delay_s: float, stretch_s: float, sample: Sample | None, *, others: int) -> None:
    _LOG.info(
        "long stretch of the event loop",
        duration_ms=round(delay_s * 1000),
        processor_ms=round(stretch_s * 1000),
        **(sample.fields if sample is not None else {}),
        others=others,
    )
