"""A snapshot and its original, a real API server."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from snapshots.serving.api import SnapshotApi
from tests.snapshots.serving.asking import Answered, ask

_AT_ONCE = re.compile(r"(spec\.(nodeName|host)|metadata\.namespace)=")


@dataclass(frozen=True)
class Both:
    """A snapshot and its original server."""

    session: aiohttp.ClientSession
    api: SnapshotApi

    async def real(self, target: str, accept: str = "application/json") -> Answered:
        """Returns the server's response, without its text for unknown groups, which is not JSON."""
        async with self.session.get(target, headers={"Accept": accept}) as response:
            body = await response.read()
            return Answered(response.status, json.loads(body) if response.content_type != "text/plain" else {})

    async def assert_same(self, path: str, query: dict[str, str], accept: str = "application/json") -> None:
        """Sends a request to both, page by page to the end.

        Not page by page are pods of one node, of which the server has an index, so that it knows whether more follow
        (elsewhere a token may lead to a page without objects), and a namespace that a field selector names: the
        server reads its own token as a place in all namespaces then, and repeats or loses objects.
        """
        if _AT_ONCE.search(query.get("fieldSelector", "")):
            query = {name: value for name, value in query.items() if name != "limit"}
        tokens = ("", "")
        while True:
            real_target, our_target = (_target(path, query, token) for token in tokens)
            real, ours = await self.real(real_target, accept), await ask(self.api, our_target, accept=accept)
            assert (ours.status, _compared(ours)) == (real.status, _compared(real)), real_target
            if real.status >= 400 or "metadata" not in real.document or not real.token:
                return
            tokens = (real.token, ours.token)


def _target(path: str, query: dict[str, str], token: str) -> str:
    written = urlencode({**query, **({"continue": token} if token else {})})
    return f"{path}?{written}" if written else path


def _compared(answered: Answered) -> object:
    """Returns the response without the list's version; of its token only the presence is compared."""
    document = answered.document
    if answered.status >= 400 or "items" not in document:
        return document
    metadata = {**document["metadata"], "resourceVersion": bool(document["metadata"]["resourceVersion"])}
    return {**document, "metadata": {**metadata, "continue": bool(metadata.get("continue"))}}
