"""`query --watch`: follows a list, and shows its rows as they change."""

import asyncio
import sys
from asyncio import sleep
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from random import uniform
from typing import Final

import msgspec

from graph.document.followedlist import RESUME, FollowedList, NotOneList, followed_list
from graph.request import GraphqlRequest
from server.cli.query.answered import Asks
from server.cli.query.followedrows import FollowedRows, FollowingEnded
from server.cli.query.livescreen import LiveScreen
from server.cli.query.outputformat import OutputFormat
from server.commanderrors import ExitCode, InputError, RemoteError, RemoteRefusal
from server.terminal.output import note, note_error, print_json_line

_BETWEEN_DRAWINGS_S: Final = 0.2
_TICK_S: Final = 1.0
"""The longest time between two drawings in place: the time of day goes on, and the window may have another size."""
_FIRST_WAIT_S: Final = 1.0
_MOST_WAIT_S: Final = 30.0
_TABLES: Final = (OutputFormat.TABLE, OutputFormat.WIDE)


class Following:
    """A list that is followed until Ctrl-C."""

    def __init__(self, asks: Asks, request: GraphqlRequest, output: OutputFormat | None) -> None:
        """Takes what runs the subscription, the question, and the format.

        Raises:
            InputError: The question is not one list, or the format is for whole answers.
        """
        listed = _listed(request)
        chosen = output or (OutputFormat.TABLE if sys.stdout.isatty() else OutputFormat.JSON)
        if chosen not in (*_TABLES, OutputFormat.JSON):
            raise InputError(f"--watch prints tables or JSON, a payload a line; --output {chosen} is for one answer.")
        notes = list(_notes(listed))
        self._screen = LiveScreen(notes, is_wide=chosen is OutputFormat.WIDE) if chosen in _TABLES else None
        self._is_in_place = self._screen is not None and self._screen.is_in_place
        for text in () if self._is_in_place else notes:
            note(text)
        known = {name: value for name, value in (request.variables or {}).items() if name in listed.variables}
        self._asks = asks
        self._request = GraphqlRequest(listed.text, known)
        self._rows = FollowedRows(listed)
        self._changed = asyncio.Event()
        self._taken = 0
        self._lost = ""

    async def run(self) -> ExitCode:
        """Shows the rows until the subscription ends; a server that goes away is asked again.

        Raises:
            CommandError: There is not even a first payload, or the server refuses the token.
        """
        following = asyncio.create_task(self._follow())
        tick_s = _TICK_S if self._is_in_place else None
        try:
            while not following.done():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), tick_s)
                self._changed.clear()
                if self._screen is not None and self._taken:
                    self._screen.draw(self._rows, lost=self._lost)
                await asyncio.wait({following}, timeout=_BETWEEN_DRAWINGS_S)
            ended = await following
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        for message in dict.fromkeys(error.message for error in ended.errors):
            note_error(message)
        return ExitCode.FAILED if self._taken or ended.is_retryable else ExitCode.USAGE

    async def _follow(self) -> FollowingEnded:
        """Returns the end of the payloads that is final; otherwise waits and continues behind the latest one."""
        wait_s = _FIRST_WAIT_S
        try:
            while True:
                before, resume = self._taken, self._rows.resume
                try:
                    await self._take(resume)
                except FollowingEnded as ended:
                    if resume and self._taken == before and ended.is_invalid:
                        self._rows.forget()
                        if not self._is_in_place:
                            note("The list cannot be continued; it begins anew.")
                        continue
                    if not self._taken or not ended.is_retryable:
                        return ended
                    self._lose(str(ended))
                except RemoteRefusal:
                    raise
                except RemoteError as error:
                    if not self._taken:
                        raise
                    self._lose(str(error))
                wait_s = _FIRST_WAIT_S if self._taken > before else min(2 * wait_s, _MOST_WAIT_S)
                await sleep(wait_s * uniform(0.5, 1))  # noqa: S311  not all terminals at once
        finally:
            self._changed.set()

    async def _take(self, resume: str) -> None:
        """Takes payloads as long as there are some."""
        variables = {**(self._request.variables or {}), RESUME: resume or None}
        async with aclosing(self._asks.payloads(replace(self._request, variables=variables))) as payloads:
            async for payload in payloads:
                try:
                    self._rows.apply(payload)
                except msgspec.DecodeError:
                    raise RemoteError("The server does not answer as fleetgraph does.") from None
                self._taken += 1
                self._lost = ""
                if self._screen is None:
                    print_json_line(payload)
                self._changed.set()

    def _lose(self, message: str) -> None:
        """Shows why there is no connection, on the screen or once on stderr."""
        if message != self._lost and not self._is_in_place:
            note_error(message)
        self._lost = message
        self._changed.set()


def _listed(request: GraphqlRequest) -> FollowedList:
    try:
        return followed_list(request.query, request.operation_name)
    except NotOneList as error:
        raise InputError(f"--watch: {error}") from error


def _notes(listed: FollowedList) -> Sequence[str]:
    if not listed.left_out:
        return ()
    return [f"A list that is followed has no {', '.join(listed.left_out)}: every row is shown, by cluster."]
