"""Each assumption about undocumented behaviour can be changed, and then TikTok behaves the other way."""

from dataclasses import fields

import httpx2
import pytest

from emulators.tiktok import EARLIER_LIFETIMES, Assumptions, TikTok
from tests.support.tiktok.visitor import CALLBACK, CREDENTIALS, REQUEST, Visitor, query_of, refusal

FORM = "application/x-www-form-urlencoded"


def test_authorize_without_its_slash_redirects_to_it_or_is_refused(tiktok: TikTok, visitor: Visitor) -> None:
    redirect = visitor.http.get("/v2/auth/authorize", params=REQUEST)
    assert redirect.status_code == 301
    assert "Who are you?" in visitor.http.get(redirect.headers["location"]).text

    tiktok.assume(unslashed_authorize="refuse")
    refused = visitor.http.get("/v2/auth/authorize", params=REQUEST)
    assert (refused.status_code, refused.text) == (404, "Unsupported path(Janus)")


def test_user_info_without_its_slash_is_refused_or_accepted(tiktok: TikTok, visitor: Visitor) -> None:
    assert visitor.http.get("/v2/user/info").status_code == 404
    tiktok.assume(unslashed_user_info="accept")
    assert visitor.http.get("/v2/user/info").status_code == 401


def test_settings_are_checked_after_the_login_or_before_it(tiktok: TikTok, visitor: Visitor) -> None:
    assert visitor.authorize(client_key="awunknown").status_code == 200
    tiktok.assume(login_before_checks=False)
    assert query_of(visitor.authorize(client_key="awunknown"))["error_type"] == "client_key"


def test_cancelling_has_an_error_that_can_be_another(tiktok: TikTok, visitor: Visitor) -> None:
    assert query_of(visitor.decide(decision="cancel"))["error"] == "access_denied"
    tiktok.assume(cancel_error="temporarily_unavailable")
    assert query_of(visitor.decide(decision="cancel"))["error"] == "temporarily_unavailable"


def test_a_code_lasts_a_minute_or_longer(tiktok: TikTok, visitor: Visitor) -> None:
    expired = visitor.code()
    tiktok.advance_clock(60)
    assert visitor.token(code=expired).json()["error"] == "invalid_grant"

    tiktok.assume(code_seconds=600)
    code = visitor.code()
    tiktok.advance_clock(590)
    assert "access_token" in visitor.token(code=code).json()


@pytest.mark.parametrize("burns", [True, False])
def test_a_failed_exchange_burns_the_code_or_not(tiktok: TikTok, visitor: Visitor, burns: bool) -> None:  # noqa: FBT001  # parametrized
    tiktok.assume(failed_exchange_burns_code=burns)
    code = visitor.code()
    visitor.token(code=code, redirect_uri="https://other.example/")

    assert ("error" in visitor.token(code=code).json()) is burns


def _post_with_charset(visitor: Visitor) -> httpx2.Response:
    form = {**CREDENTIALS, "grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": visitor.code()}
    headers = {"content-type": f"{FORM}; charset=UTF-8"}
    return visitor.http.post("/v2/oauth/token/", content=str(httpx2.QueryParams(form)), headers=headers)


def test_a_charset_beside_the_content_type_is_refused_or_accepted(tiktok: TikTok, visitor: Visitor) -> None:
    assert refusal(_post_with_charset(visitor))[2] == f"Only `{FORM}` is accepted as Content-Type."
    tiktok.assume(accept_charset=True)
    assert "access_token" in _post_with_charset(visitor).json()


@pytest.mark.parametrize(
    ("changes", "status"), [({"client_secret": "wrong"}, 401), ({"code": "unknown"}, 400), ({"client_secret": ""}, 400)]
)
def test_errors_have_status_200_or_those_of_rfc_6749(
    tiktok: TikTok, visitor: Visitor, changes: dict[str, str], status: int
) -> None:
    assert refusal(visitor.token(**changes))[0] == 200
    tiktok.assume(errors_with_status_200=False)
    assert refusal(visitor.token(**changes))[0] == status


def test_an_unrotated_refresh_token_works_again_and_reports_what_remains(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.assume(refresh_rotation=False)
    first = visitor.sign_in()
    tiktok.advance_clock(1_000)
    second = visitor.refresh(first["refresh_token"]).json()

    assert second["refresh_token"] == first["refresh_token"]
    assert 15_550_990 <= second["refresh_expires_in"] <= 15_551_000
    assert "access_token" in visitor.refresh(first["refresh_token"]).json()


def test_an_unknown_assumption_or_another_type_is_refused(tiktok: TikTok) -> None:
    with pytest.raises(TypeError, match="no_such_assumption"):
        tiktok.assume(no_such_assumption=False)
    with pytest.raises(TypeError, match="code_seconds"):
        tiktok.assume(code_seconds="soon")


def test_the_earlier_lifetimes_are_assumptions() -> None:
    assert set(EARLIER_LIFETIMES) <= {each.name for each in fields(Assumptions)}
