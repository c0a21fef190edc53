"""Checks that every call passes before it is served: token, queued error, quota project, API, permission."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, TypedDict, cast

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators.google_cloud.callers import Caller
from emulators.google_cloud.errors import ApiError, permission_denied, quota_project_missing, service_disabled
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.wire import JsonObject, without_nulls


class CloudState(TypedDict):
    """The type of ``request.state`` in a handler."""

    cloud: GoogleCloud
    caller: Caller


CloudRequest = Request[CloudState]
Handler = Callable[[CloudRequest], Awaitable[Response]]


class Call(NamedTuple):
    """A call of an API, and the permission that it requires ("" for none)."""

    method: str
    path: str
    handler: Handler
    permission: str


async def read_json(request: CloudRequest, *, keep_nulls: bool = False) -> JsonObject:
    """Return the body, ``{}`` if it is empty; refuse anything but a JSON object."""
    try:
        body: Any = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", "Invalid JSON payload received.") from error
    if not isinstance(body, dict):
        raise ApiError("INVALID_ARGUMENT", "Invalid JSON payload received. Root element must be a message.")
    return cast("JsonObject", body if keep_nulls else without_nulls(body))


def require_permission(request: CloudRequest, permission: str, resource: str) -> None:
    """Refuse a caller that does not have ``permission`` on ``resource``."""
    if not request.state["cloud"].permits(request.state["caller"], permission):
        raise permission_denied(permission, resource, request.state["caller"].email)


class Gate:
    """ASGI middleware that refuses what Google's API front end refuses."""

    def __init__(self, app: ASGIApp, cloud: GoogleCloud, api: str, permission: str) -> None:
        """Guard ``app``, a call of ``api`` (such as ``run.googleapis.com``) that takes ``permission``."""
        self._app, self._cloud, self._api, self._permission = app, cloud, api, permission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise ``ApiError``."""
        connection = HTTPConnection[Any](scope)
        caller = self._identify(connection)
        if error := self._cloud.next_error(scope["method"], connection.url.path):
            raise error
        self._check_quota_project(connection, caller)
        if not self._cloud.is_usable(self._api):
            raise service_disabled(self._api, self._cloud.project_number)
        self._check_project(connection)
        if self._permission and not self._cloud.permits(caller, self._permission):
            resource = connection.url.path.split("/", 2)[2].partition(":")[0]
            raise permission_denied(self._permission, resource, caller.email)
        scope.setdefault("state", {}).update(cloud=self._cloud, caller=caller)
        await self._app(scope, receive, send)

    def _identify(self, connection: HTTPConnection[Any]) -> Caller:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise ApiError("UNAUTHENTICATED", "Request is missing required authentication credential.")
        return self._cloud.callers.get(token, self._cloud.deployer)

    def _check_quota_project(self, connection: HTTPConnection[Any], caller: Caller) -> None:
        """Apply https://docs.cloud.google.com/docs/quotas/set-quota-project."""
        named = connection.headers.get("x-goog-user-project")
        if named is None:
            if caller.is_person and self._cloud.assumptions.people_need_quota_project:
                raise quota_project_missing(self._api)
            return
        own = named in {self._cloud.project, self._cloud.project_number}
        if not own or not self._cloud.permits(caller, "serviceusage.services.use"):
            raise ApiError(
                "PERMISSION_DENIED",
                f"Caller does not have required permission to use project {named}. Grant the caller the "
                "roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use "
                f"permission, by visiting https://console.developers.google.com/iam-admin/iam/project?project={named} "
                "and then retry.",
            )

    def _check_project(self, connection: HTTPConnection[Any]) -> None:
        project: str | None = connection.path_params.get("project") or connection.query_params.get("project")
        if project not in {None, "-", self._cloud.project, self._cloud.project_number}:
            raise ApiError("PERMISSION_DENIED", f"Permission denied on resource project {project}.")


def guard(cloud: GoogleCloud, api: str, calls: Iterable[Call]) -> list[Route]:
    """Return the routes of ``calls``, which are parts of ``api``, behind the gate."""
    return [
        Route(
            call.path,
            call.handler,
            methods=[call.method],
            middleware=[Middleware(Gate, cloud=cloud, api=api, permission=call.permission)],
        )
        for call in calls
    ]
