"""Documents: parsed, measured and validated once; refusals are cached as well.

The steps are in the order of their cost: the length is known, parsing and measuring are linear, validation is not. A
document that exceeds a limit is refused before the step that it would make expensive.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, parse, specified_rules, validate
from graphql.validation import OverlappingFieldsCanBeMergedRule
from graphql.validation.validate import ValidationAbortedError

from graph.document.documentcache import DocumentCache, DocumentKey
from graph.document.measure import Measure, measure
from graph.document.suggesting import Suggestions
from graph.document.tokenremoval import slim
from graph.document.validationrules import NoIntrospectionRule, ShortLabelsRule, bounded_comparisons
from graph.errors import plain
from k8s.turns.turns import turn
from resolvers.errors import LimitExceeded
from resolvers.limits import DocumentLimits

_REMEMBERED_CHARACTERS: Final = 50_000
"""Characters of a document; longer ones, and longer refusals, are not cached."""
_REFUSED_TOKENS: Final = 10
"""Tokens that a cached refusal counts for, at most."""
_LONG_CHARACTERS: Final = 2000
"""Characters; reading a longer document takes longer than the switch to a thread."""
_MOST_ERRORS: Final = 20

_ABORTED: Final = "Validation aborted."
"""The message of graphql-core for a document with more comparisons than the limit."""


@dataclass(frozen=True, slots=True)
class InvalidDocument:
    """The errors of an invalid document, as the response shows them."""

    errors: Sequence[Mapping[str, object]]


@dataclass(slots=True)
class _PendingRead:
    """A document that a thread reads, and the number of its waiters."""

    document: asyncio.Future[DocumentNode | InvalidDocument]
    readers: int = 0


class Documents:
    """Reads the documents of requests against a schema."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: DocumentLimits,
        *,
        may_introspect: bool = True,
        cache: DocumentCache | None = None,
    ) -> None:
        """Takes the schema, the limits, and the cache that it shares with other schemas; None for one of its own."""
        self._cache = cache or DocumentCache()
        self._number = self._cache.number()
        self.figures = self._cache.figures
        self._schema = schema
        self._limits = limits
        self._reading: dict[DocumentKey, _PendingRead] = {}
        self._rules = [*(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule)]
        self._rules += [bounded_comparisons(limits.comparisons), ShortLabelsRule]
        self._may_introspect = may_introspect
        self._suggestions = Suggestions(schema)
        if not may_introspect:
            self._rules.append(NoIntrospectionRule)

    async def read(self, text: str) -> DocumentNode | InvalidDocument:
        """Returns a parsed and valid document, or its errors."""
        if len(text) > self._limits.characters:
            return _over("characters", len(text), self._limits.characters, setting="characters")
        key = (self._number, _digest(text))
        known: DocumentNode | InvalidDocument | None = self._cache.find(key)
        if known is not None:
            return known
        if len(text) < _LONG_CHARACTERS:
            await turn()
            return self._remembered(key, text, self._result(text))
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = _PendingRead(asyncio.ensure_future(self._read_beside(key, text)))
        reading.readers += 1
        try:
            return await asyncio.shield(reading.document)
        finally:
            reading.readers -= 1
            if not reading.readers:  # done, or all waiters are gone: the next reader begins anew
                reading.document.cancel()
                del self._reading[key]

    async def _read_beside(self, key: DocumentKey, text: str) -> DocumentNode | InvalidDocument:
        return self._remembered(key, text, await self._cache.beside(partial(self._result, text)))

    def _remembered(
        self, key: DocumentKey, text: str, document: DocumentNode | InvalidDocument
    ) -> DocumentNode | InvalidDocument:
        if isinstance(document, InvalidDocument) or len(text) <= _REMEMBERED_CHARACTERS:
            tokens = _REFUSED_TOKENS if isinstance(document, InvalidDocument) else document.token_count
            self._cache.add(key, document, tokens)
        return document

    def _result(self, text: str) -> DocumentNode | InvalidDocument:
        try:
            document = self._parsed(text)
            for over in self._exceeded(measure(document)):
                return over
            errors = validate(self._schema, document, self._rules, _MOST_ERRORS, hide_suggestions=True)
        except GraphQLSyntaxError as error:
            return self._refused_text(error)
        except RecursionError:
            return _refused([GraphQLError("The document is nested too deeply.")])
        if errors and isinstance(errors[-1], ValidationAbortedError) and errors[-1].message == _ABORTED:
            return _over("comparisons of fields at one place", None, self._limits.comparisons, "comparisons")
        if errors:
            self.suggest(errors)
            return _refused(errors)
        slim(document)
        return document

    def suggest(self, errors: Sequence[GraphQLError]) -> None:
        """Completes messages of graphql-core with names of the schema, unless these are nobody's to know."""
        if self._may_introspect:
            self._suggestions.add_to(errors)

    def _parsed(self, text: str) -> DocumentNode:
        return parse(text, max_lexical_tokens=self._limits.tokens, max_comments=self._limits.comments)

    def _refused_text(self, error: GraphQLSyntaxError) -> InvalidDocument:
        for name in ("tokens", "comments"):
            limit = getattr(self._limits, name)
            if f"contains more than {limit} {name}." in error.message:
                return _over(name, None, limit, name)
        return _refused([error])

    def _exceeded(self, measured: Measure) -> Iterator[InvalidDocument]:
        """Yields a refusal for each figure that exceeds its limit."""
        for name, words in _MEASURED.items():
            figure, limit = getattr(measured, name), getattr(self._limits, name)
            if figure > limit:
                yield _over(words, figure, limit, name)


_MEASURED: Final = {
    "operations": "operations",
    "fragments": "fragments",
    "variables": "variables in one operation",
    "directives": "directives",
    "depth": "nested selection sets",
    "root_fields": "fields at the root of one operation",
    "aliases": "aliases, those of fragments counted at each spread",
    "fields": "fields, those of fragments counted at each spread",
}
"""The measured figures by the name of their limits, with their words; the easiest to understand first."""

_SETTINGS: Final = {"characters": "FLEETGRAPH_MAX_DOCUMENT_CHARACTERS", "fields": "FLEETGRAPH_MAX_SELECTED_FIELDS"}
"""Settings whose names differ from that of the figure."""

_LARGEST_SHOWN: Final = 10**9


def _over(words: str, figure: int | None, limit: int, setting: str) -> InvalidDocument:
    """Returns a refusal with the figure, if it is known, and the limit."""
    name = _SETTINGS.get(setting, f"FLEETGRAPH_MAX_{setting.upper()}")
    text = f"more than {min(limit if figure is None else figure, _LARGEST_SHOWN)}"
    if figure is not None and figure <= _LARGEST_SHOWN:
        text = str(figure)
    message = f"The document has {text} {words}; the limit is {limit} ({name})."
    return InvalidDocument([plain(GraphQLError(message, original_error=LimitExceeded(message)))])


def _refused(errors: Sequence[GraphQLError]) -> InvalidDocument:
    return InvalidDocument([plain(error) for error in errors])


def _digest(text: str) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=32).digest()
