"""`schema --live`: the schema of the registered clusters, with the custom kinds that were last learned of them."""

import asyncio
import sys

from resolvers.caller import OPERATOR
from server.composition.executor import opened_executor
from server.composition.registry import opened_registry
from server.observe.logs import logging_to_file
from server.settings.settings import load_settings


def print_live_schema() -> None:
    """Prints the SDL and nothing else; no cluster is asked.

    Raises:
        SettingsError: A setting is invalid.
        StoreError: The registry cannot be read.
    """
    sys.stdout.write(f"{asyncio.run(_sdl()).rstrip()}\n")


async def _sdl() -> str:
    settings = load_settings()
    with logging_to_file(settings):
        async with opened_registry(settings) as registry, opened_executor(settings, registry) as executor:
            return await executor.sdl_of(OPERATOR)
