"""Services (https://docs.cloud.google.com/run/docs/reference/rest/v2/projects.locations.services)."""

import secrets
import uuid
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.gate import Call, CloudRequest, read_json
from emulators.google_cloud.run.declaration import check_service_id, complete_declaration
from emulators.google_cloud.run.front import create_front
from emulators.google_cloud.run.service import Service
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.wire import JsonObject
from emulators.kit.recording import Recorded

_SERVICES = "/v2/projects/{project}/locations/{location}/services"
_DEPLOYER = "deployer@example.com"


def _parent(request: CloudRequest) -> str:
    return f"projects/{request.state['cloud'].project}/locations/{request.path_params['location']}"


def _service(request: CloudRequest) -> Service:
    service_id = request.path_params["service"]
    service = request.state["cloud"].services.get(f"{_parent(request)}/services/{service_id}")
    if service is None:
        raise ApiError("NOT_FOUND", f"Resource '{service_id}' of kind 'SERVICE' in region does not exist.")
    return service


def _complete(cloud: GoogleCloud, body: JsonObject) -> JsonObject:
    return complete_declaration(body, project_number=cloud.project_number, accounts=cloud.accounts)


def _describe_change(cloud: GoogleCloud, generation: int) -> JsonObject:
    return {
        "generation": str(generation),
        "updateTime": cloud.stamp(),
        "lastModifier": _DEPLOYER,
        "etag": f'"{secrets.token_urlsafe(12)}"',
        "reconciling": True,
        "terminalCondition": {"type": "Ready", "state": "CONDITION_RECONCILING"},
    }


def _deploy_later(cloud: GoogleCloud, service: Service, *, creating: bool) -> Callable[[], JsonObject]:
    fault = cloud.next_fault()

    def work() -> JsonObject:
        try:
            service.deploy(fault.message if fault else None)
        finally:
            if fault and creating and not fault.leaves_service:
                cloud.remove_service(service)
        return service.resource

    return work


def _front_recorder(cloud: GoogleCloud) -> Callable[[Service], ASGIApp]:
    return lambda service: Recorded(create_front(service), keep=cloud.received_by_services.append)


def _answer_validation(request: CloudRequest, resource: JsonObject) -> JSONResponse | None:
    if request.query_params.get("validateOnly") != "true":
        return None
    return JSONResponse({"name": f"{_parent(request)}/operations/validated", "done": True, "response": resource})


async def _create(request: CloudRequest) -> JSONResponse:
    cloud, service_id = request.state["cloud"], request.query_params.get("serviceId", "")
    name, now = f"{_parent(request)}/services/{service_id}", cloud.stamp()
    check_service_id(service_id)
    if name in cloud.services:
        raise ApiError("ALREADY_EXISTS", f"Resource '{service_id}' already exists.")
    made = {"name": name, "uid": str(uuid.uuid4()), "createTime": now, "creator": _DEPLOYER}
    resource = _complete(cloud, await read_json(request)) | made | _describe_change(cloud, 1)
    if validated := _answer_validation(request, resource):
        return validated
    service = await run_in_threadpool(cloud.add_service, resource, _front_recorder(cloud))
    return JSONResponse(cloud.begin(name, _deploy_later(cloud, service, creating=True)))


async def _update(request: CloudRequest) -> JSONResponse:
    """Take the whole service, as the provider sends it."""
    cloud, service, body = request.state["cloud"], _service(request), await read_json(request)
    if "updateMask" in request.query_params:
        raise ApiError("UNIMPLEMENTED", "This emulator replaces services whole: it knows no updateMask.")
    _check_etag(service, body.get("etag"))
    kept = ("name", "uid", "createTime", "creator", "uri", "urls", "observedGeneration", "latestCreatedRevision",
            "latestReadyRevision", "trafficStatuses", "conditions")  # fmt: skip
    before = {name: service.resource[name] for name in kept if name in service.resource}
    resource = _complete(cloud, body) | before | _describe_change(cloud, int(service.resource["generation"]) + 1)
    if validated := _answer_validation(request, resource):
        return validated
    service.resource = resource
    return JSONResponse(cloud.begin(resource["name"], _deploy_later(cloud, service, creating=False)))


def _check_etag(service: Service, etag: str | None) -> None:
    if etag not in {None, service.resource["etag"]}:
        raise ApiError("ABORTED", f"Conflict for resource '{service.name}': the etag given is not the present one.")


async def _get(request: CloudRequest) -> JSONResponse:
    return JSONResponse(_service(request).resource)


async def _delete(request: CloudRequest) -> JSONResponse:
    cloud, service = request.state["cloud"], _service(request)
    _check_etag(service, request.query_params.get("etag"))
    return JSONResponse(cloud.begin(service.resource["name"], lambda: cloud.remove_service(service)))


async def _get_policy(request: CloudRequest) -> JSONResponse:
    return JSONResponse(_service(request).policy.resource)


async def _set_policy(request: CloudRequest) -> JSONResponse:
    return JSONResponse(_service(request).policy.replace((await read_json(request)).get("policy", {})))


async def _get_operation(request: CloudRequest) -> JSONResponse:
    cloud, name = request.state["cloud"], request.url.path.removeprefix("/v2/")
    if name not in cloud.operations:
        raise ApiError("NOT_FOUND", f"Operation {name} not found.")
    # A poll waits for the end of its operation, up to a limit: clients poll at once, and the next time much later.
    return JSONResponse(await run_in_threadpool(cloud.operations[name].resource, cloud.operation_patience_seconds))


CALLS = [
    Call("POST", _SERVICES, _create),
    Call("GET", f"{_SERVICES}/{{service}}:getIamPolicy", _get_policy),
    Call("POST", f"{_SERVICES}/{{service}}:setIamPolicy", _set_policy),
    Call("GET", f"{_SERVICES}/{{service}}", _get),
    Call("PATCH", f"{_SERVICES}/{{service}}", _update),
    Call("DELETE", f"{_SERVICES}/{{service}}", _delete),
    Call("GET", "/v2/projects/{project}/locations/{location}/operations/{operation}", _get_operation),
]
