"""Each strict rule can be switched off, and then lets through what it refused."""

from collections.abc import Callable
from urllib.parse import quote

import httpx2
import pytest

from emulators.tiktok import TikTok
from tests.support.tiktok.visitor import CALLBACK, CREDENTIALS, KEY, SECRET, Visitor, query_of, refusal

Act = Callable[[Visitor], httpx2.Response]


def exchanged_twice(visitor: Visitor) -> httpx2.Response:
    code = visitor.code()
    visitor.token(code=code)
    return visitor.token(code=code)


def exchanged_after_a_failure(visitor: Visitor) -> httpx2.Response:
    code = visitor.code()
    visitor.token(code=code, redirect_uri="https://other.example/")
    return visitor.token(code=code)


def exchanged_as_plain_text(visitor: Visitor) -> httpx2.Response:
    body = httpx2.QueryParams(
        {**CREDENTIALS, "grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": visitor.code()}
    )
    return visitor.http.post("/v2/oauth/token/", content=str(body), headers={"content-type": "text/plain"})


def refreshed_twice(visitor: Visitor) -> httpx2.Response:
    token = visitor.signs_in()["refresh_token"]
    visitor.refresh(token)
    return visitor.refresh(token)


TOKEN_RULES: list[tuple[str, Act]] = [
    ("codes_used_once", exchanged_twice),
    ("failed_exchange_burns_code", exchanged_after_a_failure),
    ("decoded_codes_only", lambda visitor: visitor.token(code=quote(visitor.code()))),
    ("exact_redirect_uri", lambda visitor: visitor.token(code=visitor.code(), redirect_uri=f"{CALLBACK}/")),
    ("client_key_only", lambda visitor: visitor.token(code=visitor.code(), client_key="", client_id=KEY)),
    ("form_only", exchanged_as_plain_text),
    ("refresh_rotation", refreshed_twice),
]
AUTHORIZE_RULES: list[tuple[str, Act]] = [
    ("exact_redirect_uri", lambda visitor: visitor.asks(redirect_uri=f"{CALLBACK}/")),
    ("client_key_only", lambda visitor: visitor.asks(client_key="", client_id=KEY)),
    ("comma_scopes", lambda visitor: visitor.asks(scope="user.info.basic user.info.profile")),
    ("approved_scopes_only", lambda visitor: visitor.asks(scope="user.info.basic,video.list")),
]


@pytest.mark.parametrize(("rule", "act"), TOKEN_RULES)
def test_a_rule_about_tokens_can_be_switched_off(tiktok: TikTok, visitor: Visitor, rule: str, act: Act) -> None:
    assert "error" in act(visitor).json()
    tiktok.set_rules(**{rule: False})
    assert "access_token" in act(visitor).json()


@pytest.mark.parametrize(("rule", "act"), AUTHORIZE_RULES)
def test_a_rule_about_the_request_can_be_switched_off(tiktok: TikTok, visitor: Visitor, rule: str, act: Act) -> None:
    assert query_of(act(visitor))["error"] == "unauthorized_client"
    tiktok.set_rules(**{rule: False})
    assert act(visitor).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/auth/authorize"),
        ("POST", "/v2/oauth/token"),
        ("POST", "/v2/oauth/revoke"),
        ("GET", "/v2/user/info"),
    ],
)
def test_the_trailing_slash_can_be_made_optional(tiktok: TikTok, visitor: Visitor, method: str, path: str) -> None:
    assert visitor.http.request(method, path).status_code == 404
    tiktok.set_rules(exact_paths=False)
    assert visitor.http.request(method, path).status_code in {200, 302, 401}


def test_a_sandbox_can_be_opened(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.register_app(KEY, SECRET, [CALLBACK], target_users=[])
    tiktok.set_rules(target_users_only=False)

    assert "code" in query_of(visitor.answers())


def test_fields_beyond_the_scopes_can_be_let_through(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.set_rules(granted_fields_only=False)

    assert visitor.user_info(visitor.signs_in()["access_token"], "username").status_code == 200


@pytest.mark.parametrize(
    ("changes", "status"), [({"client_secret": "wrong"}, 401), ({"code": "unknown"}, 400), ({"client_secret": ""}, 400)]
)
def test_errors_can_have_the_statuses_of_rfc_6749(
    tiktok: TikTok, visitor: Visitor, changes: dict[str, str], status: int
) -> None:
    tiktok.set_rules(errors_with_status_200=False)

    assert refusal(visitor.token(**changes))[0] == status


def test_an_unrotated_refresh_token_reports_what_remains_of_it(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.set_rules(refresh_rotation=False)
    first = visitor.signs_in()
    tiktok.move_clock(1_000)
    second = visitor.refresh(first["refresh_token"]).json()

    assert second["refresh_token"] == first["refresh_token"]
    assert 31_534_990 <= second["refresh_expires_in"] <= 31_535_000


def test_a_rule_that_does_not_exist_is_refused(tiktok: TikTok) -> None:
    with pytest.raises(TypeError, match="no_such_rule"):
        tiktok.set_rules(no_such_rule=False)
