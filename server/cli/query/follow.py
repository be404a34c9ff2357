"""`query --watch`: follows a list, and shows its rows as they change."""

import asyncio
import sys
from asyncio import sleep
from contextlib import aclosing
from dataclasses import replace
from typing import Final

import msgspec

from graph.document.followedlist import RESUME, FollowedList, NotOneList, followed_list
from graph.request import GraphqlRequest
from server.cli.query.answered import Asks
from server.cli.query.followedrows import FollowedRows
from server.cli.query.livescreen import draw
from server.cli.query.outputformat import OutputFormat
from server.commanderrors import ExitCode, InputError, RemoteError
from server.terminal.output import note, note_error

_BETWEEN_DRAWINGS_S: Final = 0.2
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
        if listed.left_out:
            note(f"A list that is followed has no {', '.join(listed.left_out)}: every row is shown, by cluster.")
        chosen = output or (OutputFormat.TABLE if sys.stdout.isatty() else OutputFormat.JSON)
        if chosen not in (*_TABLES, OutputFormat.JSON):
            raise InputError(f"--watch prints tables or JSON, a payload a line; --output {chosen} is for one answer.")
        known = {name: value for name, value in (request.variables or {}).items() if name in listed.variables}
        self._asks = asks
        self._request = GraphqlRequest(listed.text, known)
        self._rows = FollowedRows(listed)
        self._output = chosen
        self._changed = asyncio.Event()
        self._taken = 0

    async def run(self) -> ExitCode:
        """Shows the rows until the subscription ends; a server that goes away is asked again.

        Raises:
            CommandError: There is not even a first payload.
        """
        following = asyncio.create_task(self._follow())
        try:
            is_first = True
            while not following.done():
                await self._changed.wait()
                self._changed.clear()
                if self._output in _TABLES and self._rows.clusters:
                    draw(self._rows, is_wide=self._output is OutputFormat.WIDE, is_first=is_first)
                    is_first = False
                await asyncio.wait({following}, timeout=_BETWEEN_DRAWINGS_S)
            return await following
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self) -> ExitCode:
        """Takes payloads until they end with errors; without any, waits and continues behind the latest one."""
        wait_s = 1.0
        try:
            while True:
                before, resume = self._taken, self._rows.resume
                try:
                    await self._take(resume)
                except RemoteError as error:
                    if not self._taken:
                        raise
                    note_error(str(error))
                if self._rows.is_refused and not (resume and self._taken == before):
                    for message in self._rows.errors:
                        note_error(message)
                    return ExitCode.FAILED if self._taken else ExitCode.USAGE
                if self._rows.is_refused:  # it cannot be continued, so it begins anew
                    self._rows.forget()
                    continue
                wait_s = 1.0 if self._taken > before else min(2 * wait_s, _MOST_WAIT_S)
                await sleep(wait_s)
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
                if self._rows.is_refused:
                    return
                self._taken += 1
                if self._output is OutputFormat.JSON:
                    sys.stdout.write(f"{payload.decode()}\n")
                    sys.stdout.flush()
                self._changed.set()


def _listed(request: GraphqlRequest) -> FollowedList:
    try:
        return followed_list(request.query, request.operation_name)
    except NotOneList as error:
        raise InputError(f"--watch: {error}") from error
