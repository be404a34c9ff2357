"""The work between two turns of the event loop, counted in lines of Python, so that no clock matters."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from types import CodeType, FrameType
from typing import Any, TypeAlias

Tracer: TypeAlias = Callable[[FrameType, str, Any], Any]


class LoopTurns:
    """A counter of the lines that one function runs between two turns of asyncio's own event loop.

    Attributes:
        most_lines: the maximum of any function in any turn; of a loop at least one for each round.
        where: that function.
    """

    def __init__(self) -> None:
        self.most_lines = 0
        self.where = ""
        self._lines: Counter[CodeType] = Counter()

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        """Runs `work` in an event loop of its own, and counts."""
        before = sys.gettrace()
        sys.settrace(self._call)
        try:
            asyncio.run(work)
        finally:
            sys.settrace(before)
        self._turn()

    def _call(self, frame: FrameType, _event: str, _argument: Any) -> Tracer | None:
        code, lines = frame.f_code, self._lines
        if code.co_name == "_run_once":
            self._turn()
            return None
        lines[code] += 1

        def line(_frame: FrameType, event: str, _argument: Any) -> Tracer:
            if event == "line":
                self._lines[code] += 1
            return line

        return line

    def _turn(self) -> None:
        for code, lines in self._lines.most_common(1):
            if lines > self.most_lines:
                self.most_lines = lines
                self.where = f"{code.co_filename}:{code.co_firstlineno} {code.co_qualname}"
        self._lines = Counter()
