"""Section by section what Login Kit for web documents of the authorization request, and what was seen of its errors."""

import re

import pytest

from emulators.tiktok import TikTok
from tests.support.tiktok.visitor import CALLBACK, DESKTOP_CALLBACK, DESKTOP_KEY, KEY, SECRET, Visitor, query_of


def test_the_consent_page_asks_for_each_scope(visitor: Visitor) -> None:
    page = visitor.authorize().text

    assert re.findall(r'name="scope" value="([^"]+)"', page) == ["user.info.basic", "user.info.profile"]
    assert re.findall(r'name="person" value="([^"]+)"', page) == ["ada", "zoe", "bo"]
    assert page.count('name="person" value="ada" checked') == 1


def test_allowing_leads_back_with_code_scopes_and_state(visitor: Visitor) -> None:
    answered = visitor.decide("user.info.profile")

    assert answered.headers["location"].startswith(f"{CALLBACK}?")
    answer = query_of(answered)
    assert set(answer) == {"code", "scopes", "state"}
    assert (answer["scopes"], answer["state"]) == ("user.info.basic,user.info.profile", "a state")


def test_a_code_has_the_observed_shape_and_is_percent_encoded(visitor: Visitor) -> None:
    location = visitor.decide().headers["location"]

    assert re.search(r"[?&]code=[A-Za-z0-9_-]{200}%2A\d%21\d{4}\.va&", location)


def test_an_optional_scope_may_be_left_unticked(visitor: Visitor) -> None:
    assert query_of(visitor.decide())["scopes"] == "user.info.basic"


def test_cancelling_leads_back_with_access_denied(visitor: Visitor) -> None:
    answer = query_of(visitor.decide(decision="cancel"))

    assert set(answer) == {"error", "error_description", "state"}
    assert (answer["error"], answer["state"]) == ("access_denied", "a state")


def test_no_state_is_answered_with_no_state(visitor: Visitor) -> None:
    assert "state" not in query_of(visitor.decide(state=""))


def test_an_answer_for_nobody_asks_again(visitor: Visitor) -> None:
    assert "Who are you?" in visitor.decide(person="nobody").text


def test_another_response_type_leads_back_with_an_error(visitor: Visitor) -> None:
    assert query_of(visitor.authorize(response_type="token"))["error"] == "unsupported_response_type"


WRONG_SETTINGS = [
    ({"client_key": "", "client_id": KEY}, "client_key"),
    ({"client_key": "awunknown"}, "client_key"),
    ({"redirect_uri": f"{CALLBACK}/"}, "redirect_uri"),
    ({"redirect_uri": ""}, "redirect_uri"),
    ({"scope": "user.info.basic user.info.profile"}, "scope"),
    ({"scope": "user.info.basic,video.list"}, "scope"),
    ({"scope": ""}, "scope"),
    ({"client_key": DESKTOP_KEY, "redirect_uri": DESKTOP_CALLBACK}, "code_challenge"),
    ({"client_key": DESKTOP_KEY, "redirect_uri": DESKTOP_CALLBACK, "code_challenge": "c"}, "code_challenge"),
]


@pytest.mark.parametrize(("changes", "item"), WRONG_SETTINGS)
def test_wrong_settings_end_on_tiktoks_own_page_after_the_login(
    visitor: Visitor, changes: dict[str, str], item: str
) -> None:
    login = visitor.authorize(**changes)
    assert (login.status_code, "Log in to TikTok" in login.text) == (200, True)
    refused = visitor.decide(**changes)
    shown = query_of(refused)

    assert refused.headers["location"].startswith("/v2/auth/error/?")
    assert (shown["error"], shown["error_type"]) == ("unauthorized_client", item)
    page = visitor.http.get(refused.headers["location"]).text
    assert "<title>Something went wrong" in page
    assert f"<code>{item}</code>" in page
    assert shown["log_id"] in page


def test_wrong_settings_are_told_at_once_to_somebody_who_is_logged_in(visitor: Visitor) -> None:
    visitor.code()

    assert query_of(visitor.authorize(redirect_uri=""))["error_type"] == "redirect_uri"


@pytest.mark.parametrize("path", ["/auth/authorize/", "/platform/oauth/connect/"])
def test_version_1_of_the_authorize_address_ends_on_tiktoks_own_page(visitor: Visitor, path: str) -> None:
    assert query_of(visitor.http.get(path))["error_type"] == "redirect_uri"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/video/list/"),
        ("POST", "/v2/post/publish/video/init/"),
        ("POST", "/v2/research/user/info/"),
        ("POST", "/oauth/access_token/"),
    ],
)
def test_what_tiktok_documents_and_this_does_not_serve_is_named(visitor: Visitor, method: str, path: str) -> None:
    answered = visitor.http.request(method, path)

    assert (answered.status_code, answered.json()["error"]["code"]) == (501, "not_emulated")
    assert path in answered.json()["error"]["message"]


def test_an_app_with_another_scope_can_ask_for_it(tiktok: TikTok, visitor: Visitor) -> None:
    scopes = ["user.info.basic", "video.list", "portability.all.single"]
    tiktok.register_app(KEY, SECRET, [CALLBACK], scopes=scopes)

    asked = {"scope": ",".join(scopes)}
    assert visitor.authorize(**asked).text.count('name="scope"') == 3
    code = visitor.code("video.list", "portability.all.single", **asked)
    assert visitor.token(code=code).json()["scope"] == ",".join(scopes)


def test_only_target_users_sign_in_to_a_sandbox(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.register_app(KEY, SECRET, [CALLBACK], target_users=["zoe"])

    assert query_of(visitor.decide(person="ada"))["error_type"] == "non_sandbox_target"
    assert "code" in query_of(visitor.decide(person="zoe"))


def test_a_parameter_that_tiktok_does_not_know_is_tolerated(visitor: Visitor) -> None:
    assert visitor.authorize(client_id=KEY).status_code == 200


def test_a_second_sign_in_skips_the_consent_page(visitor: Visitor) -> None:
    visitor.code("user.info.profile", person="zoe")

    assert query_of(visitor.authorize())["scopes"] == "user.info.basic,user.info.profile"
    assert visitor.authorize(disable_auto_auth="0").status_code == 302


def test_disable_auto_auth_always_shows_the_page_with_the_last_person_preset(visitor: Visitor) -> None:
    visitor.code("user.info.profile", person="zoe")

    page = visitor.authorize(disable_auto_auth="1").text
    assert 'value="zoe" checked' in page
    assert 'value="ada" checked' not in page


def test_the_remembered_sign_in_is_kept_from_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.decide().headers["set-cookie"]

    assert {"HttpOnly", "SameSite=lax", "Path=/v2/auth/authorize/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_a_scope_that_was_not_granted_is_asked_for_again(visitor: Visitor) -> None:
    visitor.code()

    assert "What may it know?" in visitor.authorize().text


def test_a_remembered_sign_in_is_for_one_app_only(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.register_app("awother", SECRET, [CALLBACK])
    visitor.code("user.info.profile")

    assert "Who are you?" in visitor.authorize(client_key="awother").text


def test_it_remembers_what_it_was_asked(tiktok: TikTok, visitor: Visitor) -> None:
    visitor.authorize(client_id="surplus")

    assert [request["client_id"] for request in tiktok.received.authorize] == ["surplus"]
