"""Services and revisions (https://docs.cloud.google.com/run/docs/reference/rest/v2/projects.locations.services)."""

import secrets
import uuid
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.google_cloud.errors import Aborted, AlreadyExists, JsonObject, NotFound, Unimplemented
from emulators.google_cloud.gate import Asked, json_body
from emulators.google_cloud.run.declared import check_service_id, declared
from emulators.google_cloud.run.operations import begin
from emulators.google_cloud.run.revision import Revision
from emulators.google_cloud.run.service import Service
from emulators.google_cloud.state import GoogleCloud

_SERVICES = "/v2/projects/{project}/locations/{location}/services"
_DEPLOYER = "deployer@example.com"


def _parent(request: Asked) -> str:
    return f"projects/{request.state['cloud'].project}/locations/{request.path_params['location']}"


def _service(request: Asked) -> Service:
    service_id = request.path_params["service"]
    service = request.state["cloud"].services.get(f"{_parent(request)}/services/{service_id}")
    if service is None:
        raise NotFound(f"Resource '{service_id}' of kind 'SERVICE' in region does not exist.")
    return service


def _touched(cloud: GoogleCloud, generation: int) -> JsonObject:
    return {
        "generation": str(generation),
        "updateTime": cloud.clock.stamp(),
        "lastModifier": _DEPLOYER,
        "etag": f'"{secrets.token_urlsafe(12)}"',
        "reconciling": True,
        "terminalCondition": {"type": "Ready", "state": "CONDITION_RECONCILING"},
    }


def _deployment(cloud: GoogleCloud, service: Service, *, creating: bool) -> Callable[[], JsonObject]:
    failure = cloud.queued_failure()

    def work() -> JsonObject:
        try:
            service.deploy(failure.message if failure else None)
        finally:
            if failure and creating and not failure.leaving:
                _remove(cloud, service)
        return service.resource

    return work


def _remove(cloud: GoogleCloud, service: Service) -> JsonObject:
    service.close()
    del cloud.services[service.resource["name"]]
    return service.resource | {"deleteTime": cloud.clock.stamp()}


def _only_validated(request: Asked, resource: JsonObject) -> JSONResponse | None:
    if request.query_params.get("validateOnly") != "true":
        return None
    return JSONResponse({"name": f"{_parent(request)}/operations/validated", "done": True, "response": resource})


async def _create(request: Asked) -> JSONResponse:
    cloud, service_id = request.state["cloud"], request.query_params.get("serviceId", "")
    name, now = f"{_parent(request)}/services/{service_id}", cloud.clock.stamp()
    check_service_id(service_id)
    if name in cloud.services:
        raise AlreadyExists(f"Resource '{service_id}' already exists.")
    made = {"name": name, "uid": str(uuid.uuid4()), "createTime": now, "creator": _DEPLOYER}
    resource = declared(cloud, await json_body(request)) | made | _touched(cloud, 1)
    if validated := _only_validated(request, resource):
        return validated
    cloud.services[name] = service = await run_in_threadpool(Service, cloud, resource)
    return JSONResponse(begin(cloud, name, _deployment(cloud, service, creating=True)))


async def _update(request: Asked) -> JSONResponse:
    """Take the whole service, as the provider sends it."""
    cloud, service, body = request.state["cloud"], _service(request), await json_body(request)
    if "updateMask" in request.query_params:
        raise Unimplemented("This emulator replaces services whole: it knows no updateMask.")
    _check_etag(service, body.get("etag"))
    kept = ("name", "uid", "createTime", "creator", "uri", "urls", "observedGeneration", "latestCreatedRevision",
            "latestReadyRevision", "trafficStatuses", "conditions")  # fmt: skip
    before = {name: service.resource[name] for name in kept if name in service.resource}
    resource = declared(cloud, body) | before | _touched(cloud, int(service.resource["generation"]) + 1)
    if validated := _only_validated(request, resource):
        return validated
    service.resource = resource
    return JSONResponse(begin(cloud, resource["name"], _deployment(cloud, service, creating=False)))


def _check_etag(service: Service, etag: str | None) -> None:
    if etag not in {None, service.resource["etag"]}:
        raise Aborted(f"Conflict for resource '{service.name}': the etag given is not the present one.")


async def _get(request: Asked) -> JSONResponse:
    return JSONResponse(_service(request).resource)


async def _list(request: Asked) -> JSONResponse:
    prefix = f"{_parent(request)}/services/"
    services = [
        service.resource for name, service in request.state["cloud"].services.items() if name.startswith(prefix)
    ]
    return JSONResponse({"services": services} if services else {})


async def _delete(request: Asked) -> JSONResponse:
    cloud, service = request.state["cloud"], _service(request)
    _check_etag(service, request.query_params.get("etag"))
    return JSONResponse(begin(cloud, service.resource["name"], lambda: _remove(cloud, service)))


async def _get_policy(request: Asked) -> JSONResponse:
    return JSONResponse(_service(request).policy.resource)


async def _set_policy(request: Asked) -> JSONResponse:
    return JSONResponse(_service(request).policy.replace((await json_body(request)).get("policy", {})))


def _shown(service: Service, revision: Revision) -> JsonObject:
    copied = ("containers", "scaling", "timeout", "serviceAccount", "maxInstanceRequestConcurrency")
    state = {"state": "CONDITION_FAILED", "message": revision.failure} if revision.failure else {
        "state": "CONDITION_SUCCEEDED"
    }  # fmt: skip
    return {name: revision.template[name] for name in copied} | {
        "name": f"{service.resource['name']}/revisions/{revision.name}",
        "service": service.resource["name"],
        "createTime": revision.created,
        "conditions": [{"type": "Ready"} | state],
    }


async def _revisions(request: Asked) -> JSONResponse:
    service = _service(request)
    revisions = [_shown(service, revision) for revision in reversed(service.revisions)]
    return JSONResponse({"revisions": revisions} if revisions else {})


ROUTES = [
    Route(_SERVICES, _create, methods=["POST"]),
    Route(_SERVICES, _list, methods=["GET"]),
    Route(f"{_SERVICES}/{{service}}:getIamPolicy", _get_policy, methods=["GET"]),
    Route(f"{_SERVICES}/{{service}}:setIamPolicy", _set_policy, methods=["POST"]),
    Route(f"{_SERVICES}/{{service}}/revisions", _revisions, methods=["GET"]),
    Route(f"{_SERVICES}/{{service}}", _get, methods=["GET"]),
    Route(f"{_SERVICES}/{{service}}", _update, methods=["PATCH"]),
    Route(f"{_SERVICES}/{{service}}", _delete, methods=["DELETE"]),
]
