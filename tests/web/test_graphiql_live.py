"""A subscription in GraphiQL and on the command line: its list as it changes, until it is stopped."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import msgspec
from playwright.async_api import expect

from tests.demo.serving import DemoServer
from tests.server.serverprocess import ROOT
from tests.web.conftest import Visiting
from tests.web.graphiqlpage import GraphiqlPage

DEAD = "dr-us-2"
PAYLOAD_S = 120
"""The timeout for a change in the demo fleet, on a machine of any load."""


@asynccontextmanager
async def following(url: str) -> AsyncIterator[Process]:
    """Runs `fleetgraph query --watch`, and sends it Ctrl-C at the end."""
    command = ("query", "--watch", "{ pods { nodes { name } } }", "-o", "json", "--url", url)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    program = (sys.executable, "-m", "server.main", *command)
    process = await asyncio.create_subprocess_exec(
        *program, env=environment, stdout=PIPE, stderr=PIPE, limit=2**24, preexec_fn=_heeds_ctrl_c
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.communicate()


def _heeds_ctrl_c() -> None:
    """Lets a new process heed Ctrl-C, also if the tests run in the background of a shell, where all ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def _payload(process: Process) -> set[str]:
    """Returns the clusters of the changes of the next payload with some."""
    assert process.stdout is not None
    while line := await asyncio.wait_for(process.stdout.readline(), PAYLOAD_S):
        if changes := msgspec.json.decode(line)["data"]["pods"]["changes"]:
            return {change["cluster"] for change in changes}
    raise AssertionError("The command has ended.")


async def test_a_subscription_shows_its_list_as_it_changes_also_after_a_stop_of_the_server(
    visit: Visiting, built_graphiql: None
) -> None:
    with ExitStack() as running:
        server = running.enter_context(DemoServer("--no-open"))
        async with visit(server.url) as opened, following(server.url) as command:
            graphiql = GraphiqlPage(opened)
            await graphiql.open()
            await graphiql.choose_tab("Live")
            await graphiql.press_run()
            await expect(graphiql.answer).to_contain_text("live · ")
            await expect(graphiql.answer.locator(".good")).to_have_text("5 OK")
            await expect(graphiql.answer.locator(".bad")).to_have_text(f"{DEAD} unreachable")
            cells = graphiql.page.locator(".table-view tbody")
            first = await cells.inner_text()
            assert "prod-us-1" in first
            await expect(cells).not_to_have_text(first, use_inner_text=True, timeout=PAYLOAD_S * 1000)
            assert graphiql.visit.complaints == []
            assert await _payload(command)

            await asyncio.to_thread(server.terminate)
            assert await asyncio.to_thread(server.exit_code) == 0
            await expect(graphiql.answer).to_contain_text("connection lost · ")
            running.enter_context(DemoServer("--no-open", "--port", server.url.rpartition(":")[2]))

            await expect(graphiql.answer).to_contain_text("live · ")
            await expect(graphiql.answer.locator(".good")).to_have_text("5 OK")
            assert command.stderr is not None
            assert b"The server is stopping" in await command.stderr.readline()
            while "prod-us-1" not in await _payload(command):
                pass

            await graphiql.page.get_by_role("button", name="Stop query").click()
            await expect(graphiql.answer).to_contain_text("ended · ")
            await graphiql.choose_tab("Trouble")
            await expect(graphiql.page.locator(".table-view")).to_have_count(0)
    assert command.returncode == 130


async def test_a_subscription_that_is_refused_says_why(empty_tab: GraphiqlPage) -> None:
    await empty_tab.paste('subscription { pods(where: [{ path: "nothing", value: 1 }]) { changes { id type } } }')
    await empty_tab.press_run()

    await expect(empty_tab.page.locator(".result-window")).to_contain_text("nothing")
