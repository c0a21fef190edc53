"""What the token endpoint grants and refuses, in TikTok's words and with TikTok's status."""

import re
from urllib.parse import quote

import pytest

from emulators.tiktok import EARLIER_LIFETIMES, TikTok
from tests.support.tiktok.visitor import CALLBACK, CREDENTIALS, KEY, SECRET, Visitor, query_of, refusal

EXPIRED = (200, "invalid_grant", "Authorization code is expired.")
MALFORMED = (200, "invalid_request", "The request parameters are malformed.")
OTHER_REDIRECT = (200, "invalid_request", "Redirect_uri is not matched with the uri when requesting code.")
WRONG_PAIR = (200, "invalid_client", "Client key or secret is incorrect.")
NO_SECRET = (200, "invalid_request", "Client secret is missed in request.")
ONLY_FORMS = (
    200,
    "invalid_request",
    "Only `application/x-www-form-urlencoded` is accepted as Content-Type.",
)
REFRESH_EXPIRED = (200, "invalid_grant", "Refresh token is invalid or expired.")


def test_a_code_becomes_flat_tokens(visitor: Visitor) -> None:
    tokens = visitor.sign_in("user.info.profile")

    assert re.fullmatch(r"act\.[0-9A-Za-z]{60}!\d{4}\.va", tokens.pop("access_token"))
    assert re.fullmatch(r"rft\.[0-9A-Za-z]{60}!\d{4}\.va", tokens.pop("refresh_token"))
    assert re.fullmatch(r"-000[\w-]{32}", tokens.pop("open_id"), re.ASCII)
    assert tokens == {
        "expires_in": 7_200,
        "refresh_expires_in": 15_552_000,
        "scope": "user.info.basic,user.info.profile",
        "token_type": "Bearer",
    }


def test_the_lifetimes_of_the_older_pages_can_be_chosen(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.assume(**EARLIER_LIFETIMES)
    tokens = visitor.sign_in()

    assert (tokens["expires_in"], tokens["refresh_expires_in"]) == (86_400, 31_536_000)


def test_each_reply_carries_a_log_id(visitor: Visitor) -> None:
    refused = visitor.token()

    assert re.fullmatch(r"20\d{12}[0-9A-F]{20}", refused.json()["log_id"])
    assert refused.headers["x-tt-logid"] == refused.json()["log_id"]


def test_a_code_works_once(visitor: Visitor) -> None:
    code = visitor.code()

    assert "access_token" in visitor.token(code=code).json()
    assert refusal(visitor.token(code=code)) == EXPIRED


def test_a_code_that_is_still_encoded_is_refused(visitor: Visitor) -> None:
    assert refusal(visitor.token(code=quote(visitor.code()))) == EXPIRED


def test_a_code_expires(tiktok: TikTok, visitor: Visitor) -> None:
    code = visitor.code()
    tiktok.advance_clock(tiktok.assumptions.code_seconds)

    assert refusal(visitor.token(code=code)) == EXPIRED


def test_a_code_that_was_altered_anywhere_is_refused(visitor: Visitor) -> None:
    code = visitor.code()

    for place in range(0, len(code), 7):
        other = "A" if code[place] != "A" else "B"
        assert refusal(visitor.token(code=code[:place] + other + code[place + 1 :])) == EXPIRED


def test_a_code_is_bound_to_its_app(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.register_app("awother", SECRET, [CALLBACK])

    assert refusal(visitor.token(code=visitor.code(), client_key="awother")) == EXPIRED


@pytest.mark.parametrize("redirect_uri", ["", f"{CALLBACK}/"])
def test_a_code_is_bound_to_its_redirect_uri(visitor: Visitor, redirect_uri: str) -> None:
    assert refusal(visitor.token(code=visitor.code(), redirect_uri=redirect_uri)) == OTHER_REDIRECT


def test_a_failed_exchange_burns_the_code(visitor: Visitor) -> None:
    code = visitor.code()
    visitor.token(code=code, redirect_uri="https://other.example/")

    assert refusal(visitor.token(code=code)) == EXPIRED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_key": "", "client_id": KEY}, MALFORMED),
        ({"client_secret": ""}, NO_SECRET),
        ({"client_key": "awunknown"}, WRONG_PAIR),
        ({"client_secret": "wrong"}, WRONG_PAIR),
        ({"client_key": SECRET, "client_secret": KEY}, WRONG_PAIR),
        ({"grant_type": ""}, MALFORMED),
        ({"grant_type": "password"}, (200, "unsupported_grant_type", "The grant type is not supported.")),
        ({"code": ""}, MALFORMED),
        ({"code": "never-issued"}, EXPIRED),
        ({"grant_type": "refresh_token"}, MALFORMED),
        ({"grant_type": "refresh_token", "refresh_token": "rft.unknown"}, REFRESH_EXPIRED),
    ],
)
def test_a_wrong_request_is_refused_with_status_200(
    visitor: Visitor, changes: dict[str, str], expected: tuple[int, str, str]
) -> None:
    assert refusal(visitor.token(**changes)) == expected


