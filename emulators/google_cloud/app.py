"""Google Cloud's APIs on one origin; paths are Google's own, so they do not collide."""

from http import HTTPStatus
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.google_cloud import billing, iam, resource_manager, service_usage
from emulators.google_cloud.errors import ApiError, Unimplemented
from emulators.google_cloud.gate import gated
from emulators.google_cloud.run import operations, services
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.storage import buckets, objects, uploads
from emulators.kit.recording import Recorded


def _routes(cloud: GoogleCloud) -> list[Route]:
    return [
        *gated(cloud, "serviceusage.googleapis.com", service_usage.ROUTES),
        *gated(cloud, "cloudbilling.googleapis.com", billing.ROUTES),
        *gated(cloud, "iam.googleapis.com", iam.ROUTES),
        *gated(cloud, "cloudresourcemanager.googleapis.com", resource_manager.ROUTES),
        *gated(cloud, "storage.googleapis.com", [*uploads.ROUTES, *objects.ROUTES, *buckets.ROUTES]),
        *gated(cloud, "run.googleapis.com", [*services.ROUTES, *operations.ROUTES]),
    ]


def _answer(request: Request, error: ApiError) -> Response:
    return JSONResponse(error.body(storage="/storage/v1/" in request.url.path), error.status)


async def _refused(request: Request, error: Exception) -> Response:
    return _answer(request, cast("ApiError", error))


async def _unknown(request: Request, error: Exception) -> Response:
    if cast("HTTPException", error).status_code not in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        raise error
    return _answer(request, Unimplemented(f"This emulator does not know {request.method} {request.url.path}."))


def create_app(cloud: GoogleCloud) -> Starlette:
    """Serve ``cloud``; what it does not know is answered 501 with a line that says what was asked."""
    app = Starlette(
        routes=_routes(cloud),
        middleware=[Middleware(Recorded, keep=cloud.exchanges.append)],
        exception_handlers={ApiError: _refused, HTTPException: _unknown},
    )
    app.router.redirect_slashes = False
    return app
