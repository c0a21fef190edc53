"""Services (https://docs.cloud.google.com/run/docs/reference/rest/v2/projects.locations.services)."""

import secrets
import uuid
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.gate import Call, CloudRequest, read_json, require_permission
from emulators.google_cloud.run.declaration import check_account, complete_declaration
from emulators.google_cloud.run.front import create_front
from emulators.google_cloud.run.rules import check_region, check_service_id
from emulators.google_cloud.run.service import Service
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.wire import JsonObject
from emulators.kit.recording import Recorded

_SERVICES = "/v2/projects/{project}/locations/{location}/services"


def _parent(request: CloudRequest) -> str:
    cloud, region = request.state["cloud"], request.path_params["location"]
    check_region(region, cloud.assumptions)
    return f"projects/{cloud.project}/locations/{region}"


def _service(request: CloudRequest) -> Service:
    service_id = request.path_params["service"]
    service = request.state["cloud"].services.get(f"{_parent(request)}/services/{service_id}")
    if service is None:
        raise ApiError("NOT_FOUND", f"Resource '{service_id}' of kind 'SERVICE' in region does not exist.")
    return service


def _declare(request: CloudRequest, body: JsonObject, request_type: str, name: str) -> JsonObject:
    """Return the complete declaration of the service ``name``, or refuse it."""
    cloud, caller = request.state["cloud"], request.state["caller"]
    declared = complete_declaration(
        body,
        request_type,
        region=request.path_params["location"],
        project_number=cloud.project_number,
        assumptions=cloud.assumptions,
    )
    may_act = cloud.permits(caller, "iam.serviceAccounts.actAs")
    check_account(declared["template"], cloud.accounts, may_act=may_act)
    # https://docs.cloud.google.com/run/docs/authenticating/public
    if declared.get("invokerIamDisabled"):
        require_permission(request, "run.services.setIamPolicy", name)
    if cloud.assumptions.deployer_reads_archive and "sourceCode" in declared["template"]["containers"][0]:
        require_permission(request, "storage.objects.get", name)
    return declared


def _describe_change(request: CloudRequest, generation: int) -> JsonObject:
    return {
        "generation": str(generation),
        "updateTime": request.state["cloud"].stamp(),
        "lastModifier": request.state["caller"].email,
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
    made = {"name": name, "uid": str(uuid.uuid4()), "createTime": now, "creator": request.state["caller"].email}
    resource = (
        _declare(request, await read_json(request), "CreateServiceRequest", name) | made | _describe_change(request, 1)
    )
    if validated := _answer_validation(request, resource):
        return validated
    service = await run_in_threadpool(cloud.add_service, resource, _front_recorder(cloud))
    return JSONResponse(cloud.begin(name, _deploy_later(cloud, service, creating=True)))


async def _update(request: CloudRequest) -> JSONResponse:
    """Replace the whole service; the provider sends no update mask."""
    cloud, service, body = request.state["cloud"], _service(request), await read_json(request)
    if "updateMask" in request.query_params:
        raise ApiError("UNIMPLEMENTED", "This emulator replaces services whole: it knows no updateMask.")
    _check_etag(service, body.get("etag"))
    kept = ("name", "uid", "createTime", "creator", "uri", "urls", "observedGeneration", "latestCreatedRevision",
            "latestReadyRevision", "trafficStatuses", "conditions")  # fmt: skip
    before = {name: service.resource[name] for name in kept if name in service.resource}
    declared = _declare(request, body, "UpdateServiceRequest", service.resource["name"])
    resource = declared | before | _describe_change(request, int(service.resource["generation"]) + 1)
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
    Call("POST", _SERVICES, _create, "run.services.create"),
    Call("GET", f"{_SERVICES}/{{service}}:getIamPolicy", _get_policy, "run.services.getIamPolicy"),
    Call("POST", f"{_SERVICES}/{{service}}:setIamPolicy", _set_policy, "run.services.setIamPolicy"),
    Call("GET", f"{_SERVICES}/{{service}}", _get, "run.services.get"),
    Call("PATCH", f"{_SERVICES}/{{service}}", _update, "run.services.update"),
    Call("DELETE", f"{_SERVICES}/{{service}}", _delete, "run.services.delete"),
    Call(
        "GET",
        "/v2/projects/{project}/locations/{location}/operations/{operation}",
        _get_operation,
        "run.operations.get",
    ),
]
