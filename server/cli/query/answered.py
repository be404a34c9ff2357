"""An answer to a question of the command line, from this process or from a server."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from graph.request import GraphqlRequest


@dataclass(frozen=True, slots=True)
class Answered:
    """A response.

    Attributes:
        body: The response as JSON.
        executed: False if the document or the variables are invalid; then nothing was executed.
    """

    body: bytes = field(repr=False)
    executed: bool


Asks: TypeAlias = Callable[[GraphqlRequest], Awaitable[Answered]]
"""Runs a request; raises CommandError if that is impossible."""
