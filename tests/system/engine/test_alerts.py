"""With ``alertEmail`` set, a stack's alerts are deployed, changed and removed with it."""

from collections.abc import Sequence
from typing import Any

from tests.support.engine.driving import Driver

_ALERTS = ["tiktok-proxy-alerts", *(f"tiktok-proxy-alerts-{part}" for part in ("down", "email", "failures", "uptime"))]


def _declared(driver: Driver, collection: str) -> Sequence[dict[str, Any]]:
    return [each for name, each in driver.vendors.cloud.monitoring.items() if f"/{collection}/" in name]


def test_alerts_come_and_go_with_the_setting(deployed: Driver) -> None:
    with deployed.settings({"alertEmail": "on-call@example.com"}):
        assert sorted(deployed.up()) == [("create", name) for name in sorted(_ALERTS)]
        [channel] = _declared(deployed, "notificationChannels")
        assert channel["labels"] == {"email_address": "on-call@example.com"}
        assert [each["notificationChannels"] for each in _declared(deployed, "alertPolicies")] == [
            [channel["name"]]
        ] * 2
        assert deployed.preview(refresh=True) == []

    assert deployed.vendors.cloud.monitoring == {}


def test_the_uptime_check_asks_the_deployed_proxy_and_its_alert_names_the_check(deployed: Driver) -> None:
    with deployed.settings({"alertEmail": "on-call@example.com"}):
        deployed.up()
        [check] = _declared(deployed, "uptimeCheckConfigs")
        host = deployed.outputs()["proxy_url"].partition("://")[2].partition(":")[0]
        assert check["monitoredResource"]["labels"] == {"project_id": deployed.vendors.cloud.project, "host": host}
        assert check["httpCheck"]["path"] == "/health"
        assert f'"{check["name"].rpartition("/")[2]}"' in str(_declared(deployed, "alertPolicies"))


def test_another_address_changes_the_channel_only(deployed: Driver) -> None:
    with deployed.settings({"alertEmail": "on-call@example.com"}):
        deployed.up()
        with deployed.settings({"alertEmail": "somebody-else@example.com"}):
            assert deployed.up() == [("update", "tiktok-proxy-alerts-email")]
