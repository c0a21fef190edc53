"""A declared service: checked as Cloud Run checks it, with its defaults filled in."""

import re
from collections.abc import Container
from typing import Any

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.wire import JsonObject

_SERVICE_ID = re.compile(r"[a-z](?:[-a-z0-9]{0,47}[a-z0-9])?")
_RESERVED = {"PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"}
_WRITABLE = (
    "annotations", "client", "clientVersion", "customAudiences", "defaultUriDisabled", "description", "iapEnabled",
    "ingress", "invokerIamDisabled", "labels", "launchStage", "scaling", "template", "traffic",
)  # fmt: skip
_LATEST = [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}]


def check_service_id(service_id: str) -> None:
    """Refuse an id that Cloud Run refuses."""
    if not _SERVICE_ID.fullmatch(service_id):
        raise ApiError(
            "INVALID_ARGUMENT",
            f"Violation in CreateServiceRequest.service_id: {service_id!r} must begin with a letter, cannot end with "
            "a hyphen, and must contain fewer than 50 characters.",
        )


def complete_declaration(body: JsonObject, *, project_number: str, accounts: Container[str]) -> JsonObject:
    """Return the writable fields of ``body`` with Cloud Run's defaults, or raise ``ApiError``."""
    wanted = {name: body[name] for name in _WRITABLE if name in body}
    if len(wanted.get("template", {}).get("containers", [])) != 1:
        raise ApiError("UNIMPLEMENTED", "This emulator runs services of exactly one container.")
    if wanted.get("traffic", _LATEST) != _LATEST:
        raise ApiError("UNIMPLEMENTED", "This emulator sends all traffic to the latest revision.")
    template = _complete_template(project_number, wanted["template"])
    _check_template(template, accounts)
    return {"ingress": "INGRESS_TRAFFIC_ALL", "launchStage": "GA", "traffic": _LATEST} | wanted | {"template": template}


def _complete_template(project_number: str, template: JsonObject) -> JsonObject:
    defaults = {
        "timeout": "300s",
        "serviceAccount": f"{project_number}-compute@developer.gserviceaccount.com",
        "maxInstanceRequestConcurrency": 80,
        "scaling": {"maxInstanceCount": 100},
    }
    return defaults | template | {"containers": [_complete_container(template["containers"][0])]}


def _complete_container(container: JsonObject) -> JsonObject:
    ports = [{"name": "http1", "containerPort": 8080} | port for port in container.get("ports", [{}])]
    port: int = ports[0]["containerPort"]
    startup = container.get("startupProbe", {"timeoutSeconds": 240, "periodSeconds": 240, "failureThreshold": 1})
    liveness = (
        {"livenessProbe": _complete_probe(container["livenessProbe"], port)} if "livenessProbe" in container else {}
    )
    defaults = {"resources": {"limits": {"cpu": "1000m", "memory": "512Mi"}, "cpuIdle": True}}
    return defaults | container | liveness | {"ports": ports, "startupProbe": _complete_probe(startup, port)}


def _complete_probe(probe: JsonObject, port: int) -> JsonObject:
    kind = "httpGet" if "httpGet" in probe else "tcpSocket"
    return probe | {kind: {"port": port} | probe.get(kind, {})}


def _check_template(template: JsonObject, accounts: Container[str]) -> None:
    container = template["containers"][0]
    names: set[Any] = {variable["name"] for variable in container.get("env", [])}
    if reserved := ", ".join(sorted(names & _RESERVED)):
        raise ApiError(
            "INVALID_ARGUMENT",
            f"template.containers[0].env: The following reserved env names were provided: {reserved}. These values "
            "are automatically set by the system.",
        )
    if any("valueSource" in variable for variable in container.get("env", [])):
        raise ApiError("UNIMPLEMENTED", "This emulator keeps no secrets, so valueSource cannot be read.")
    account = template["serviceAccount"]
    if account not in accounts and not account.endswith("-compute@developer.gserviceaccount.com"):
        raise ApiError(
            "PERMISSION_DENIED",
            f"Permission 'iam.serviceaccounts.actAs' denied on service account {account} (or it may not exist).",
        )
    for probe in (container["startupProbe"], container.get("livenessProbe", {})):
        if probe.get("timeoutSeconds", 1) > probe.get("periodSeconds", 10):
            raise ApiError("INVALID_ARGUMENT", "A probe's timeout_seconds must not be greater than its period_seconds.")
