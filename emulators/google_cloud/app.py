"""Google Cloud's APIs on one origin; their paths do not collide."""

from http import HTTPStatus
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.google_cloud import monitoring, project, service_accounts, workload_identity
from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.gate import guard
from emulators.google_cloud.run import services
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.storage import buckets, objects
from emulators.kit.recording import Recorded

_APIS = {
    "cloudbilling.googleapis.com": project.BILLING,
    "cloudkms.googleapis.com": workload_identity.KEYS,
    "cloudresourcemanager.googleapis.com": project.RESOURCE_MANAGER,
    "iam.googleapis.com": [*service_accounts.CALLS, *workload_identity.POOLS],
    "monitoring.googleapis.com": monitoring.CALLS,
    "run.googleapis.com": services.CALLS,
    "serviceusage.googleapis.com": project.SERVICE_USAGE,
    "storage.googleapis.com": [*objects.CALLS, *buckets.CALLS],
}


def _answer(request: Request, error: ApiError) -> Response:
    return JSONResponse(error.body(storage="/storage/v1/" in request.url.path), error.status)


async def _refuse(request: Request, error: Exception) -> Response:
    return _answer(request, cast("ApiError", error))


async def _refuse_unknown(request: Request, error: Exception) -> Response:
    if cast("HTTPException", error).status_code not in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        raise error
    message = f"This emulator does not know {request.method} {request.url.path}."
    return _answer(request, ApiError("UNIMPLEMENTED", message))


def create_app(cloud: GoogleCloud) -> Starlette:
    """Serve ``cloud``; a call that is not emulated is answered with 501 and its name."""
    app = Starlette(
        routes=[route for api, calls in _APIS.items() for route in guard(cloud, api, calls)],
        middleware=[Middleware(Recorded, keep=cloud.received.append)],
        exception_handlers={ApiError: _refuse, HTTPException: _refuse_unknown},
    )
    app.router.redirect_slashes = False
    return app
