"""Changes made outside of Pulumi are detected and repaired."""

import httpx2
import pytest

from tests.support.engine.driving import CONNECTIONS, Driver, changing

CONNECTION, BUTTON = "tiktok-connection", "tiktok-on-rehearsal-application"


def test_a_token_url_edited_by_hand_is_seen_and_repaired(deployed: Driver) -> None:
    [connection] = deployed.vendors.tenant.connections.values()
    true_url = connection["options"]["tokenURL"]
    connection["options"]["tokenURL"] = "https://somewhere.example/token"

    assert deployed.preview(refresh=True) == [("update", CONNECTION)]
    assert deployed.paths[CONNECTION] == ["options.tokenEndpoint"]
    assert deployed.up(refresh=True) == [("update", CONNECTION)]
    assert connection["id"] in deployed.vendors.tenant.connections
    assert deployed.vendors.tenant.connections[connection["id"]]["options"]["tokenURL"] == true_url


def test_an_application_switched_off_by_hand_is_switched_on_again(deployed: Driver) -> None:
    [connection] = deployed.vendors.tenant.connections
    deployed.vendors.tenant.enabled[connection] = []

    assert deployed.up(refresh=True) == [("create", BUTTON)]
    assert deployed.vendors.tenant.enabled[connection] == ["rehearsal-application"]


def test_a_connection_deleted_by_hand_is_dropped_by_a_refresh_and_created_by_the_next_update(deployed: Driver) -> None:
    [connection] = deployed.vendors.tenant.connections
    del deployed.vendors.tenant.connections[connection]
    deployed.vendors.tenant.enabled.pop(connection, None)

    assert deployed.preview(refresh=True) == [("create", CONNECTION), ("create", BUTTON)]
    assert sorted(deployed.refresh()) == [("delete", CONNECTION), ("delete", BUTTON)]
    assert deployed.up() == [("create", CONNECTION), ("create", BUTTON)]
    [connection] = deployed.vendors.tenant.connections
    assert deployed.vendors.tenant.enabled[connection] == ["rehearsal-application"]
    assert deployed.preview(refresh=True) == []


def test_a_run_api_disabled_by_hand_is_enabled_by_the_update_after_the_failed_refresh(deployed: Driver) -> None:
    deployed.vendors.cloud.enabled.discard("run.googleapis.com")

    said = deployed.refusal(deployed.refresh)
    assert "SERVICE_DISABLED" in said or "has not been used in project" in said
    assert deployed.up() == [("create", "tiktok-proxy-api-run")]
    deployed.vendors.cloud.advance_clock(deployed.vendors.cloud.assumptions.activation_seconds)
    assert deployed.refresh() == []
    assert httpx2.get(deployed.outputs()["health_url"]).status_code == 200


@pytest.mark.parametrize("setting", ["displayName", "iconUrl"])
def test_what_people_see_on_the_button_is_a_setting(deployed: Driver, setting: str) -> None:
    before = len(deployed.vendors.tenant.received)
    with deployed.settings({setting: "https://app.example/tiktok.png"}):
        assert deployed.up() == [("update", CONNECTION)]
        assert changing(deployed.vendors.tenant.received[before:], CONNECTIONS)[0].startswith("PATCH")
