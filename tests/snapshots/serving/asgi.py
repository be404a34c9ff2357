"""A snapshot cluster over HTTP, for kubectl and other clients of the Kubernetes API; bind it to loopback."""

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from snapshots.serving.api import SnapshotApi
from snapshots.serving.request import ApiRequest


def application(api: SnapshotApi) -> ASGIApp:
    """Returns an ASGI application that responds like a cluster's API server."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"a snapshot cluster serves HTTP, not {scope['type']}")
        request = Request(scope, receive)
        answer = await api.answer(
            ApiRequest(
                request.method,
                bytes(scope["raw_path"]).decode("ascii", "replace"),
                query=tuple(request.query_params.multi_items()),
                accept=request.headers.get("accept", ""),
                body=await request.body(),
            )
        )
        response = (
            Response(answer.body, answer.status)
            if answer.lines is None
            else StreamingResponse(answer.lines, answer.status)
        )
        response.headers["content-type"] = answer.content_type
        await response(scope, receive, send)

    return serve
