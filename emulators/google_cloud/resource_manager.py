"""Resource Manager v1: the project itself, and who may do what in it."""

from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.google_cloud.gate import Asked, json_body


async def _get(request: Asked) -> JSONResponse:
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


async def _get_policy(request: Asked) -> JSONResponse:
    return JSONResponse(request.state["cloud"].policy.resource)


async def _set_policy(request: Asked) -> JSONResponse:
    return JSONResponse(request.state["cloud"].policy.replace((await json_body(request)).get("policy", {})))


async def _test_permissions(request: Asked) -> JSONResponse:
    """Echo the permissions that the caller holds: all but ``denied_permissions``."""
    denied = request.state["cloud"].denied_permissions
    held = [permission for permission in (await json_body(request)).get("permissions", []) if permission not in denied]
    return JSONResponse({"permissions": held} if held else {})


ROUTES = [
    Route("/v1/projects/{project}:getIamPolicy", _get_policy, methods=["POST"]),
    Route("/v1/projects/{project}:setIamPolicy", _set_policy, methods=["POST"]),
    Route("/v1/projects/{project}:testIamPermissions", _test_permissions, methods=["POST"]),
    Route("/v1/projects/{project}", _get, methods=["GET"]),
]
