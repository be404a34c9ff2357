"""Documents that the operator has laid down, which callers name instead of sending them.

Source: GraphQL over HTTP, appendix "Persisted Documents". An identifier is `sha256:` and the hash of the text, or what
a manifest calls it. Manifests are what GraphQL Code Generator and Relay write (an object of texts by identifier) and
what Apollo's tool writes (`{"format": "apollo-persisted-query-manifest", "operations": [{"id", "body"}]}`).
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from graph.request import GraphqlRequest
from k8s.errors import ErrorCode
from server.errors import SettingsError
from server.http.request import Parameters
from server.http.responses import Refusal

_DOCUMENT_SUFFIXES: Final = frozenset({".graphql", ".gql"})
_MOST_FILE_BYTES: Final = 64 * 1024 * 1024
_APOLLO_MISS: Final = "PersistedQueryNotFound"
"""The message by which Apollo's clients know that they must send the document itself."""


class _Operation(msgspec.Struct):
    id: str
    body: str


class _ApolloManifest(msgspec.Struct, tag_field="format", tag="apollo-persisted-query-manifest"):
    operations: list[_Operation]


class PersistedDocuments:
    """Documents by identifier; empty unless some are laid down."""

    def __init__(self, texts: Mapping[str, str] | None = None, *, are_the_only_ones: bool = False) -> None:
        """Takes the documents.

        Args:
            texts: by identifier; each is known by its hash, too.
            are_the_only_ones: whether nothing else is executed.
        """
        self._are_the_only_ones = are_the_only_ones
        self._texts = {**(texts or {}), **{_hash_id(text): text for text in (texts or {}).values()}}

    def __len__(self) -> int:
        return len(set(self._texts.values()))

    @classmethod
    def read(cls, path: Path | None, *, are_the_only_ones: bool = False) -> "PersistedDocuments":
        """Those of a manifest, or of a folder of manifests and documents.

        Raises:
            SettingsError: it cannot be read, or is none; or there are none, and nothing else would be executed.
        """
        if path is None:
            if are_the_only_ones:
                raise SettingsError("FLEETGRAPH_DOCUMENTS_ONLY: nothing could be executed without FLEETGRAPH_DOCUMENTS")
            return cls()
        texts: dict[str, str] = {}
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in {*_DOCUMENT_SUFFIXES, ".json"}:
                texts.update(_texts(file))
        if not texts:
            raise SettingsError(f"FLEETGRAPH_DOCUMENTS: {path} has no manifest (*.json) and no document (*.graphql)")
        return cls(texts, are_the_only_ones=are_the_only_ones)

    def request(self, given: Parameters) -> GraphqlRequest:
        """The request with its document.

        Raises:
            Refusal: 403; only persisted documents are executed, and this is none; 404: there is none of that
                identifier. For Apollo's clients, 200, as they expect.
        """
        return GraphqlRequest(self._text(given), given.variables, given.operation_name)

    def _text(self, given: Parameters) -> str:
        if given.query is not None:
            if self._are_the_only_ones and _hash_id(given.query) not in self._texts:
                raise Refusal(
                    403, "Only persisted documents are executed here: send a `documentId`.", code=ErrorCode.FORBIDDEN
                )
            return given.query
        if given.document_id is not None:
            found = self._texts.get(given.document_id)
            if found is None:
                raise Refusal(404, "There is no persisted document of this `documentId`.", code=ErrorCode.NOT_FOUND)
            return found
        found = self._texts.get(f"sha256:{given.apollo_hash}") or self._texts.get(given.apollo_hash or "")
        if found is None:
            raise Refusal(200, _APOLLO_MISS, code=ErrorCode.NOT_FOUND)
        return found


def _texts(file: Path) -> Iterator[tuple[str, str]]:
    try:
        content = _content(file)
        if file.suffix in _DOCUMENT_SUFFIXES:
            text = content.decode()
            yield _hash_id(text), text
        else:
            yield from _of_manifest(content)
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no manifest, and no document in UTF-8"
        raise SettingsError(f"FLEETGRAPH_DOCUMENTS: {file}: {reason}") from error


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        content = opened.read(_MOST_FILE_BYTES + 1)
    if len(content) > _MOST_FILE_BYTES:
        raise SettingsError(f"FLEETGRAPH_DOCUMENTS: {file} has more than {_MOST_FILE_BYTES} bytes")
    return content


def _of_manifest(content: bytes) -> Iterator[tuple[str, str]]:
    try:
        apollo = msgspec.json.decode(content, type=_ApolloManifest)
    except msgspec.ValidationError:
        yield from msgspec.json.decode(content, type=dict[str, str]).items()
    else:
        yield from ((each.id, each.body) for each in apollo.operations)


def _hash_id(text: str) -> str:
    return f"sha256:{sha256(text.encode(errors='surrogatepass')).hexdigest()}"
