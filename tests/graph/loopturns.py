"""The work between two turns of the event loop, counted in lines of Python, so that no clock matters."""

import asyncio
import sys
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
        self._tracers: dict[int, Tracer] = {}  # by the id of a function's code, as its hash takes long
        self._codes: list[CodeType] = []  # each with its tracer and a place in `_lines`
        self._lines: list[int] = []  # of this turn

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
        code = frame.f_code
        tracer = self._tracers.get(id(code))
        if tracer is None:
            if code.co_name == "_run_once":
                self._turn()
                return None
            tracer = self._tracers[id(code)] = self._tracer(code)
        tracer(frame, "line", None)  # of the call
        return tracer

    def _tracer(self, code: CodeType) -> Tracer:
        lines, place = self._lines, len(self._lines)
        lines.append(0)
        self._codes.append(code)

        def count(_frame: FrameType, event: str, _argument: Any) -> Tracer:
            if event == "line":
                lines[place] += 1
            return count

        return count

    def _turn(self) -> None:
        most = max(self._lines, default=0)
        if most > self.most_lines:
            code = self._codes[self._lines.index(most)]
            self.most_lines = most
            self.where = f"{code.co_filename}:{code.co_firstlineno} {code.co_qualname}"
        self._lines[:] = [0] * len(self._lines)
