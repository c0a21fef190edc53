"""The Platform API as one application, with the one call of the Frontend API that needs nobody's key.

https://github.com/clerk/openapi-specs/blob/main/platform/beta.yml
"""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from emulators.clerk.config import changed, changes, shown
from emulators.clerk.environment import environment
from emulators.clerk.errors import (
    AuthenticationInvalid,
    AuthorizationInvalid,
    ClerkError,
    MalformedRequest,
    NotEmulated,
    ResourceNotFound,
    VersionConflict,
)
from emulators.clerk.state import Application, Clerk, Instance, State
from emulators.kit.recording import Recorded

Call = Callable[[Request[State]], Awaitable[Response]]
_APPLICATION = "/v1/platform/applications/{application}"


def create_app(clerk: Clerk) -> ASGIApp:
    """Return the API as an ASGI application, whose every exchange is kept in ``clerk.exchanges``."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[State]:
        yield {"clerk": clerk}

    config = f"{_APPLICATION}/instances/{{instance}}/config"
    app = Starlette(
        routes=[
            Route(_APPLICATION, show_application, methods=["GET"]),
            Route(config, show_config, methods=["GET"]),
            Route(config, patch_config, methods=["PATCH"]),
            Route("/v1/environment", show_environment, methods=["GET"]),
        ],
        lifespan=lifespan,
        exception_handlers={ClerkError: _refused, HTTPException: _not_emulated},
    )
    return Recorded(app, clerk.exchanges.append)


def _guarded(*scopes: str) -> Callable[[Call], Call]:
    """Let a caller through whose key holds any of ``scopes``, within the rate limit, unless a test refuses it."""

    def decorated(call: Call) -> Call:
        @wraps(call)
        async def endpoint(request: Request[State]) -> Response:
            clerk = request.state["clerk"]
            clerk.take()
            _admit(request, scopes)
            mishap = clerk.next_mishap(request.method)
            if mishap and not mishap.committed:
                raise mishap.error
            answer = await call(request)
            if mishap:
                raise mishap.error
            return answer

        return endpoint

    return decorated


def _admit(request: Request[State], scopes: tuple[str, ...]) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    held = request.state["clerk"].keys.get(key) if scheme.lower() == "bearer" else None
    if held is None:
        raise AuthenticationInvalid("The provided platform API key is invalid")
    if held.isdisjoint(scopes):
        raise AuthorizationInvalid(f"The platform API key needs the scope {' or '.join(scopes)}")


@_guarded("applications:read", "applications:manage")
async def show_application(request: Request[State]) -> Response:
    """Answer with an application and its instances, without their secret keys."""
    application = _application(request)
    instances = [
        {
            "instance_id": instance.id,
            "environment_type": instance.environment,
            "publishable_key": instance.publishable_key,
        }
        for instance in application.instances.values()
    ]
    return JSONResponse({"application_id": application.id, "name": application.name, "instances": instances})


@_guarded("applications:manage")
async def show_config(request: Request[State]) -> Response:
    """Answer with the keys that are asked for, and the version of the whole."""
    instance = _instance(request)
    keys = request.query_params.getlist("keys")
    return JSONResponse({**shown(instance.config, keys), "config_version": str(instance.version)})


@_guarded("applications:manage")
async def patch_config(request: Request[State]) -> Response:
    """Change the keys in the body, unless it is a dry run or the version in If-Match is not the current one."""
    instance = _instance(request)
    asked, dry = changes(await _body(request)), _switch(request, "dry_run")
    if request.headers.get("if-match", str(instance.version)) != str(instance.version):
        raise VersionConflict(f"The config version is {instance.version}")
    after, before = changed(instance, asked), shown(instance.config, list(asked))
    if not dry:
        instance.change(asked)
    answer = {"before": before, "after": shown(after, list(asked)), "dry_run": dry}
    return JSONResponse({**answer, "config_version": str(instance.version)})


async def show_environment(request: Request[State]) -> Response:
    """Answer anybody with what the instance is whose Frontend API is at the host that was asked."""
    return JSONResponse(environment(request.state["clerk"].instance_at(request.headers.get("host", ""))))


async def _body(request: Request[State]) -> object:
    try:
        return json.loads(await request.body())
    except ValueError:
        raise MalformedRequest("The body must be JSON") from None


def _switch(request: Request[State], name: str) -> bool:
    value = request.query_params.get(name, "false")
    if value not in {"true", "false"}:
        raise MalformedRequest(f"{name} must be a boolean")
    return value == "true"


def _application(request: Request[State]) -> Application:
    name = request.path_params["application"]
    found = request.state["clerk"].applications.get(name)
    if found is None:
        raise ResourceNotFound(f"No application was found with id {name}")
    return found


def _instance(request: Request[State]) -> Instance:
    return _application(request).instance(request.path_params["instance"])


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ClerkError)  # noqa: S101  # Starlette hands over what was registered for it
    return error.answer()


async def _not_emulated(request: Request, _error: Exception) -> Response:
    return NotEmulated(f"The emulated Clerk does not know {request.method} {request.url.path}").answer()
