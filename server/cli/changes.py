"""The registry for commands that change it: the audit's lines go to the log file of commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.composition.registry import opened_registry
from server.observe.logs import logging_to_file
from server.settings.settings import Settings
from store.registry import Registry


@asynccontextmanager
async def changeable_registry(settings: Settings) -> AsyncIterator[Registry]:
    """Opens the store of the settings, and sends all events to the log file, so that the audit has its lines there.

    Raises:
        StoreError: It cannot be opened, or has no usable keys.
    """
    with logging_to_file(settings):
        async with opened_registry(settings) as registry:
            yield registry
