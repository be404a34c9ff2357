"""The read-only Kubernetes API over a content."""

import re
from typing import Final

import msgspec

from k8s.kinds.builtin import CUSTOM_RESOURCE_DEFINITION
from k8s.kinds.kind import Kind
from snapshots.serving.accept import DISCOVERY_LIST, METADATA, METADATA_LIST, negotiated_form
from snapshots.serving.content import Content
from snapshots.serving.discovery import discovered
from snapshots.serving.index.indexes import Indexes
from snapshots.serving.index.item import BUILT_IN_GROUPS, alone, metadata_alone
from snapshots.serving.lists import page_pieces, read_page
from snapshots.serving.request import ApiAnswer, ApiRequest
from snapshots.serving.reviews import is_review, reviewed
from snapshots.serving.route import GroupVersion, Route, route_of, segments_of
from snapshots.serving.selectors.customfields import custom_fields
from snapshots.serving.selectors.parameters import list_options, version_number
from snapshots.serving.selectors.selectable import SelectableFields, built_in_fields
from snapshots.serving.status import RequestRefused, no_such_object, no_such_resource, not_allowed, version_unknown
from snapshots.serving.watching.watch import ListWatch

_NUMBERS: Final = re.compile(r"v?(\d+)\.(\d+)", re.ASCII)
_HEALTH: Final = frozenset({"healthz", "livez", "readyz"})


class SnapshotApi:
    """The API server of a cluster with this content, read-only."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._indexes = Indexes(content)

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
            place = route_of(segments, self._content.kinds)
            _refuse_unless_read(request)
            if isinstance(place, GroupVersion):
                form = negotiated_form(request.accept, DISCOVERY_LIST)
                return _document(discovered(place, self._content.kinds, form), _media_type(form))
            return await self._object(place, request) if place.name else await self._list(place, request)
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

    async def _list(self, route: Route, request: ApiRequest) -> ApiAnswer:
        options = list_options(request.query)
        known = (await self._known_fields(route.kind)) if options.fields else _NO_FIELDS
        known.checked(options.fields)
        if options.is_watch:
            form = negotiated_form(request.accept, METADATA)
            watch = ListWatch(route, options, version_number(options.resource_version), known, form)
            return ApiAnswer(200, lines=watch.lines(self._content, self._indexes))
        form = negotiated_form(request.accept, METADATA_LIST)
        page = await read_page(self._indexes, route, options, known=known)
        return ApiAnswer(200, page_pieces(route.kind, page, form))

    async def _object(self, route: Route, request: ApiRequest) -> ApiAnswer:
        form = negotiated_form(request.accept, METADATA)
        moment = await self._indexes.latest(route.kind)
        minimum = version_number(dict(request.query).get("resourceVersion", ""))
        if minimum > moment.resource_version:
            raise version_unknown(minimum, moment.resource_version)
        name = route.name or ""
        index = moment.index
        at = index.find(f"{route.namespace}/{name}" if route.kind.namespaced else name)
        if at is None:
            raise no_such_object(route.kind, name)
        entry = index.entries[at]
        body = metadata_alone(entry.metadata) if form == METADATA else alone(route.kind, entry.item)
        return ApiAnswer(200, (body, b"\n"))

    async def _known_fields(self, kind: Kind) -> SelectableFields:
        if kind.group in BUILT_IN_GROUPS:
            return built_in_fields(kind)
        if CUSTOM_RESOURCE_DEFINITION not in self._content.kinds:
            return custom_fields(kind, ())
        return custom_fields(kind, (await self._content.listed(CUSTOM_RESOURCE_DEFINITION)).objects)


_NO_FIELDS: Final = custom_fields(CUSTOM_RESOURCE_DEFINITION, ())


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
