"""Persisted documents: laid down by the operator, named by clients instead of sending them.

Source: GraphQL over HTTP, appendix "Persisted Documents". An identifier is `sha256:` and the hash of the text, or the
key in a manifest. Manifests are the files of GraphQL Code Generator and Relay (an object of texts by identifier) and of
Apollo's tool (`{"format": "apollo-persisted-query-manifest", "operations": [{"id", "body"}]}`).
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from k8s.errors import ErrorCode
from server.commanderrors import SettingsError
from server.http.request import Parameters
from server.http.responses import Refusal

_DOCUMENT_SUFFIXES: Final = frozenset({".graphql", ".gql"})
_MOST_FILE_BYTES: Final = 64 * 1024 * 1024
_APOLLO_MISS: Final = "PersistedQueryNotFound"
"""The message that makes Apollo's clients send the document itself."""


class _Operation(msgspec.Struct):
    id: str
    body: str


class _ApolloManifest(msgspec.Struct, tag_field="format", tag="apollo-persisted-query-manifest"):
    operations: list[_Operation]


class PersistedDocuments:
    """Documents by identifier; empty by default."""

    def __init__(self, texts: Mapping[str, str] | None = None, *, are_the_only_ones: bool = False) -> None:
        """Takes the documents.

        Args:
            texts: By identifier. Each is also known by its hash.
            are_the_only_ones: Whether other documents are refused.
        """
        self._are_the_only_ones = are_the_only_ones
        self._texts = {**(texts or {}), **{_hash_id(text): text for text in (texts or {}).values()}}

    def __len__(self) -> int:
        return len(set(self._texts.values()))

    @classmethod
    def read(cls, path: Path | None, *, are_the_only_ones: bool = False) -> "PersistedDocuments":
        """Reads a manifest, or a folder of manifests and documents.

        Raises:
            SettingsError: The path cannot be read or has no documents, or nothing could be executed without a path.
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

    def text(self, parameters: Parameters) -> str:
        """Returns the document of a request.

        Raises:
            Refusal: 403 if other documents are refused and this is one; 404 if the identifier is unknown. For Apollo's
                clients, 200, as they expect.
        """
        if parameters.query is not None:
            if self._are_the_only_ones and _hash_id(parameters.query) not in self._texts:
                raise Refusal(
                    403, "Only persisted documents are executed here: send a `documentId`.", code=ErrorCode.FORBIDDEN
                )
            return parameters.query
        if parameters.document_id is not None:
            text = self._texts.get(parameters.document_id)
            if text is None:
                raise Refusal(404, "There is no persisted document of this `documentId`.", code=ErrorCode.NOT_FOUND)
            return text
        text = self._texts.get(f"sha256:{parameters.apollo_hash}") or self._texts.get(parameters.apollo_hash or "")
        if text is None:
            raise Refusal(200, _APOLLO_MISS, code=ErrorCode.NOT_FOUND)
        return text


def _texts(file: Path) -> Iterator[tuple[str, str]]:
    try:
        content = _content(file)
        if file.suffix in _DOCUMENT_SUFFIXES:
            text = content.decode()
            yield _hash_id(text), text
        else:
            yield from _of_manifest(content)
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is neither a manifest nor a document in UTF-8"
        raise SettingsError(f"FLEETGRAPH_DOCUMENTS: {file}: {reason}") from error


def _content(file: Path) -> bytes:
    with file.open("rb") as stream:
        content = stream.read(_MOST_FILE_BYTES + 1)
    if len(content) > _MOST_FILE_BYTES:
        raise SettingsError(f"FLEETGRAPH_DOCUMENTS: {file} has more than {_MOST_FILE_BYTES} bytes")
    return content


def _of_manifest(content: bytes) -> Iterator[tuple[str, str]]:
    try:
        apollo = msgspec.json.decode(content, type=_ApolloManifest)
    except msgspec.ValidationError:
        yield from msgspec.json.decode(content, type=dict[str, str]).items()
    else:
        yield from ((operation.id, operation.body) for operation in apollo.operations)


def _hash_id(text: str) -> str:
    return f"sha256:{sha256(text.encode(errors='surrogatepass')).hexdigest()}"
