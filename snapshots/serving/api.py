"""The read-only Kubernetes API over a content."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import msgspec

from k8s.kinds.builtin import CUSTOM_RESOURCE_DEFINITION
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import METRICS_GROUP
from snapshots.serving.accept import DISCOVERY_LIST, METADATA, METADATA_LIST, TABLE, negotiated_form
from snapshots.serving.content import Content, KeptDocuments
from snapshots.serving.customkinds.definitions import ContentDefinitions
from snapshots.serving.customkinds.openapi import INDEX, openapi_document, openapi_index
from snapshots.serving.customkinds.otherversions import in_version, other_versions
from snapshots.serving.discovery import discovered
from snapshots.serving.index.indexedobject import IndexedObject
from snapshots.serving.index.indexes import Indexes
from snapshots.serving.index.item import BUILT_IN_GROUPS, alone, metadata_alone
from snapshots.serving.lists import page_pieces, read_page
from snapshots.serving.request import ApiAnswer, ApiRequest
from snapshots.serving.reviews import is_review, reviewed
from snapshots.serving.route import GroupVersion, Route, route_of, segments_of
from snapshots.serving.selectors.parameters import list_options, version_number
from snapshots.serving.selectors.selectable import SelectableFields, built_in_fields, custom_fields
from snapshots.serving.status import RequestRefused, no_such_object, no_such_resource, not_allowed, version_unknown
from snapshots.serving.tables import table_pieces
from snapshots.serving.watching.watch import ListWatch

_NUMBERS: Final = re.compile(r"v?(\d+)\.(\d+)", re.ASCII)
_HEALTH: Final = frozenset({"healthz", "livez", "readyz"})


class SnapshotApi:
    """The API server of a cluster with this content, read-only."""

    def __init__(self, content: Content, documents: KeptDocuments | None = None) -> None:
        """Takes the objects, and the OpenAPI documents that were dumped with them, if there are any."""
        self._content = content
        self._documents = documents
        self._indexes = Indexes(content)
        self._definitions = ContentDefinitions(content)

    def forget(self, kind: Kind) -> None:
        """Drops the index of a list, because its content drops the list."""
        self._indexes.forget(kind)

    async def answer(self, request: ApiRequest) -> ApiAnswer:
        """Returns the response; for an invalid request, a `Status`."""
        try:
            return await self._respond(request)
        except RequestRefused as refused:
            return ApiAnswer(refused.code, (refused.body,))

    async def _respond(self, request: ApiRequest) -> ApiAnswer:
        segments = segments_of(request.path)
        if is_review(segments):
            return self._review(segments, request)
        if segments and segments[0] in {"api", "apis"}:
            _refuse_unless_read(request)
            place, stored = await self._place(segments)
            if isinstance(place, GroupVersion):
                return await self._discovery(place, request)
            return await (self._object if place.name else self._list)(place, stored, request)
        if segments[:2] == INDEX:
            _refuse_unless_read(request)
            return await self._openapi(segments[2:])
        if segments == ("version",):
            _refuse_unless_read(request)
            return _document(_version(self._content.version))
        if len(segments) == 1 and segments[0] in _HEALTH:
            return ApiAnswer(200, (b"ok",), "text/plain")
        raise no_such_resource()

    def _review(self, segments: tuple[str, ...], request: ApiRequest) -> ApiAnswer:
        if request.method != "POST":
            raise not_allowed()
        return ApiAnswer(201, (msgspec.json.encode(reviewed(segments, request.body)), b"\n"))

    async def _place(self, segments: tuple[str, ...]) -> tuple[Route | GroupVersion, Kind]:
        """Returns the place of a path, and the kind as which its objects are stored."""
        try:
            place = route_of(segments, self._content.kinds)
            return place, place.kind if isinstance(place, Route) else _NO_KIND
        except RequestRefused:
            others = await self._others()
            place = route_of(segments, others)
            return place, others[place.kind] if isinstance(place, Route) else _NO_KIND

    async def _others(self) -> Mapping[Kind, Kind]:
        return other_versions(self._content.kinds, await self._definitions.current())

    async def _discovery(self, place: GroupVersion, request: ApiRequest) -> ApiAnswer:
        form = negotiated_form(request.accept, DISCOVERY_LIST)
        kinds = [*self._content.kinds, *await self._others()]
        return _document(discovered(place, kinds, form, await self._definitions.current()), _media_type(form))

    async def _openapi(self, place: tuple[str, ...]) -> ApiAnswer:
        definitions = await self._definitions.current()
        kinds = [*self._content.kinds, *await self._others()]
        kept = self._documents.digests if self._documents is not None else {}
        if not place:
            return _document(openapi_index(kinds, definitions, kept))
        if self._documents is not None and "/".join(place) in kept:
            return ApiAnswer(200, (await self._documents.document("/".join(place)), b"\n"))
        described = [kind for kind in kinds if f"apis/{kind.api_version}" == "/".join(place)]
        described = [kind for kind in described if definitions.of_kind(kind) is not None]
        if not described:
            raise no_such_resource()
        objects = (await self._content.listed(CUSTOM_RESOURCE_DEFINITION)).objects
        return ApiAnswer(200, (await openapi_document(described, objects), b"\n"))

    async def _list(self, route: Route, stored: Kind, request: ApiRequest) -> ApiAnswer:
        options = list_options(request.query)
        known = (await self._known_fields(route.kind)) if options.fields else _NO_FIELDS
        known.checked(options.fields)
        if options.is_watch:
            if stored != route.kind or route.kind.group == METRICS_GROUP:
                raise not_allowed()
            form = negotiated_form(request.accept, METADATA)
            watch = ListWatch(route, options, version_number(options.resource_version), known, form)
            return ApiAnswer(200, lines=watch.lines(self._content, self._indexes))
        form = negotiated_form(request.accept, METADATA_LIST, TABLE)
        page = await read_page(self._indexes, replace(route, kind=stored), options, known=known)
        if form == TABLE:
            return await self._table(route.kind, page.entries, page.metadata, request)
        return ApiAnswer(200, page_pieces(route.kind, page, form, is_converted=stored != route.kind))

    async def _table(
        self, kind: Kind, entries: Iterable[IndexedObject], metadata: Mapping[str, object], request: ApiRequest
    ) -> ApiAnswer:
        version = (await self._definitions.current()).version_of(kind)
        include = dict(request.query).get("includeObject") or "Metadata"
        pieces = await table_pieces(kind, entries, version, metadata=metadata, include=include)
        return ApiAnswer(200, pieces)

    async def _object(self, route: Route, stored: Kind, request: ApiRequest) -> ApiAnswer:
        form = negotiated_form(request.accept, METADATA, TABLE)
        moment = await self._indexes.latest(stored)
        minimum = version_number(dict(request.query).get("resourceVersion", ""))
        if minimum > moment.resource_version:
            raise version_unknown(minimum, moment.resource_version)
        name = route.name or ""
        index = moment.index
        at = index.find(f"{route.namespace}/{name}" if route.kind.namespaced else name)
        if at is None:
            raise no_such_object(route.kind, name)
        entry = index.entries[at]
        if form == TABLE:
            return await self._table(route.kind, [entry], {"resourceVersion": str(moment.resource_version)}, request)
        if form == METADATA:
            return ApiAnswer(200, (metadata_alone(entry.metadata), b"\n"))
        body = alone(stored, entry.item)
        return ApiAnswer(200, (body if stored == route.kind else in_version(body, route.kind), b"\n"))

    async def _known_fields(self, kind: Kind) -> SelectableFields:
        if kind.group in BUILT_IN_GROUPS:
            return built_in_fields(kind)
        version = (await self._definitions.current()).version_of(kind)
        return custom_fields(version.selectable_paths if version is not None else ())


_NO_KIND: Final = CUSTOM_RESOURCE_DEFINITION
_NO_FIELDS: Final = custom_fields(())


def _refuse_unless_read(request: ApiRequest) -> None:
    if request.method != "GET":
        raise not_allowed()


def _document(document: object, content_type: str = "application/json") -> ApiAnswer:
    return ApiAnswer(200, (msgspec.json.encode(document), b"\n"), content_type)


def _media_type(form: str) -> str:
    return f"application/json;g=apidiscovery.k8s.io;v=v2;as={form}" if form else "application/json"


def _version(git_version: str) -> dict[str, str]:
    numbers = _NUMBERS.match(git_version)
    major, minor = numbers.groups() if numbers else ("", "")
    return {"major": major, "minor": minor, "gitVersion": git_version, "platform": "snapshot"}