def test_json_is_refused(visitor: Visitor) -> None:
    assert refusal(visitor.http.post("/v2/oauth/token/", json=CREDENTIALS)) == ONLY_FORMS


def test_a_repeated_content_type_is_refused(visitor: Visitor) -> None:
    form = "application/x-www-form-urlencoded"
    repeated = visitor.http.post(
        "/v2/oauth/token/", headers=[("content-type", form), ("content-type", form)], content=b"client_key=k"
    )

    assert refusal(repeated) == ONLY_FORMS


def test_a_repeated_field_is_refused(visitor: Visitor) -> None:
    repeated = visitor.http.post("/v2/oauth/token/", data={**CREDENTIALS, "code": ["one", "two"]})

    assert refusal(repeated) == MALFORMED


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v2/oauth/token"), ("GET", "/v2/oauth/token/"), ("POST", "/v2/oauth/revoke"), ("GET", "/v2/user/info")],
)
def test_a_wrong_path_or_method_meets_the_gateway(visitor: Visitor, method: str, path: str) -> None:
    answered = visitor.http.request(method, path)

    assert (answered.status_code, answered.text) == (404, "Unsupported path(Janus)")


def test_a_refresh_rotates_the_refresh_token(visitor: Visitor) -> None:
    first = visitor.sign_in("user.info.profile")
    second = visitor.refresh(first["refresh_token"]).json()

    assert second["scope"] == first["scope"]
    assert second["open_id"] == first["open_id"]
    assert second["access_token"] != first["access_token"]
    assert refusal(visitor.refresh(first["refresh_token"])) == REFRESH_EXPIRED
    assert "access_token" in visitor.refresh(second["refresh_token"]).json()


def test_a_refresh_token_expires(tiktok: TikTok, visitor: Visitor) -> None:
    tokens = visitor.sign_in()
    tiktok.advance_clock(15_552_000)

    assert refusal(visitor.refresh(tokens["refresh_token"])) == REFRESH_EXPIRED


def test_an_access_token_does_not_refresh(visitor: Visitor) -> None:
    assert refusal(visitor.refresh(visitor.sign_in()["access_token"])) == REFRESH_EXPIRED


def test_client_credentials_bring_a_client_token_that_is_nobodys(visitor: Visitor) -> None:
    answer = visitor.token(grant_type="client_credentials").json()

    assert set(answer) == {"access_token", "expires_in", "token_type"}
    assert answer["access_token"].startswith("clt.")
    assert visitor.user_info(answer["access_token"]).status_code == 401


def test_revoking_ends_all_that_came_of_the_consent(visitor: Visitor) -> None:
    tokens = visitor.sign_in()
    revoked = visitor.http.post("/v2/oauth/revoke/", data={**CREDENTIALS, "token": tokens["access_token"]})

    assert (revoked.status_code, revoked.json()) == (200, {})
    assert visitor.user_info(tokens["access_token"]).status_code == 401
    assert refusal(visitor.refresh(tokens["refresh_token"])) == REFRESH_EXPIRED


@pytest.mark.parametrize("token", ["", "act.unknown"])
def test_revoking_what_is_no_token_is_refused(visitor: Visitor, token: str) -> None:
    assert refusal(visitor.http.post("/v2/oauth/revoke/", data={**CREDENTIALS, "token": token})) == MALFORMED


def test_revoking_needs_the_secret(visitor: Visitor) -> None:
    assert refusal(visitor.http.post("/v2/oauth/revoke/", data={"client_key": KEY, "token": "t"})) == NO_SECRET


def test_it_remembers_what_it_was_sent(tiktok: TikTok, visitor: Visitor) -> None:
    code = query_of(visitor.decide())["code"]
    visitor.token(code=code)

    sent = {**CREDENTIALS, "grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": code}
    assert tiktok.received.token == [sent]
