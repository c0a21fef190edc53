"""What Cloud Run refuses: https://docs.cloud.google.com/run/docs/reference/rest/v2/projects.locations.services.

The messages are Cloud Run's own where they have been reported. Sizes and base images have their own files.
"""

import re
from collections.abc import Iterator

from emulators.google_cloud.assumptions import Assumptions
from emulators.google_cloud.errors import ApiError, error_info, field_violation
from emulators.google_cloud.wire import JsonObject

_SERVICE_ID = re.compile(r"[a-z](?:[-a-z0-9]{0,47}[a-z0-9])?")
# https://docs.cloud.google.com/run/docs/locations
_LISTED_REGION = re.compile(
    r"africa-south1|asia-(east[12]|northeast[1-3]|south[12]|southeast[12])|australia-southeast[12]|me-(central[12]|west1)|"
    r"europe-(central2|north1|southwest1|west([1-4689]|1[02]))|northamerica-northeast[12]|southamerica-(east1|west1)|"
    r"us-(central1|east[145]|south1|west[1-4])"
)
_REGION = re.compile(r"[a-z]+-[a-z]+\d{1,2}")
_IMAGE = re.compile(
    r"(?:(?P<host>[\w-]+(?:\.[\w-]+)+(?::\d+)?|localhost(?::\d+)?)/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
    r"(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
_IMAGE_HOST = re.compile(r"(?:[a-z]+\.)?gcr\.io|[a-z0-9-]+-docker\.pkg\.dev|docker\.io")
_INGRESS = {
    "INGRESS_TRAFFIC_ALL",
    "INGRESS_TRAFFIC_INTERNAL_ONLY",
    "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
    "INGRESS_TRAFFIC_NONE",
}
# https://docs.cloud.google.com/run/docs/configuring/services/overview-environment-variables
_RESERVED_VARIABLES = {"PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"}
_MOST_VARIABLES, _LONGEST_VARIABLE = 1000, 32_768
_RESERVED_LABELS = re.compile(r"(?:run|cloud)\.googleapis\.com|(?:serving|autoscaling)\.knative\.dev")
# https://docs.cloud.google.com/resource-manager/docs/labels-overview
_MOST_LABELS, _LABEL_KEY, _LABEL_VALUE = 64, re.compile(r"[a-z][a-z0-9_-]{0,62}"), re.compile(r"[a-z0-9_-]{0,63}")
_LONGEST_DESCRIPTION = 512
_MOST_REQUESTS = 1000
# https://docs.cloud.google.com/run/docs/configuring/request-timeout
_DURATION, _LONGEST_REQUEST_SECONDS = re.compile(r"\d+(?:\.\d{1,9})?s"), 3600
_LAST_PORT = 65_535
# https://docs.cloud.google.com/run/docs/configuring/healthchecks
_LONGEST_STARTUP_DELAY_SECONDS, _LONGEST_STARTUP_PERIOD_SECONDS, _LONGEST_LIVENESS_SECONDS = 240, 240, 3600


def check_region(region: str, assumptions: Assumptions) -> None:
    """Refuse a location where Cloud Run is not offered."""
    if _LISTED_REGION.fullmatch(region) or (assumptions.has_unlisted_regions and _REGION.fullmatch(region)):
        return
    raise ApiError(
        "PERMISSION_DENIED",
        f"Permission denied on 'locations/{region}' (or it may not exist).",
        [error_info("LOCATION_POLICY_VIOLATED", location=f"locations/{region}")],
    )


def check_service_id(service_id: str) -> None:
    if not _SERVICE_ID.fullmatch(service_id):
        raise field_violation(
            "Violation in CreateServiceRequest.service_id",
            "only lowercase, digits, and hyphens; must begin with letter, and cannot end with hyphen; must be less "
            "than 50 characters.",
        )


def check_shape(service: JsonObject, request: str, assumptions: Assumptions) -> None:
    """Check a service as it was sent; ``request`` is ``CreateServiceRequest`` or ``UpdateServiceRequest``."""
    for field, sentence in _find_violations(service, assumptions):
        raise field_violation(f"Violation in {request}.service{field}", sentence)


def _find_violations(service: JsonObject, assumptions: Assumptions) -> Iterator[tuple[str, str]]:
    if "template" not in service:
        yield ".template", "required field not present."
        return
    if len(service.get("description", "")) > _LONGEST_DESCRIPTION:
        yield ".description", f"must be at most {_LONGEST_DESCRIPTION} characters."
    if service.get("ingress", "INGRESS_TRAFFIC_ALL") not in _INGRESS:
        yield ".ingress", f"unknown value {service['ingress']}."
    for holder, path in ((service, ""), (service["template"], ".template")):
        yield from _find_label_violations(holder, path)
        if path or assumptions.service_scaling_is_checked:
            yield from _find_scaling_violations(holder.get("scaling", {}), path)
    for number, container in enumerate(service["template"].get("containers", [])):
        for field, sentence in _find_container_violations(container):
            yield f".template.containers[{number}]{field}", sentence


def _find_label_violations(holder: JsonObject, path: str) -> Iterator[tuple[str, str]]:
    labels: dict[str, str] = holder.get("labels", {})
    for key in [*labels, *holder.get("annotations", {})]:
        if _RESERVED_LABELS.fullmatch(key.partition("/")[0]):
            yield f"{path}.labels", f"{key} is in a reserved namespace."
    if len(labels) > _MOST_LABELS:
        yield f"{path}.labels", f"must have at most {_MOST_LABELS} labels."
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            yield f"{path}.labels", f"{key}={value} is not a label: up to 63 lower-case letters, digits, - and _."


def _find_scaling_violations(scaling: JsonObject, path: str) -> Iterator[tuple[str, str]]:
    if scaling.get("minInstanceCount", 0) > scaling.get("maxInstanceCount", 0):
        yield f"{path}.scaling.max_instance_count", "must be greater or equal than min_instance_count."


def _find_container_violations(container: JsonObject) -> Iterator[tuple[str, str]]:
    image = container.get("image", "")
    match = _IMAGE.fullmatch(image)
    if not match:
        yield ".image", "must be a container image path in the form [hostname/]repo-path[:tag and/or @digest]"
    elif match["host"] and not _IMAGE_HOST.fullmatch(match["host"]):
        hosts = "[region.]gcr.io, [region-]docker.pkg.dev or docker.io"
        form = "[host/]repo-path[:tag and/or @digest]"
        yield ".image", f"Expected an image path like {form}, where host is one of {hosts} but obtained {image}"
    ports = container.get("ports", [])
    if len(ports) > 1:
        yield ".ports", "ports should contain 0 or 1 port."
    elif ports and not 1 <= ports[0].get("containerPort", 1) <= _LAST_PORT:
        yield ".ports[0].container_port", f"must be between 1 and {_LAST_PORT}."
    yield from _find_variable_violations(container.get("env", []))


def _find_variable_violations(variables: list[JsonObject]) -> Iterator[tuple[str, str]]:
    names = [str(variable.get("name", "")) for variable in variables]
    if len(variables) > _MOST_VARIABLES:
        yield ".env", f"must have at most {_MOST_VARIABLES} variables."
    for name, variable in zip(names, variables, strict=True):
        if not name or "=" in name or name.startswith("X_GOOGLE_") or len(name) > _LONGEST_VARIABLE:
            yield ".env", f"{name[:50]!r} is not a name: not empty, no =, and not beginning with X_GOOGLE_."
        if len(variable.get("value", "").encode()) > _LONGEST_VARIABLE:
            yield ".env", f"the value of {name} is longer than {_LONGEST_VARIABLE} bytes."
    if reserved := ", ".join(sorted(_RESERVED_VARIABLES.intersection(names))):
        system = "These values are automatically set by the system."
        yield ".env", f"The following reserved env names were provided: {reserved}. {system}"


def check_limits(template: JsonObject, assumptions: Assumptions) -> None:
    """Check requests and probes of a template whose defaults are filled in."""
    container = template["containers"][0]
    if not 1 <= template["maxInstanceRequestConcurrency"] <= _MOST_REQUESTS:
        raise field_violation("template.max_instance_request_concurrency", f"must be between 1 and {_MOST_REQUESTS}.")
    timeout = template["timeout"]
    if not _DURATION.fullmatch(timeout) or not 0 < float(timeout[:-1]) <= _LONGEST_REQUEST_SECONDS:
        raise field_violation("template.timeout", f"must be between 1s and {_LONGEST_REQUEST_SECONDS}s.")
    for field, sentence in _find_startup_violations(container["startupProbe"], assumptions):
        raise field_violation(f"template.containers.startup_probe{field}", sentence)
    for field, sentence in _find_liveness_violations(container.get("livenessProbe", {"httpGet": {}})):
        raise field_violation(f"template.containers.liveness_probe{field}", sentence)


def _find_startup_violations(probe: JsonObject, assumptions: Assumptions) -> Iterator[tuple[str, str]]:
    period, threshold = probe.get("periodSeconds", 10), probe.get("failureThreshold", 3)
    yield from _find_probe_violations(probe, _LONGEST_STARTUP_DELAY_SECONDS, _LONGEST_STARTUP_PERIOD_SECONDS)
    if period * threshold > assumptions.startup_seconds:
        most = assumptions.startup_seconds
        yield "", f"failure_threshold x period_seconds must be at most {most}, not {period * threshold}."


def _find_liveness_violations(probe: JsonObject) -> Iterator[tuple[str, str]]:
    yield from _find_probe_violations(probe, _LONGEST_LIVENESS_SECONDS, _LONGEST_LIVENESS_SECONDS)
    if "tcpSocket" in probe:
        yield ".tcp_socket", "a liveness probe must be http_get or grpc."


def _find_probe_violations(probe: JsonObject, longest_delay: int, longest_period: int) -> Iterator[tuple[str, str]]:
    period, timeout = probe.get("periodSeconds", 10), probe.get("timeoutSeconds", 1)
    if not 0 <= probe.get("initialDelaySeconds", 0) <= longest_delay:
        yield ".initial_delay_seconds", f"must be between 0 and {longest_delay}."
    if not 1 <= period <= longest_period:
        yield ".period_seconds", f"must be between 1 and {longest_period}."
    if not 1 <= timeout <= period:
        yield ".timeout_seconds", "must be at least 1, and must not be greater than period_seconds."
    if probe.get("failureThreshold", 3) < 1:
        yield ".failure_threshold", "must be at least 1."
