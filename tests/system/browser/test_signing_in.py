"""People sign in with TikTok in a real browser, and the application gets what they allow."""

from tests.support.browser.visitor import Visitor
from tests.system.browser.conftest import Arrives, Rehearsed

WHOLE_WAY = [
    "Browser → Auth0",
    "Browser → TikTok",
    "Browser → TikTok",
    "Browser → Auth0",
    "Auth0 → token proxy",
    "Token proxy → TikTok",
    "Auth0 → profile script",
    "Profile script → TikTok",
    "Application → Auth0",
]


def test_a_person_signs_in_and_the_application_shows_their_profile(visitor: Visitor) -> None:
    visitor.signs_in("Zoë Żółć")

    assert visitor.sees == "Hello, Zoë Żółć"
    claims = visitor.claims()
    assert claims["name"] == "Zoë Żółć"
    assert claims["nickname"] == "zoe.example"
    assert claims["sub"].startswith("oauth2|tiktok|")
    assert visitor.complaints == []


def test_signing_in_needs_no_javascript(arrives: Arrives) -> None:
    visitor = arrives(java_script_enabled=False)

    visitor.signs_in()

    assert visitor.sees == "Hello, Ada Example"


def test_a_person_signs_in_by_keyboard_alone(visitor: Visitor) -> None:
    keyboard = visitor.page.keyboard

    for key in ("Tab", "Tab", "Enter"):
        keyboard.press(key)
    visitor.page.wait_for_url("**/v2/auth/authorize/**")
    for key in ("Tab", "Tab", "ArrowDown", "Tab", "Tab", "Enter"):  # the link back to the rehearsal comes first
        keyboard.press(key)

    visitor.page.wait_for_url(f"{visitor.origin}/")
    assert visitor.sees == "Hello, Zoë Żółć"


def test_every_hop_is_shown_and_no_secret_with_it(visitor: Visitor, rehearsed: Rehearsed) -> None:
    visitor.signs_in()

    assert visitor.hops() == WHOLE_WAY
    page, vendors = visitor.page.content(), rehearsed.vendors
    received = vendors.tiktok.received.token[-1]
    assert received["client_secret"] == vendors.client_secret
    assert vendors.client_secret not in page
    assert received["code"] not in page
    assert "act." not in page.replace("act.…", "")


def test_a_person_without_a_picture_gets_one_from_auth0(visitor: Visitor) -> None:
    visitor.signs_in("Bo Without-Picture")

    assert visitor.sees == "Hello, Bo Without-Picture"
    assert visitor.claims()["picture"].startswith("https://s.gravatar.com/avatar/")


def test_without_the_scope_of_the_username_auth0_makes_up_a_nickname(arrives: Arrives, rehearsed: Rehearsed) -> None:
    rehearsed.vendors.tiktok.add_person("new", display_name="New Here", username="new.here")
    visitor = arrives()

    visitor.goes_to_tiktok()
    visitor.chooses("New Here")
    visitor.unticks("user.info.profile")
    visitor.presses("Allow")

    assert visitor.sees == "Hello, New Here"
    claims = visitor.claims()
    assert claims["nickname"] == claims["sub"].rpartition("|")[2]


def test_a_person_who_refuses_is_not_signed_in(visitor: Visitor) -> None:
    visitor.goes_to_tiktok()
    visitor.presses("Cancel")

    assert visitor.sees == "You are not signed in"
    assert "The user has denied the authorization." in visitor.text
    assert "access_denied" in visitor.text
    assert visitor.log()[0] == "f"


def test_a_second_sign_in_skips_the_consent_page(visitor: Visitor) -> None:
    visitor.signs_in()
    visitor.presses("Sign out")
    assert visitor.sees == "Welcome"

    visitor.goes_to_tiktok()

    assert visitor.sees == "Hello, Ada Example"
    assert visitor.hops() == [*WHOLE_WAY[:2], *WHOLE_WAY[3:]]


def test_a_person_whom_auth0_knows_does_not_go_to_tiktok_again(visitor: Visitor) -> None:
    visitor.signs_in()

    visitor.presses("Sign in again")

    assert visitor.sees == "Hello, Ada Example"
    assert visitor.hops() == ["Browser → Auth0", "Application → Auth0"]


def test_signing_in_as_somebody_else_is_one_press(visitor: Visitor) -> None:
    visitor.signs_in()

    visitor.presses("Sign in as somebody else")
    visitor.chooses("Zoë Żółć")
    visitor.presses("Allow")

    assert visitor.sees == "Hello, Zoë Żółć"


def test_two_persons_at_once_are_not_mixed_up(arrives: Arrives) -> None:
    ada, zoe = arrives(), arrives()
    for visitor, name in ((ada, "Ada Example"), (zoe, "Zoë Żółć")):
        visitor.goes_to_tiktok()
        visitor.chooses(name)

    zoe.presses("Allow")
    ada.presses("Allow")

    assert (ada.sees, zoe.sees) == ("Hello, Ada Example", "Hello, Zoë Żółć")
    assert ada.claims()["sub"] != zoe.claims()["sub"]
    assert ada.hops() == zoe.hops() == WHOLE_WAY
