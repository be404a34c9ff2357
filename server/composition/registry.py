"""The registry of clusters, and the URL of its database, from the settings."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.settings.settings import Settings
from server.terminal.output import note
from store.database.url import DatabaseUrl
from store.registry import Registry


@asynccontextmanager
async def opened_registry(settings: Settings) -> AsyncIterator[Registry]:
    """Opens the store of the settings. Prints a note if that created the key file: losing it loses the credentials.

    Raises:
        StoreError: It cannot be opened, or has no usable keys.
    """
    keys = settings.encryption_keys.get_secret_value() if settings.encryption_keys else None
    registry = await Registry.open(
        database_url(settings), encryption_keys=keys, key_file=settings.key_file, timeout_s=settings.store_timeout_s
    )
    async with registry:
        if registry.created_key_file is not None:
            note(f"Created {registry.created_key_file}: it encrypts the stored credentials, so keep a copy of it.")
            sys.stderr.flush()
        yield registry


def database_url(settings: Settings) -> DatabaseUrl:
    """Returns the URL of the store's database.

    Raises:
        DatabaseUrlError: The setting is no URL of a database.
    """
    if settings.database_url is None:
        return DatabaseUrl.for_file(settings.default_database_file)
    return DatabaseUrl.parse(settings.database_url.get_secret_value())
