"""What every call passes before it is served: a token, a queued refusal, the API enabled, the right project."""

import json
from typing import Any, TypedDict, cast

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.google_cloud.errors import (
    InvalidArgument,
    JsonObject,
    PermissionDenied,
    ServiceDisabled,
    Unauthenticated,
)
from emulators.google_cloud.state import GoogleCloud


class State(TypedDict):
    """What a request may reach for."""

    cloud: GoogleCloud


Asked = Request[State]


async def json_body(request: Asked, *, nulls: bool = False) -> JsonObject:
    """Return the body, ``{}`` for none, with or without its nulls, which mean "unset" to Google; refuse any other."""
    try:
        body: Any = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise InvalidArgument("Invalid JSON payload received.") from error
    if not isinstance(body, dict):
        raise InvalidArgument("Invalid JSON payload received. Root element must be a message.")
    return cast("JsonObject", body) if nulls else _without_nulls(body)


def _without_nulls(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(value, dict):
        members = cast("JsonObject", value).items()
        return {name: _without_nulls(item) for name, item in members if item is not None}
    return [_without_nulls(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


class Gate:
    """An ASGI application that refuses what Google's own front would, and hands the rest to ``app``."""

    def __init__(self, app: ASGIApp, cloud: GoogleCloud, api: str) -> None:
        """Guard ``app``, a part of ``api``, like ``run.googleapis.com``."""
        self._app, self._cloud, self._api = app, cloud, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise the ``ApiError`` that it deserves."""
        self._admit(HTTPConnection[Any](scope))
        scope.setdefault("state", {})["cloud"] = self._cloud
        await self._app(scope, receive, send)

    def _admit(self, connection: HTTPConnection[Any]) -> None:
        if not connection.headers.get("authorization", "").startswith("Bearer "):
            raise Unauthenticated("Request is missing required authentication credential.")
        if refusal := self._cloud.queued_refusal(connection.url.path):
            raise refusal
        if self._api not in self._cloud.enabled:
            raise ServiceDisabled(self._api, self._cloud.project)
        asked: str | None = connection.path_params.get("project") or connection.query_params.get("project")
        if asked not in {None, "-", self._cloud.project, self._cloud.project_number}:
            raise PermissionDenied(f"Permission denied on resource project {asked}.")


def gated(cloud: GoogleCloud, api: str, routes: list[Route]) -> list[Route]:
    """Return ``routes`` as parts of ``api``, each behind the gate."""
    gate = Middleware(Gate, cloud=cloud, api=api)
    return [Route(r.path, r.endpoint, methods=sorted(r.methods or ()), middleware=[gate]) for r in routes]
