"""The project itself: Cloud Billing v1, Resource Manager v1 and Service Usage v1."""

import itertools
from collections.abc import Iterable

from starlette.responses import JSONResponse

from emulators.google_cloud.errors import ApiError, error_info
from emulators.google_cloud.gate import Call, CloudRequest, read_json
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.wire import JsonObject

_BATCH = 20
_MESSAGES = "type.googleapis.com/google.api.serviceusage.v1"
_numbers = itertools.count(1)


async def _get_billing(request: CloudRequest) -> JSONResponse:
    cloud = request.state["cloud"]
    info = {
        "name": f"projects/{cloud.project}/billingInfo",
        "projectId": cloud.project,
        "billingAccountName": "billingAccounts/012345-567890-ABCDEF" if cloud.billing_enabled else "",
        "billingEnabled": cloud.billing_enabled,
    }
    return JSONResponse(info)


async def _get_project(request: CloudRequest) -> JSONResponse:
    cloud = request.state["cloud"]
    project = {
        "projectNumber": cloud.project_number,
        "projectId": cloud.project,
        "lifecycleState": "ACTIVE",
        "name": cloud.project,
        "createTime": "2026-01-02T03:04:05.000000Z",
        "parent": {"type": "organization", "id": "1"},
    }
    return JSONResponse(project)


async def _test_permissions(request: CloudRequest) -> JSONResponse:
    """Return the permissions that the caller has."""
    cloud, caller = request.state["cloud"], request.state["caller"]
    asked = (await read_json(request)).get("permissions", [])
    held = [permission for permission in asked if cloud.permits(caller, permission)]
    return JSONResponse({"permissions": held} if held else {})


async def _get_policy(request: CloudRequest) -> JSONResponse:
    return JSONResponse(request.state["cloud"].policy(f"projects/{request.state['cloud'].project}"))


def _service(cloud: GoogleCloud, api: str) -> JsonObject:
    parent = f"projects/{cloud.project_number}"
    state = "ENABLED" if api in cloud.enabled else "DISABLED"
    return {"name": f"{parent}/services/{api}", "parent": parent, "config": {"name": api}, "state": state}


def _done(message: str, **response: object) -> JSONResponse:
    name = f"operations/acf.su{next(_numbers)}"
    return JSONResponse({"name": name, "done": True, "response": {"@type": f"{_MESSAGES}.{message}"} | response})


def _enable(cloud: GoogleCloud, apis: Iterable[str]) -> None:
    new = sorted(set(apis) - cloud.enabled)
    if new and not cloud.billing_enabled:
        info = error_info("UREQ_PROJECT_BILLING_NOT_FOUND") | {"domain": "serviceusage.googleapis.com/billing-enabled"}
        raise ApiError(
            "FAILED_PRECONDITION",
            f"Billing account for project '{cloud.project_number}' is not found. Billing must be enabled for "
            f"activation of service(s) '{','.join(new)}' to proceed.",
            [info],
        )
    cloud.enable(new)


async def _list_services(request: CloudRequest) -> JSONResponse:
    cloud = request.state["cloud"]
    if (wanted := request.query_params.get("filter")) != "state:ENABLED":
        raise ApiError("UNIMPLEMENTED", f"This emulator lists services by filter=state:ENABLED only, not {wanted!r}.")
    return JSONResponse({"services": [_service(cloud, api) for api in sorted(cloud.enabled)]})


async def _get_service(request: CloudRequest) -> JSONResponse:
    return JSONResponse(_service(request.state["cloud"], request.path_params["service"]))


async def _enable_service(request: CloudRequest) -> JSONResponse:
    cloud, api = request.state["cloud"], request.path_params["service"]
    _enable(cloud, [api])
    return _done("EnableServiceResponse", service=_service(cloud, api))


async def _enable_services(request: CloudRequest) -> JSONResponse:
    cloud, apis = request.state["cloud"], (await read_json(request)).get("serviceIds", [])
    if not 1 <= len(apis) <= _BATCH:
        raise ApiError("INVALID_ARGUMENT", f"A batch enables 1 to {_BATCH} services, not {len(apis)}.")
    _enable(cloud, apis)
    return _done("BatchEnableServicesResponse", services=[_service(cloud, api) for api in apis])


# Billing information takes this permission: https://docs.cloud.google.com/billing/docs/reference/rest/v1/projects/getBillingInfo
BILLING = [Call("GET", "/v1/projects/{project}/billingInfo", _get_billing, "resourcemanager.projects.get")]
RESOURCE_MANAGER = [
    Call("POST", "/v1/projects/{project}:testIamPermissions", _test_permissions, ""),
    Call("POST", "/v1/projects/{project}:getIamPolicy", _get_policy, "resourcemanager.projects.getIamPolicy"),
    Call("GET", "/v1/projects/{project}", _get_project, "resourcemanager.projects.get"),
]
# https://docs.cloud.google.com/service-usage/docs/reference/rest
SERVICE_USAGE = [
    Call("GET", "/v1/projects/{project}/services", _list_services, "serviceusage.services.list"),
    Call("POST", "/v1/projects/{project}/services:batchEnable", _enable_services, "serviceusage.services.enable"),
    Call("POST", "/v1/projects/{project}/services/{service}:enable", _enable_service, "serviceusage.services.enable"),
    Call("GET", "/v1/projects/{project}/services/{service}", _get_service, "serviceusage.services.get"),
]
