"""`schema --live`: the schema of the registered clusters, with the custom kinds that were last learned of them."""

import asyncio
import sys
from typing import Final

from k8s.listednames import all_of
from resolvers.caller import OPERATOR
from server.composition.executor import opened_executor
from server.composition.registry import opened_registry
from server.observe.logs import logging_to_file
from server.settings.settings import load_settings
from server.terminal.output import note

_SHOWN: Final = 3
"""Names of clusters in a note."""


def print_live_schema() -> None:
    """Prints the SDL and nothing else on stdout; no cluster is asked.

    Raises:
        SettingsError: A setting is invalid.
        StoreError: The registry cannot be read.
    """
    sys.stdout.write(f"{asyncio.run(_sdl()).rstrip()}\n")


async def _sdl() -> str:
    settings = load_settings()
    with logging_to_file(settings):
        async with opened_registry(settings) as registry, opened_executor(settings, registry) as executor:
            learned = await registry.types.all()
            missing = [cluster.name for cluster in await executor.fleet.unattended() if cluster.id not in learned]
            if missing:
                more = [f"{len(missing) - _SHOWN} more clusters"] if len(missing) > _SHOWN else []
                note(
                    f"The custom kinds of {all_of([*missing[:_SHOWN], *more])} are not learned yet. "
                    "`fleetgraph serve` learns them, and so does `fleetgraph query` with one of them."
                )
            return await executor.sdl_of(OPERATOR)
