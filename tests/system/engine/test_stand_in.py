"""A dev stack without a TikTok account: people sign in at a deployed stand-in."""

from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from rehearsal.emulated_vendors import APPLICATION
from tests.support.engine.driving import Driver

CALLBACK = "http://localhost:3000/callback"


@pytest.fixture
def standing_in(deployed: Driver) -> Driver:
    """Return a deployment whose stack has moved from TikTok to the stand-in, by settings alone."""
    deployed.vendors.tenant.clients[APPLICATION]["callbacks"] = [CALLBACK]
    return deployed


def test_a_stack_moves_to_the_stand_in_and_back_and_people_sign_in_at_either(standing_in: Driver) -> None:
    before = standing_in.outputs()["connection_id"]
    with standing_in.settings({"tiktokStandIn": "true"}):
        changed = standing_in.up()
        signed_in = _user_signed_in(standing_in)
        during = standing_in.outputs()["connection_id"]

    assert ("create", "tiktok-stand-in-service") in changed
    assert "people sign in as test persons" in "\n".join(standing_in.said)
    assert signed_in.split("|")[2].startswith("emulated-")
    assert not _user_signed_in(standing_in).split("|")[2].startswith("emulated-")
    assert before == during == standing_in.outputs()["connection_id"]


def test_people_sign_in_at_the_stand_in_with_the_stacks_scopes(standing_in: Driver) -> None:
    scopes = {"scopes[0]": "user.info.basic", "scopes[1]": "video.list"}
    with standing_in.settings({"tiktokStandIn": "true", **scopes}), httpx2.Client() as browser:
        standing_in.up()
        consent = browser.get(_address_at_tiktok(standing_in, browser)).text
        signed_in = _user_signed_in(standing_in)

    assert 'value="video.list"' in consent
    assert signed_in.split("|")[2].startswith("emulated-")


def test_the_stand_in_returns_people_to_the_connections_callback_only(standing_in: Driver) -> None:
    with standing_in.settings({"tiktokStandIn": "true"}), httpx2.Client() as browser:
        standing_in.up()
        authorize = httpx2.URL(_address_at_tiktok(standing_in, browser))
        elsewhere = authorize.copy_set_param("redirect_uri", "https://evil.example/callback")
        answer = httpx2.post(elsewhere, data={"person": "ada", "decision": "allow"}, follow_redirects=True)
        controls = httpx2.get(authorize.copy_with(raw_path=b"/emulator/received"))

    assert "Something went wrong" in answer.text
    assert controls.status_code == 404


def _address_at_tiktok(driver: Driver, browser: httpx2.Client) -> str:
    asked = {"response_type": "code", "client_id": APPLICATION, "redirect_uri": CALLBACK, "connection": "tiktok"}
    query = {**asked, "scope": "openid profile", "prompt": "login"}
    return browser.get(f"{driver.vendors.login_origin}/authorize", params=query).headers["location"]


def _user_signed_in(driver: Driver) -> str:
    """Sign in as a browser does, and return the id of the user whom Auth0 then knows."""
    with httpx2.Client() as browser:
        form = {"person": "ada", "scope": "user.info.basic", "decision": "allow"}
        back = browser.post(_address_at_tiktok(driver, browser), data=form).headers["location"]
        answer = dict(parse_qsl(urlsplit(browser.get(back).headers["location"]).query))
    assert "code" in answer, answer
    return driver.vendors.tenant.login.sign_ins[-1].user_id
