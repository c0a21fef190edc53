"""A declared service, with Cloud Run's defaults filled in and its rules applied."""

from collections.abc import Container

from emulators.google_cloud.assumptions import Assumptions
from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.run.base_images import full_path
from emulators.google_cloud.run.rules import check_limits, check_shape
from emulators.google_cloud.run.sizes import check_size, parse_cpu
from emulators.google_cloud.wire import JsonObject

_WRITABLE = (
    "annotations", "client", "clientVersion", "customAudiences", "defaultUriDisabled", "description", "iapEnabled",
    "ingress", "invokerIamDisabled", "labels", "launchStage", "scaling", "template", "traffic",
)  # fmt: skip
_LATEST = [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}]
_CONCURRENCY = 80


def complete_declaration(
    body: JsonObject, request: str, *, region: str, project_number: str, assumptions: Assumptions
) -> JsonObject:
    """Return the writable fields of ``body`` with defaults, or raise ``ApiError``; ``request`` is its type's name."""
    wanted = {name: body[name] for name in _WRITABLE if name in body}
    check_shape(wanted, request, assumptions)
    if len(wanted["template"].get("containers", [])) != 1:
        raise ApiError("UNIMPLEMENTED", "This emulator runs services of exactly one container.")
    if wanted.get("traffic", _LATEST) != _LATEST:
        raise ApiError("UNIMPLEMENTED", "This emulator sends all traffic to the latest revision.")
    _refuse_unknown_parts(wanted["template"]["containers"][0])
    template = _complete_template(project_number, wanted["template"])
    check_limits(template, assumptions)
    check_size(template)
    container = template["containers"][0]
    if spelling := container.get("baseImageUri"):
        path = full_path(spelling, region, assumptions)
        container["baseImageUri"] = path if assumptions.expands_base_images else spelling
    return {"ingress": "INGRESS_TRAFFIC_ALL", "launchStage": "GA", "traffic": _LATEST} | wanted | {"template": template}


def _refuse_unknown_parts(container: JsonObject) -> None:
    if any("valueSource" in variable for variable in container.get("env", [])):
        raise ApiError("UNIMPLEMENTED", "This emulator keeps no secrets, so valueSource cannot be read.")
    if "readinessProbe" in container or any(
        "grpc" in container.get(f"{kind}Probe", {}) for kind in ("startup", "liveness")
    ):
        raise ApiError("UNIMPLEMENTED", "This emulator has no readiness probes and no probes by gRPC.")


def check_account(template: JsonObject, accounts: Container[str], *, may_act: bool) -> None:
    """Refuse a service account that does not exist, or that the caller may not act as."""
    account = template["serviceAccount"]
    if may_act and (account in accounts or account.endswith("-compute@developer.gserviceaccount.com")):
        return
    message = f"Permission 'iam.serviceaccounts.actAs' denied on service account {account} (or it may not exist)."
    raise ApiError("PERMISSION_DENIED", message)


def _complete_template(project_number: str, template: JsonObject) -> JsonObject:
    container = _complete_container(template["containers"][0])
    concurrency = 1 if parse_cpu(container["resources"]["limits"]["cpu"]) < 1 else _CONCURRENCY
    return {
        "timeout": "300s",
        "serviceAccount": f"{project_number}-compute@developer.gserviceaccount.com",
        "scaling": {"maxInstanceCount": 100},
    } | template | {
        "containers": [container],
        "maxInstanceRequestConcurrency": template.get("maxInstanceRequestConcurrency") or concurrency,
    }  # fmt: skip


def _complete_container(container: JsonObject) -> JsonObject:
    ports = [{"name": "http1", "containerPort": 8080} | port for port in container.get("ports", [{}])]
    port: int = ports[0]["containerPort"]
    startup = container.get("startupProbe", {"timeoutSeconds": 240, "periodSeconds": 240, "failureThreshold": 1})
    liveness = container.get("livenessProbe")
    resources: JsonObject = container.get("resources", {"cpuIdle": True})
    limits = {"cpu": "1000m", "memory": "512Mi"} | resources.get("limits", {})
    return container | {
        "ports": ports,
        "resources": resources | {"limits": limits},
        "startupProbe": _complete_probe(startup, port),
    } | ({"livenessProbe": _complete_probe(liveness, port)} if liveness is not None else {})  # fmt: skip


def _complete_probe(probe: JsonObject, port: int) -> JsonObject:
    kind = "httpGet" if "httpGet" in probe else "tcpSocket"
    return probe | {kind: {"port": port} | probe.get(kind, {})}
