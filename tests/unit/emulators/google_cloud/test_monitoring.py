"""Cloud Monitoring refuses what Google refuses, and an alert's channel cannot go before the alert."""

from typing import Any

import httpx2
import pytest

from emulators.google_cloud import GoogleCloud, create_app
from emulators.kit.serving import serving

_BASE = "/v3/projects/proj-1"
_CHANNEL = {"type": "email", "displayName": "on call", "labels": {"email_address": "on-call@example.com"}}
_ON_LOG: dict[str, Any] = {"displayName": "a failure", "conditionMatchedLog": {"filter": 'severity = "ERROR"'}}
_ON_METRIC: dict[str, Any] = {
    "displayName": "down",
    "conditionThreshold": {"filter": 'metric.type = "x"', "comparison": "COMPARISON_GT", "duration": "60s"},
}
_LIMIT = {"notificationRateLimit": {"period": "3600s"}}
_CHECK = {"displayName": "proxy", "period": "300s", "timeout": "10s", "httpCheck": {"path": "/health"}}


def _policy(*conditions: dict[str, Any], strategy: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "displayName": "alert",
        "combiner": "OR",
        "conditions": list(conditions),
        **({"alertStrategy": strategy} if strategy else {}),
    }


@pytest.mark.parametrize(
    ("collection", "body", "reason"),
    [
        ("notificationChannels", {**_CHANNEL, "labels": {"email_address": "on-call"}}, "email_address"),
        ("notificationChannels", {"displayName": "on call"}, "type is required"),
        ("alertPolicies", _policy({"displayName": "empty"}), "Condition subtype"),
        ("alertPolicies", _policy(_ON_LOG), "notificationRateLimit is required"),
        ("alertPolicies", _policy(_ON_LOG, _ON_METRIC, strategy=_LIMIT), "can only have a single condition"),
        ("alertPolicies", _policy(_ON_METRIC, strategy=_LIMIT), "only log-based alert policies"),
        ("uptimeCheckConfigs", {**_CHECK, "period": "120s"}, "period"),
        ("uptimeCheckConfigs", {**_CHECK, "timeout": "61s"}, "between 1 and 60 seconds"),
    ],
)
def test_what_monitoring_refuses_is_an_invalid_argument(
    http: httpx2.Client, collection: str, body: dict[str, Any], reason: str
) -> None:
    answer = http.post(f"{_BASE}/{collection}", json=body)

    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert reason in answer.json()["error"]["message"]


def test_a_channel_stays_while_an_alert_uses_it(http: httpx2.Client) -> None:
    channel = http.post(f"{_BASE}/notificationChannels", json=_CHANNEL).json()["name"]
    policy = http.post(
        f"{_BASE}/alertPolicies", json={**_policy(_ON_LOG, strategy=_LIMIT), "notificationChannels": [channel]}
    ).json()["name"]

    assert http.delete(f"/v3/{channel}").status_code == 400
    assert http.delete(f"/v3/{policy}").json() == {}
    assert http.delete(f"/v3/{channel}").json() == {}
    assert http.get(f"/v3/{channel}").status_code == 404


def test_an_uptime_check_stays_while_an_alerts_filter_names_it(http: httpx2.Client) -> None:
    check = http.post(f"{_BASE}/uptimeCheckConfigs", json=_CHECK).json()["name"]
    condition = {**_ON_METRIC["conditionThreshold"], "filter": f'metric.labels.check_id = "{check.rpartition("/")[2]}"'}
    body = _policy({"displayName": "down", "conditionThreshold": condition})
    http.post(f"{_BASE}/alertPolicies", json=body).raise_for_status()

    assert http.delete(f"/v3/{check}").status_code == 400


def test_an_update_mask_changes_the_named_fields_only(http: httpx2.Client) -> None:
    name = http.post(f"{_BASE}/uptimeCheckConfigs", json=_CHECK).json()["name"]
    changed = {"displayName": "renamed", "period": "900s", "timeout": "10s"}
    http.patch(f"/v3/{name}", params={"updateMask": "displayName"}, json=changed).raise_for_status()

    now = http.get(f"/v3/{name}").json()
    assert (now["displayName"], now["period"]) == ("renamed", "300s")


def test_each_project_counts_its_own_resources(http: httpx2.Client) -> None:
    with GoogleCloud() as other, serving(create_app(other)) as origin:
        headers = {"authorization": "Bearer any"}
        elsewhere = httpx2.post(f"{origin}{_BASE}/notificationChannels", json=_CHANNEL, headers=headers).json()

    assert http.post(f"{_BASE}/notificationChannels", json=_CHANNEL).json()["name"] == elsewhere["name"]
