"""``make verify ARGS=--sign-in`` detects errors of the profile script and of the redirect back to the application."""

import json
from collections.abc import Generator

import pytest

from operations.stack import LiveStack
from operations.verify.check import run_checks
from operations.verify.live import LIVE
from operations.verify.sign_in import SIGN_IN
from tests.support.operations import breaking
from tests.support.operations.typing_commands import Shell

_REFUSING = "function (accessToken, ctx, cb) { cb(new Error('No profile today.')); }"


@pytest.fixture(name="standing_in", scope="module")
def stack_with_a_stand_in(fresh: Shell) -> Generator[LiveStack]:
    """Yield a deployed stack whose TikTok is the stand-in."""
    with fresh.entered():
        fresh.set({"tiktokStandIn": "true"})
        fresh.deployed.stack.up()
        yield LiveStack.read("rehearsal")


def failing(stack: LiveStack) -> dict[str, str]:
    """Return what does not hold, the engine's check aside."""
    found = run_checks([*LIVE[:-1], *SIGN_IN], stack)
    assert stack.setting("clientSecret") not in json.dumps([each.to_json() for each in found])
    return {each.check: each.seen for each in found if not each.holds}


def test_a_test_person_signs_in(standing_in: LiveStack) -> None:
    assert failing(standing_in) == {}


def test_a_profile_script_that_refuses_everybody_is_noticed_by_the_sign_in_alone(
    fresh: Shell, standing_in: LiveStack
) -> None:
    with breaking.edited(scripts={"fetchUserProfile": _REFUSING})(fresh, standing_in) as broken:
        assert failing(broken) == {"sign-in": "Auth0 refuses: invalid_request: No profile today."}


def test_a_token_address_that_is_not_the_proxys_is_noticed_by_the_sign_in_alone(
    fresh: Shell, standing_in: LiveStack
) -> None:
    with breaking.edited(tokenURL="https://example.invalid/token")(fresh, standing_in) as broken:
        assert list(failing(broken)) == ["sign-in"]


def test_an_application_without_a_callback_is_a_sentence(fresh: Shell, standing_in: LiveStack) -> None:
    with breaking.callbacks()(fresh, standing_in) as broken:
        noticed = failing(broken)
    assert list(noticed) == ["people are sent to TikTok", "sign-in"]
    assert noticed["sign-in"].endswith("has no Allowed Callback URL.")


def test_a_page_that_is_not_tiktoks_is_named(fresh: Shell, standing_in: LiveStack) -> None:
    with breaking.switched_off(fresh, standing_in) as broken:
        noticed = failing(broken)
    assert noticed["sign-in"].startswith("Auth0 refuses: invalid_request")


def test_auth0s_confirmation_for_a_loopback_callback_is_named(fresh: Shell, standing_in: LiveStack) -> None:
    with breaking.confirmed_callbacks(fresh):
        noticed = failing(standing_in)
    assert list(noticed) == ["sign-in"]
    assert noticed["sign-in"].startswith('Auth0 asks for a confirmation ("Authorize App"), since the application')


def test_an_https_callback_needs_no_confirmation(fresh: Shell, standing_in: LiveStack) -> None:
    https = breaking.callbacks("http://localhost:3000/callback", "https://app.example.com/callback")
    with breaking.confirmed_callbacks(fresh), https(fresh, standing_in):
        assert failing(standing_in) == {}
