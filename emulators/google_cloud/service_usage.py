"""Service Usage v1: which APIs a project may call (https://docs.cloud.google.com/service-usage/docs/reference/rest)."""

import itertools
from collections.abc import Iterable

from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.google_cloud.errors import FailedPrecondition, InvalidArgument, JsonObject, NotFound, Unimplemented
from emulators.google_cloud.gate import Asked, json_body
from emulators.google_cloud.state import GoogleCloud

_BATCH = 20
_MESSAGES = "type.googleapis.com/google.api.serviceusage.v1"
_numbers = itertools.count(1)


def _service(cloud: GoogleCloud, api: str) -> JsonObject:
    parent = f"projects/{cloud.project_number}"
    state = "ENABLED" if api in cloud.enabled else "DISABLED"
    return {"name": f"{parent}/services/{api}", "parent": parent, "config": {"name": api}, "state": state}


def _done(cloud: GoogleCloud, message: str, **response: object) -> JSONResponse:
    name = f"operations/acf.su{next(_numbers)}"
    answer = {"name": name, "done": True, "response": {"@type": f"{_MESSAGES}.{message}"} | response}
    cloud.usage_operations[name] = answer
    return JSONResponse(answer)


def _switch_on(cloud: GoogleCloud, apis: Iterable[str]) -> None:
    new = sorted(set(apis) - cloud.enabled)
    if new and not cloud.billing_enabled:
        raise FailedPrecondition(
            f"Billing account for project '{cloud.project_number}' is not found. Billing must be enabled for "
            f"activation of service(s) '{','.join(new)}' to proceed."
        )
    cloud.enabled.update(new)


async def _list(request: Asked) -> JSONResponse:
    cloud = request.state["cloud"]
    if (wanted := request.query_params.get("filter")) != "state:ENABLED":
        raise Unimplemented(f"This emulator lists services by filter=state:ENABLED only, not by {wanted!r}.")
    return JSONResponse({"services": [_service(cloud, api) for api in sorted(cloud.enabled)]})


async def _get(request: Asked) -> JSONResponse:
    return JSONResponse(_service(request.state["cloud"], request.path_params["service"]))


async def _enable(request: Asked) -> JSONResponse:
    cloud, api = request.state["cloud"], request.path_params["service"]
    _switch_on(cloud, [api])
    return _done(cloud, "EnableServiceResponse", service=_service(cloud, api))


async def _batch_enable(request: Asked) -> JSONResponse:
    cloud, apis = request.state["cloud"], (await json_body(request)).get("serviceIds", [])
    if not 1 <= len(apis) <= _BATCH:
        raise InvalidArgument(f"A batch enables 1 to {_BATCH} services, not {len(apis)}.")
    _switch_on(cloud, apis)
    return _done(cloud, "BatchEnableServicesResponse", services=[_service(cloud, api) for api in apis])


async def _disable(request: Asked) -> JSONResponse:
    cloud, api = request.state["cloud"], request.path_params["service"]
    cloud.enabled.discard(api)
    return _done(cloud, "DisableServiceResponse", service=_service(cloud, api))


async def _operation(request: Asked) -> JSONResponse:
    name = f"operations/{request.path_params['operation']}"
    if name not in request.state["cloud"].usage_operations:
        raise NotFound(f"Operation not found: {name}")
    return JSONResponse(request.state["cloud"].usage_operations[name])


ROUTES = [
    Route("/v1/projects/{project}/services", _list, methods=["GET"]),
    Route("/v1/projects/{project}/services:batchEnable", _batch_enable, methods=["POST"]),
    Route("/v1/projects/{project}/services/{service}:enable", _enable, methods=["POST"]),
    Route("/v1/projects/{project}/services/{service}:disable", _disable, methods=["POST"]),
    Route("/v1/projects/{project}/services/{service}", _get, methods=["GET"]),
    Route("/v1/operations/{operation}", _operation, methods=["GET"]),
]
