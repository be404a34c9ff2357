"""Queries that this process runs, against the registered clusters, as their operator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from graph.request import GraphqlRequest
from resolvers.caller import OPERATOR
from server.cli.query.answered import Answered, Asks
from server.composition.executor import opened_executor
from server.composition.registry import opened_registry
from server.observe.logs import logging_to_file
from server.settings.settings import load_settings


@asynccontextmanager
async def opened_registered_clusters() -> AsyncIterator[Asks]:
    """Opens an executor over the registered clusters.

    Raises:
        SettingsError: A setting is invalid.
        StoreError: The registry cannot be read.
    """
    settings = load_settings()
    with logging_to_file(settings):
        async with opened_registry(settings) as registry, opened_executor(settings, registry) as executor:

            async def ask(request: GraphqlRequest) -> Answered:
                answer = await executor.execute(request, OPERATOR)
                return Answered(answer.to_json(), executed=answer.executed)

            yield ask
