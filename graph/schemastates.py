"""The states of the schema: one for each set of custom kinds that clusters of a caller serve.

What a caller learns from a schema, such as its types, the text of `_service`, errors and suggestions, depends on the
caller's own clusters only. A state is built in the background, in slices. Until it is there, callers have the one that
their clusters had before; a caller without one waits. Builds for which nobody waits are made one after the other, each
of what its clusters serve by then, so that a cluster that changes faster than schemas are built fills no queue.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import structlog
from graphql import DocumentNode

from graph.document.documents import InvalidDocument
from graph.document.plaindocuments import is_plain
from graph.knownstates import KnownStates
from graph.schemastate import SchemaState, SchemaStateBuilder
from graph.typesource import TypeSource
from k8s.turns.activity import activity_of_loop
from resolvers.caller import Caller
from resolvers.fleet.cluster import FleetCluster
from resolvers.operation.operation import Operation
from resolvers.types.typechoice import MOST_SCHEMAS

_LOG: Final = structlog.get_logger(__name__)
_CALLERS: Final = 4096
"""Callers whose last schema is remembered."""
_FOLLOWED: Final = 256
"""Callers whose schemas are built when types change; those of all others are built when they come."""
_TRIES: Final = 5
"""Builds that a caller waits for while the types of its clusters change faster than schemas are built."""
_LONG_CHARACTERS: Final = 2000
"""Characters; looking through a longer document takes longer than the switch to a thread."""
_RETRY_S: Final = 10.0
"""Seconds until a state that could not be built is tried again."""


@dataclass(frozen=True, slots=True)
class _Last:
    """The last schema of a caller: its key, and the clusters that it belongs to."""

    key: Hashable
    ids: frozenset[str]


class SchemaStates:
    """The states that are in use.

    Attributes:
        built_in: the state of the built-in kinds.
        source: the source of custom kinds; None without one.
    """

    def __init__(
        self, builder: SchemaStateBuilder, source: TypeSource[Any] | None = None, *, most: int = MOST_SCHEMAS
    ) -> None:
        """Takes the builder, the source of custom kinds, and the number of states with custom kinds.

        There are as many again for documents that name kinds of other clusters.
        """
        self.built_in = builder.built_in()
        self.builder = builder
        self.source = source
        self._most = most
        self._states = KnownStates(most)
        self._builds: dict[Hashable, asyncio.Task[SchemaState]] = {}
        self._failed_at: dict[Hashable, float] = {}
        self._last: OrderedDict[str, _Last] = OrderedDict()
        self._id_sets: dict[frozenset[str], frozenset[str]] = {}
        self._wanted: dict[frozenset[str], None] = {}
        self._turn = asyncio.Lock()
        self._is_closed = False

    async def of(self, operation: Operation, text: str = "") -> SchemaState:
        """Returns the state of the clusters of an operation's caller, or the one before it while it is built.

        Without one before, it is the built-in one for a document, `text`, that has the same answer in every schema.

        Raises:
            StoreError: the clusters cannot be read.
        """
        if self.source is None:
            return self.built_in
        caller, ids = operation.caller, _ids(await operation.clusters())
        for _ in range(_TRIES):
            key = self.source.key(ids)
            state = await self._of(caller, ids, key, text)
            if state is not self.built_in or self.source.key(ids) == key:
                break  # else its types were replaced before it was built
        return state

    async def _of(self, caller: Caller, ids: frozenset[str], key: Hashable, text: str) -> SchemaState:
        state = self._known(key)
        if state is not None:
            self._remember(caller, key, ids)
            return state
        last = self._last.get(caller.name)
        if last is not None and last.ids <= ids:
            earlier = self._known(last.key)
            if earlier is not None:
                self._want([ids])
                return earlier
        build = self._build(key)
        if build is None or await self._is_plain(text):
            return self.built_in
        with activity_of_loop().waiting():
            state = await asyncio.shield(build)
        self._remember(caller, key, ids)
        return state

    async def _is_plain(self, text: str) -> bool:
        document = await self.built_in.documents.read(text) if text else None
        if not isinstance(document, DocumentNode):
            return False
        if len(text) > _LONG_CHARACTERS:
            return await asyncio.to_thread(is_plain, self.built_in.schema, document)
        return is_plain(self.built_in.schema, document)

    async def of_all(self, clusters: Sequence[FleetCluster]) -> SchemaState:
        """Returns the state of clusters when it is built."""
        return await self._ready(self.source.key(_ids(clusters)) if self.source is not None else None)

    async def of_fleet(self) -> SchemaState:
        """Returns the state of all clusters, whoever sees them, when it is built."""
        return await self._ready(self.source.key_of_all() if self.source is not None else None)

    async def of_document(self, operation: Operation, text: str, own: SchemaState) -> SchemaState:
        """Returns the state of a document of the operator, which may name kinds of other clusters than the caller's.

        It is that of the caller, `own`, with those kinds only: paths and ids in variables are the caller's, and would
        find all others, and so would errors.

        Raises:
            StoreError: the clusters cannot be read.
        """
        if self.source is None or not isinstance(await own.documents.read(text), InvalidDocument):
            return own
        with activity_of_loop().waiting():
            fleet = await self.of_fleet()
        document = await fleet.documents.read(text)
        if isinstance(document, InvalidDocument):
            return own
        named = fleet.named_kinds.of(text, document)
        with activity_of_loop().waiting():
            return await self._ready(self.source.key_with(_ids(await operation.clusters()), named), of_document=True)

    async def _ready(self, key: Hashable, *, of_document: bool = False) -> SchemaState:
        known = self._known(key)
        if known is not None:
            return known
        build = self._build(key, of_document=of_document)
        return self.built_in if build is None else await asyncio.shield(build)

    def follow(self) -> None:
        """Builds the schemas of recent callers, because types of clusters have changed."""
        recent = dict.fromkeys(last.ids for last in islice(reversed(self._last.values()), _FOLLOWED))
        self._want(islice(recent, self._most))

    async def close(self) -> None:
        """Cancels what is being built; nothing is built from then on."""
        self._is_closed = True
        self._wanted.clear()
        builds = list(self._builds.values())
        for build in builds:
            build.cancel()
        await asyncio.gather(*builds, return_exceptions=True)

    def _remember(self, caller: Caller, key: Hashable, ids: frozenset[str]) -> None:
        last = self._last.get(caller.name)
        if last is None or last.key != key or last.ids != ids:
            self._last[caller.name] = _Last(key, self._shared(ids))
        self._last.move_to_end(caller.name)
        while len(self._last) > _CALLERS:
            self._last.popitem(last=False)

    def _shared(self, ids: frozenset[str]) -> frozenset[str]:
        """Returns the equal set of other callers, who often see the same hundreds of clusters."""
        if len(self._id_sets) > 2 * len(self._last) + _FOLLOWED:
            self._id_sets = {last.ids: last.ids for last in self._last.values()}
        return self._id_sets.setdefault(ids, ids)

    def _known(self, key: Hashable) -> SchemaState | None:
        if key is None:
            return self.built_in
        return self._states.find(key)

    def _want(self, clusters: Iterable[frozenset[str]]) -> None:
        """Has the schemas of sets of clusters built, one after the other."""
        self._wanted.update(dict.fromkeys(clusters))
        self._build_next()

    def _build_next(self) -> None:
        """Begins the next wanted build if there is none, of what its clusters serve now."""
        while self._wanted and not self._builds and self.source is not None:
            ids = next(iter(self._wanted))
            del self._wanted[ids]
            key = self.source.key(ids)
            if self._known(key) is None:
                self._build(key)

    def _end(self, key: Hashable) -> None:
        del self._builds[key]
        self._build_next()
        if not self._builds and self.source is not None:
            old = [known for known in self._states.all_keys() if known != key and not self.source.is_current(known)]
            needed = {last.key for last in self._last.values() if self._lacks_newer(last)} if old else set()
            self._states.drop(known for known in old if known not in needed)

    def _lacks_newer(self, last: _Last) -> bool:
        """Returns whether a caller's last schema is still in use: the newer one could not be built, or is not yet."""
        newer = self.source.key(last.ids) if self.source is not None else None
        return newer is not None and newer not in self._states

    def _build(self, key: Hashable, *, of_document: bool = False) -> asyncio.Task[SchemaState] | None:
        """Returns the task that builds a state, begun if it is not; None after `close`, or if it failed just now."""
        if self._is_closed:
            return None
        now = asyncio.get_running_loop().time()
        if key not in self._builds and now - self._failed_at.get(key, -_RETRY_S) >= _RETRY_S:
            self._failed_at.pop(key, None)
            self._builds[key] = asyncio.create_task(self._built(key, of_document), name="schema")
            self._builds[key].add_done_callback(lambda _task: self._end(key))
        return self._builds.get(key)

    async def _built(self, key: Hashable, of_document: bool) -> SchemaState:
        """Builds a state, one at a time; if it cannot be built, the built-in one has to do."""
        assert self.source is not None  # noqa: S101  it gave the key
        try:
            async with self._turn:
                state = await self.builder.with_types(self.built_in, await self.source.types(key))
        except Exception as error:  # noqa: BLE001  custom kinds must not cost the built-in ones
            _LOG.error("schema_not_built", exc_info=error)
            now = asyncio.get_running_loop().time()
            recent = {other: at for other, at in self._failed_at.items() if now - at < _RETRY_S}
            self._failed_at = {**recent, key: now}
            return self.built_in
        self._states.add(key, state, of_document=of_document)
        return state


def _ids(clusters: Sequence[FleetCluster]) -> frozenset[str]:
    return frozenset([cluster.id for cluster in clusters])
