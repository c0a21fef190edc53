"""Deployments, changes, refreshes and removals on Clerk, by the real engine and the plugin as a process."""

import pytest

from rehearsal.stack import Secret, configure
from tests.support.clerk.driving import CONNECTION, KEY, ClerkDriver

pytestmark = pytest.mark.engine


def test_a_preview_asks_clerk_by_a_dry_run_and_changes_nothing(fresh: ClerkDriver) -> None:
    assert ("create", CONNECTION) in fresh.preview()
    (asked,) = [each for each in fresh.clerk.received if each.method == "PATCH"]
    assert ("dry_run", "true") in asked.query
    assert fresh.tiktok == {}


def test_the_two_values_of_tiktok_turn_it_on_and_no_other_key_is_touched(fresh: ClerkDriver) -> None:
    google: dict[str, dict[str, object]] = {
        "connection_oauth_google": {"enabled": True, "client_id": "g", "client_secret": "not-ours"}
    }
    fresh.production.change({**google, "session": {"lifetime": 3600}})

    fresh.up()

    assert fresh.tiktok["enabled"] is True
    assert fresh.tiktok["client_secret"] == fresh.client_secret
    assert fresh.production.config.items() >= {**google, "session": {"lifetime": 3600}}.items()
    assert fresh.application.instances["development"].config == {}


def test_each_change_names_the_version_that_it_was_made_for(deployed: ClerkDriver) -> None:
    assert [each.request_headers["if-match"] for each in deployed.patches()] == ["1"]


def test_the_outputs_say_what_to_paste_into_the_portal(deployed: ClerkDriver) -> None:
    assert deployed.outputs()["tiktok_portal"] == {
        "redirect_uri": "https://clerk.example.com/v1/oauth_callback",
        "redirect_domain": "clerk.example.com",
        "products": ["Login Kit"],
    }


def test_what_is_deployed_shows_no_change(deployed: ClerkDriver) -> None:
    assert deployed.preview() == []
    assert deployed.preview(refresh=True) == []


def test_a_changed_secret_changes_exactly_the_connection(deployed: ClerkDriver) -> None:
    with deployed.settings({"clientSecret": Secret("another-client-secret")}):
        assert deployed.preview() == [("update", CONNECTION)]
        assert deployed.paths[CONNECTION] == ["clientSecret"]

        deployed.up()

        assert deployed.tiktok["client_secret"] == "another-client-secret"


def test_a_new_platform_key_changes_nothing_but_is_used_from_then_on(fresh: ClerkDriver) -> None:
    fresh.up()
    fresh.clerk.keys.clear()
    key = Secret(fresh.clerk.add_key("applications:manage"))
    fresh.secrets.append(key)
    configure(fresh.stack, {"tiktok-login-clerk:platformKey": key})

    assert fresh.up() == []
    assert fresh.refresh() == []
    fresh.destroy()
    assert fresh.tiktok["enabled"] is False


def test_a_client_key_changed_by_hand_is_seen_and_repaired(deployed: ClerkDriver) -> None:
    ours = deployed.tiktok["client_id"]
    deployed.production.change({KEY: {"client_id": "somebody-elses"}})

    assert deployed.preview(refresh=True) == [("update", CONNECTION)]
    assert deployed.paths[CONNECTION] == ["clientKey"]
    assert deployed.up(refresh=True) == [("update", CONNECTION)]
    assert deployed.tiktok["client_id"] == ours


def test_a_new_domain_at_clerk_is_told_after_a_refresh(fresh: ClerkDriver) -> None:
    fresh.up()
    fresh.production.host = "clerk.example.org"

    fresh.up(refresh=True)

    assert fresh.outputs()["tiktok_portal"]["redirect_uri"] == "https://clerk.example.org/v1/oauth_callback"
    assert fresh.outputs()["tiktok_portal"]["redirect_domain"] == "clerk.example.org"


def test_what_was_turned_off_by_hand_is_turned_on_again(deployed: ClerkDriver) -> None:
    deployed.production.change({KEY: {"enabled": False}})

    assert deployed.up(refresh=True) == [("create", CONNECTION)]
    assert deployed.tiktok["enabled"] is True


def test_another_instance_is_another_connection(deployed: ClerkDriver) -> None:
    with deployed.settings({"instance": "development"}):
        assert deployed.up() == [("create-replacement", CONNECTION), ("delete-replaced", CONNECTION)]

        assert deployed.application.instances["development"].config[KEY]["enabled"] is True
        assert deployed.tiktok["enabled"] is False


def test_a_protected_connection_is_not_turned_off(deployed: ClerkDriver) -> None:
    with deployed.settings({"protect": "true"}):
        deployed.up()
        assert "protected" in deployed.refusal(deployed.destroy)
        assert deployed.tiktok["enabled"] is True


def test_destroying_turns_tiktok_off_and_touches_nothing_else(fresh: ClerkDriver) -> None:
    fresh.up()
    before = {**fresh.tiktok}
    fresh.production.change({"session": {"lifetime": 60}})

    fresh.destroy()

    assert fresh.tiktok == {**before, "enabled": False}
    assert fresh.production.config["session"] == {"lifetime": 60}
    assert [each.request_body for each in fresh.patches()][-1] == b'{"connection_oauth_tiktok":{"enabled":false}}'


def test_destroying_succeeds_where_the_application_is_gone(fresh: ClerkDriver) -> None:
    fresh.up()
    del fresh.clerk.applications[fresh.application.id]

    fresh.destroy()
