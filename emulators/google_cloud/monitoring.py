"""Cloud Monitoring v3: notification channels, alert policies and uptime checks.

https://docs.cloud.google.com/monitoring/api/ref_v3/rest
"""

import re
from collections.abc import Callable
from functools import partial

from starlette.responses import JSONResponse

from emulators.google_cloud.errors import ApiError
from emulators.google_cloud.gate import Call, CloudRequest, read_json, require_permission
from emulators.google_cloud.state import GoogleCloud
from emulators.google_cloud.wire import JsonObject

Complete = Callable[[GoogleCloud, JsonObject], JsonObject]
"""Checks a resource, and returns it with what Monitoring adds."""

_CONDITIONS = ("conditionThreshold", "conditionMatchedLog", "conditionAbsent")
_PERIODS = {"60s", "300s", "600s", "900s"}


def _invalid(message: str) -> ApiError:
    return ApiError("INVALID_ARGUMENT", message)


def _complete_channel(_cloud: GoogleCloud, channel: JsonObject) -> JsonObject:
    if not channel.get("type"):
        raise _invalid("Field notification_channel.type is required.")
    if channel["type"] == "email" and "@" not in channel.get("labels", {}).get("email_address", ""):
        raise _invalid('Field notification_channel.labels had an invalid value: "email_address" must be an address.')
    return {"enabled": True, **channel}


def _complete_policy(cloud: GoogleCloud, policy: JsonObject) -> JsonObject:
    """Apply the rules for conditions and rate limits.

    Wording as reported in https://github.com/chainguard-dev/terraform-infra-common/issues/352 and /384, and
    https://github.com/googleapis/nodejs-monitoring/issues/603.
    """
    conditions: list[JsonObject] = policy.get("conditions", [])
    for place, condition in enumerate(conditions):
        if not any(kind in condition for kind in _CONDITIONS):
            raise _invalid(
                f'Field alert_policy.conditions[{place}].condition_case had an invalid value of "0": Condition subtype '
                '(e.g. "condition_absent","condition_threshold", etc.) is absent or unknown.'
            )
    on_log = any("conditionMatchedLog" in condition for condition in conditions)
    limit = policy.get("alertStrategy", {}).get("notificationRateLimit")
    if on_log and len(conditions) > 1:
        raise _invalid("Alert policies with a log matching condition can only have a single condition.")
    if limit and not on_log:
        raise _invalid("only log-based alert policies may specify a notification rate limit")
    if on_log and not limit:
        raise _invalid("Field alertStrategy.notificationRateLimit is required for log-based alert policies.")
    named = [{"name": f"conditions/{cloud.next_monitoring_number()}", **condition} for condition in conditions]
    return {"enabled": True, **policy, "conditions": named}


def _complete_check(cloud: GoogleCloud, check: JsonObject) -> JsonObject:
    if check.get("period", "60s") not in _PERIODS:
        raise _invalid(f"Field uptime_check_config.period had an invalid value: must be one of {sorted(_PERIODS)}.")
    seconds = re.fullmatch(r"(\d+)(?:\.\d+)?s", str(check.get("timeout")))
    if not seconds or not 1 <= int(seconds[1]) <= 60:  # noqa: PLR2004  # documented with the field
        raise _invalid("Field uptime_check_config.timeout had an invalid value: must be between 1 and 60 seconds.")
    resource = check.get("monitoredResource", {})
    labels = {"project_id": cloud.project, **resource.get("labels", {})}
    return {
        "checkerType": "STATIC_IP_CHECKERS",
        **check,
        "monitoredResource": {**resource, "labels": labels},
    }


def _find(request: CloudRequest, collection: str) -> tuple[str, JsonObject]:
    name = f"projects/{request.state['cloud'].project}/{collection}/{request.path_params['id']}"
    found = request.state["cloud"].monitoring.get(name)
    if found is None:
        raise ApiError("NOT_FOUND", f"Could not find resource with name {name}.")
    return name, found


async def _create(request: CloudRequest, *, collection: str, complete: Complete) -> JSONResponse:
    cloud = request.state["cloud"]
    name = f"projects/{cloud.project}/{collection}/{cloud.next_monitoring_number()}"
    made = {"mutateTime": cloud.stamp(), "mutatedBy": request.state["caller"].email}
    records = {} if collection == "uptimeCheckConfigs" else {"creationRecord": {"mutateTime": made["mutateTime"]}}
    body = await read_json(request)
    # https://docs.cloud.google.com/logging/docs/alerting/log-based-alerts
    if any("conditionMatchedLog" in condition for condition in body.get("conditions", [])):
        require_permission(request, "logging.notificationRules.create", f"projects/{cloud.project}")
    cloud.monitoring[name] = complete(cloud, body) | records | {"name": name}
    return JSONResponse(cloud.monitoring[name])


async def _get(request: CloudRequest, *, collection: str) -> JSONResponse:
    return JSONResponse(_find(request, collection)[1])


async def _update(request: CloudRequest, *, collection: str, complete: Complete) -> JSONResponse:
    """Replace the fields of ``updateMask``; without one, all fields of the body."""
    cloud, (name, before) = request.state["cloud"], _find(request, collection)
    body = await read_json(request)
    mask = request.query_params.get("updateMask")
    fields = {path.partition(".")[0] for path in mask.split(",")} if mask else set(body)
    kept = {field: value for field, value in before.items() if field not in fields}
    changed = {field: value for field, value in body.items() if field in fields}
    cloud.monitoring[name] = complete(cloud, kept | changed) | {"name": name}
    return JSONResponse(cloud.monitoring[name])


async def _delete(request: CloudRequest, *, collection: str) -> JSONResponse:
    """Refuse to delete what an alert policy uses (https://github.com/hashicorp/terraform-provider-google/issues/10176)."""
    cloud, (name, _) = request.state["cloud"], _find(request, collection)
    short = name.rpartition("/")[2]
    others = [each for other, each in cloud.monitoring.items() if "/alertPolicies/" in other and other != name]
    if any(name in each.get("notificationChannels", []) or f'"{short}"' in _filters(each) for each in others):
        raise ApiError("FAILED_PRECONDITION", f"Cannot delete {name}: an alert policy uses it.")
    del cloud.monitoring[name]
    return JSONResponse({})


def _filters(policy: JsonObject) -> str:
    return " ".join(
        str(condition.get("conditionThreshold", {}).get("filter", "")) for condition in policy["conditions"]
    )


def _calls(collection: str, complete: Complete) -> list[Call]:
    path, permission = f"/v3/projects/{{project}}/{collection}", f"monitoring.{collection}"
    one = f"{path}/{{id}}"
    return [
        Call("POST", path, partial(_create, collection=collection, complete=complete), f"{permission}.create"),
        Call("GET", one, partial(_get, collection=collection), f"{permission}.get"),
        Call("PATCH", one, partial(_update, collection=collection, complete=complete), f"{permission}.update"),
        Call("DELETE", one, partial(_delete, collection=collection), f"{permission}.delete"),
    ]


CALLS = [
    *_calls("notificationChannels", _complete_channel),
    *_calls("alertPolicies", _complete_policy),
    *_calls("uptimeCheckConfigs", _complete_check),
]
