"""What people see when something is wrong, and what the tenant's log says about it."""

import pytest

from tests.support.browser.visitor import Visitor
from tests.system.browser.conftest import Rehearsed


def test_a_redirect_uri_that_is_not_registered_strands_people_at_tiktok(visitor: Visitor, rehearsed: Rehearsed) -> None:
    events = len(rehearsed.vendors.tenant.log)
    with visitor.breaking("Redirect URI not registered"):
        visitor.goes_to_tiktok()
        visitor.presses("Log in")

        assert visitor.page.url.startswith(rehearsed.vendors.tiktok_origin)
        assert visitor.sees == "Something went wrong"
        assert "redirect_uri" in visitor.text

        visitor.page.get_by_role("link", name="Back to the rehearsal").click()
        visitor.page.locator(".hops").get_by_role("link", name="Troubleshooting").first.click()

        assert visitor.page.url.endswith("/docs/troubleshooting.md#tiktoks-own-page")
        assert visitor.page.locator("#tiktoks-own-page").inner_text() == "TikTok's own page"
    assert len(rehearsed.vendors.tenant.log) == events


def test_while_tiktok_is_down_nobody_is_signed_in_and_afterwards_everybody_is(visitor: Visitor) -> None:
    with visitor.breaking("TikTok's token endpoint fails"):
        visitor.signs_in()

        assert visitor.sees == "You are not signed in"
        assert "Failed to obtain access token" in visitor.text
        assert "502 Bad Gateway, server_error" in visitor.text
        assert "Token proxy → TikTok" in visitor.hops()
        assert '"severity": "ERROR"' in visitor.page.locator(".log").inner_text()
        assert visitor.log()[0] == "f"

    visitor.goes_to_tiktok()
    assert visitor.sees == "Hello, Ada Example"


def test_a_secret_that_was_rotated_at_tiktok_only_is_named_as_what_is_wrong(visitor: Visitor) -> None:
    with visitor.breaking("Client secret changed at TikTok only"):
        visitor.signs_in()

        assert visitor.sees == "You are not signed in"
        assert "200 OK, invalid_client" in visitor.text
        assert "TikTok says: Client key or secret is incorrect." in visitor.text
        assert visitor.log()[0] == "f"


def test_the_proxy_refuses_a_wrong_secret_from_auth0(
    visitor: Visitor, rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    [connection] = rehearsed.vendors.tenant.connections.values()
    monkeypatch.setitem(connection["options"], "client_secret", "wrong")

    visitor.signs_in()

    assert visitor.sees == "You are not signed in"
    assert "TikTok was not asked" in visitor.text
    assert "Token proxy → TikTok" not in visitor.hops()


def test_a_token_url_that_drifted_is_repaired_by_a_button(visitor: Visitor) -> None:
    with visitor.breaking("Token URL edited by hand"):
        visitor.signs_in()
        assert visitor.sees == "You are not signed in"
        assert "404 Not Found" in visitor.text

        visitor.presses("Repair with pulumi up")
        assert "tokenEndpoint" in visitor.page.get_by_label("Output of pulumi up").inner_text()

        visitor.presses("Sign in with TikTok")
        assert visitor.sees == "Hello, Ada Example"


def test_a_person_waits_for_a_cold_start_and_is_signed_in(visitor: Visitor, rehearsed: Rehearsed) -> None:
    visitor.presses("Stop the instances")
    assert "Running now: 0." in visitor.text
    assert rehearsed.vendors.cloud.machine.instances == []

    visitor.signs_in()

    assert visitor.sees == "Hello, Ada Example"
    assert "Running now: 1." in visitor.text
