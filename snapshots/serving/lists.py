"""Lists: the objects of a request, page by page, and their JSON, assembled from the stored bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from k8s.kinds.kind import Kind
from snapshots.serving.accept import METADATA_LIST
from snapshots.serving.continuetoken import LATEST, ContinueToken, after, read_token
from snapshots.serving.customkinds.otherversions import in_version
from snapshots.serving.index.index import ObjectIndex
from snapshots.serving.index.indexedobject import IndexedObject
from snapshots.serving.index.indexes import Indexes, Moment
from snapshots.serving.index.item import metadata_pieces, type_meta
from snapshots.serving.route import Route
from snapshots.serving.selectors.parameters import EXACT, ListOptions, version_number
from snapshots.serving.selectors.selectable import NAME, NAMESPACE, SelectableFields
from snapshots.serving.status import bad_request, expired, version_unknown

_PAGE_BYTES: Final = 8 * 1024 * 1024
"""The maximum size of a page with a limit, whose JSON is assembled in one step; the rest is on the next page."""


@dataclass(frozen=True, slots=True)
class SnapshotPage:
    """Some objects of a list: their positions in its index, and the token of the next page."""

    moment: Moment
    places: Sequence[int]
    token: ContinueToken | None
    remaining: int | None

    @property
    def metadata(self) -> dict[str, object]:
        """Returns the metadata of the list."""
        metadata: dict[str, object] = {"resourceVersion": str(self.moment.resource_version)}
        if self.token is not None:
            metadata["continue"] = self.token.encoded()
        if self.remaining is not None:
            metadata["remainingItemCount"] = self.remaining
        return metadata

    @property
    def entries(self) -> Iterator[IndexedObject]:
        """Yields the objects."""
        entries = self.moment.index.entries
        return (entries[at] for at in self.places)


async def read_page(indexes: Indexes, route: Route, options: ListOptions, *, known: SelectableFields) -> SnapshotPage:
    """Returns the requested page.

    Raises:
        RequestRefused: The version or continue token is invalid, or its list is not retained any more.
    """
    token = read_token(options.token) if options.token else None
    moment = await _moment(indexes, route.kind, options, token=token)
    namespace = route.namespace
    if namespace is None and route.kind.namespaced:
        namespace = options.fields.exact(NAMESPACE)
    index, prefix = moment.index, "" if namespace is None else f"{namespace}/"
    span = index.span(namespace)
    is_placed = namespace is not None or not route.kind.namespaced
    within = _within(index, span, prefix, options, token=token, is_placed=is_placed)
    limit = 0 if options.resource_version == "0" else options.limit
    places = await index.selected(within, options.labels, options.fields, known=known, limit=limit)
    fitting = _fitting(index, places) if limit else places
    is_whole = len(fitting) == len(places)
    if not limit or (is_whole and (len(places) < limit or places[-1] + 1 >= within.stop)):
        return SnapshotPage(moment, places, None, None)
    places = fitting
    following = after(index.entries[places[-1]].key.removeprefix(prefix), moment.resource_version)
    is_selective = bool(options.labels or options.fields)
    return SnapshotPage(moment, places, following, None if is_selective else within.stop - places[-1] - 1)


def page_pieces(kind: Kind, page: SnapshotPage, form: str, *, is_converted: bool) -> Sequence[bytes]:
    """Returns the JSON of a page in pieces, with whole objects or their metadata only, without copying objects.

    With `is_converted`, the objects are those of another version, and get the apiVersion of the kind.
    """
    is_metadata = form == METADATA_LIST
    head = (
        type_meta(METADATA_LIST, "meta.k8s.io/v1") if is_metadata else type_meta(f"{kind.name}List", kind.api_version)
    )
    pieces = [head, b',"metadata":', msgspec.json.encode(page.metadata), b',"items":']
    if is_metadata and not page.places:
        return [*pieces, b"null}\n"]  # an empty slice in Go is null
    before = b"["
    for entry in page.entries:
        pieces.append(before)
        if is_metadata:
            pieces += metadata_pieces(entry.metadata)
        else:
            pieces.append(in_version(entry.item, kind) if is_converted else entry.item)
        before = b","
    return [*pieces, b"]}\n" if page.places else b"[]}\n"]


def _fitting(index: ObjectIndex, places: Sequence[int]) -> Sequence[int]:
    """Returns the first places whose objects fit on a page; at least one."""
    size_bytes = 0
    for count, at in enumerate(places):
        size_bytes += len(index.entries[at].item)
        if size_bytes > _PAGE_BYTES and count:
            return places[:count]
    return places


async def _moment(indexes: Indexes, kind: Kind, options: ListOptions, *, token: ContinueToken | None) -> Moment:
    latest = await indexes.latest(kind)
    requested = _requested_version(options, token)
    if requested > latest.resource_version:
        raise version_unknown(requested, latest.resource_version)
    is_exact = token is not None or options.version_match == EXACT or bool(options.limit and not options.version_match)
    if not is_exact or requested in {0, LATEST}:
        return latest
    moment = await indexes.at(kind, requested)
    if moment is None:
        raise expired(ContinueToken(LATEST, token.start).encoded() if token else "")
    return moment


def _requested_version(options: ListOptions, token: ContinueToken | None) -> int:
    if token is None:
        return version_number(options.resource_version, "invalid resource version: ")
    if options.resource_version not in {"", "0"}:
        raise bad_request("specifying resource version is not allowed when using continue")
    return token.resource_version


def _within(
    index: ObjectIndex,
    span: range,
    prefix: str,
    options: ListOptions,
    *,
    token: ContinueToken | None,
    is_placed: bool,
) -> range:
    """Returns the candidates in a span: those after the token, or the one object with the requested name."""
    if token is not None:
        return index.from_key(f"{prefix}{token.start}", span)
    name = options.fields.exact(NAME)
    if name is not None and is_placed:
        at = index.find(f"{prefix}{name}")
        return range(0) if at is None else range(at, at + 1)
    return span
