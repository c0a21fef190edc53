"""The Platform API, and the one call of the Frontend API that needs no key.

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

from emulators.clerk.config import changed_config, environment, parse_changes, shown_config
from emulators.clerk.errors import ApiError
from emulators.clerk.state import Application, Clerk, Instance, State
from emulators.kit.recording import Recorded

Handler = Callable[[Request[State]], Awaitable[Response]]
_APPLICATION = "/v1/platform/applications/{application}"


def create_app(clerk: Clerk) -> ASGIApp:
    """Return both APIs as an ASGI application; ``clerk.received`` keeps each request with its answer."""

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
        exception_handlers={ApiError: _answer_error, HTTPException: _answer_not_emulated},
    )
    return Recorded(app, clerk.received.append)


def _platform(*scopes: str) -> Callable[[Handler], Handler]:
    """Check the rate limit, the key and one of ``scopes``, and apply what a test queued."""

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def endpoint(request: Request[State]) -> Response:
            clerk = request.state["clerk"]
            clerk.count_call()
            _authorize(request, scopes)
            if error := clerk.faults.next_error(request.method):
                raise error
            fault = clerk.faults.next_fault(request.method)
            answer = await handler(request)
            if fault:
                raise fault
            return answer

        return endpoint

    return decorate


def _authorize(request: Request[State], scopes: tuple[str, ...]) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    granted = request.state["clerk"].keys.get(key) if scheme.lower() == "bearer" else None
    if granted is None:
        raise ApiError("authentication_invalid", "The provided platform API key is invalid")
    if granted.isdisjoint(scopes):
        raise ApiError("authorization_invalid", f"The platform API key needs the scope {' or '.join(scopes)}")


@_platform("applications:read", "applications:manage")
async def show_application(request: Request[State]) -> Response:
    """Return an application and its instances, without their secret keys."""
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


@_platform("applications:manage")
async def show_config(request: Request[State]) -> Response:
    """Return the requested keys, and the version of the whole configuration."""
    instance = _instance(request)
    keys = request.query_params.getlist("keys")
    return JSONResponse({**shown_config(instance.config, keys), "config_version": str(instance.version)})


@_platform("applications:manage")
async def patch_config(request: Request[State]) -> Response:
    """Change the keys in the body, unless it is a dry run or If-Match has another version."""
    instance, changes, dry_run = _instance(request), parse_changes(await _body(request)), _dry_run(request)
    if request.headers.get("if-match", str(instance.version)) != str(instance.version):
        raise ApiError("config_version_mismatch", f"The config version is {instance.version}")
    after, before = changed_config(instance, changes), shown_config(instance.config, list(changes))
    if not dry_run:
        instance.change(changes)
    answer = {"before": before, "after": shown_config(after, list(changes)), "dry_run": dry_run}
    return JSONResponse({**answer, "config_version": str(instance.version)})


async def show_environment(request: Request[State]) -> Response:
    """Return, without a key, the environment of the instance whose Frontend API has the requested host."""
    return JSONResponse(environment(request.state["clerk"].find_instance_at(request.headers.get("host", ""))))


async def _body(request: Request[State]) -> object:
    try:
        return json.loads(await request.body())
    except ValueError:
        raise ApiError("request_body_invalid", "The body must be JSON") from None


def _dry_run(request: Request[State]) -> bool:
    value = request.query_params.get("dry_run", "false")
    if value not in {"true", "false"}:
        raise ApiError("request_body_invalid", "dry_run must be a boolean")
    return value == "true"


def _application(request: Request[State]) -> Application:
    return request.state["clerk"].find_application(request.path_params["application"])


def _instance(request: Request[State]) -> Instance:
    return _application(request).find_instance(request.path_params["instance"])


async def _answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101  # Starlette passes what is registered for it
    return JSONResponse(error.to_json(), error.status, headers=error.headers)


async def _answer_not_emulated(request: Request, _error: Exception) -> Response:
    message = f"The emulated Clerk does not serve {request.method} {request.url.path}"
    return await _answer_error(request, ApiError("not_emulated", message))
