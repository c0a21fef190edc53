"""Checks that every call passes before it is served: token, queued error, enabled API, project."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, TypedDict, cast

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.google_cloud.errors import ApiError, service_disabled
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.wire import JsonObject, without_nulls


class CloudState(TypedDict):
    """What a handler finds in ``request.state``."""

    cloud: GoogleCloud


CloudRequest = Request[CloudState]
Handler = Callable[[CloudRequest], Awaitable[Response]]


class Call(NamedTuple):
    """A call of an API."""

    method: str
    path: str
    handler: Handler


async def read_json(request: CloudRequest, *, keep_nulls: bool = False) -> JsonObject:
    """Return the body, ``{}`` if it is empty; refuse anything but a JSON object."""
    try:
        body: Any = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", "Invalid JSON payload received.") from error
    if not isinstance(body, dict):
        raise ApiError("INVALID_ARGUMENT", "Invalid JSON payload received. Root element must be a message.")
    return cast("JsonObject", body if keep_nulls else without_nulls(body))


class Gate:
    """ASGI middleware that refuses what Google's API front end refuses."""

    def __init__(self, app: ASGIApp, cloud: GoogleCloud, api: str) -> None:
        """Guard ``app``, a part of ``api`` (such as ``run.googleapis.com``)."""
        self._app, self._cloud, self._api = app, cloud, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise ``ApiError``."""
        self._admit(HTTPConnection[Any](scope), scope["method"])
        scope.setdefault("state", {})["cloud"] = self._cloud
        await self._app(scope, receive, send)

    def _admit(self, connection: HTTPConnection[Any], method: str) -> None:
        if not connection.headers.get("authorization", "").startswith("Bearer "):
            raise ApiError("UNAUTHENTICATED", "Request is missing required authentication credential.")
        if error := self._cloud.next_error(method, connection.url.path):
            raise error
        if self._api not in self._cloud.enabled:
            raise service_disabled(self._api, self._cloud.project)
        project: str | None = connection.path_params.get("project") or connection.query_params.get("project")
        if project not in {None, "-", self._cloud.project, self._cloud.project_number}:
            raise ApiError("PERMISSION_DENIED", f"Permission denied on resource project {project}.")


def guard(cloud: GoogleCloud, api: str, calls: Iterable[Call]) -> list[Route]:
    """Return the routes of ``calls``, which are parts of ``api``, behind the gate."""
    gate = Middleware(Gate, cloud=cloud, api=api)
    return [Route(call.path, call.handler, methods=[call.method], middleware=[gate]) for call in calls]
