"""The fields of user info, and the tokens that may read them."""

import time

import httpx2
import pytest

from emulators.tiktok import TikTok
from tests.support.tiktok.visitor import CALLBACK, KEY, SECRET, Visitor


def error_of(response: httpx2.Response) -> tuple[int, str]:
    """Return the status and the code of an envelope, whose log id and data are looked at too."""
    body = response.json()
    assert body["error"]["log_id"] == response.headers["x-tt-logid"]
    assert body["data"] == {}
    return response.status_code, body["error"]["code"]


def test_only_the_fields_that_were_asked_for_come_back(visitor: Visitor) -> None:
    answered = visitor.user_info(visitor.sign_in()["access_token"], "display_name")

    body = answered.json()
    assert body["data"] == {"user": {"display_name": "Ada Example"}}
    assert (answered.status_code, body["error"]["code"], body["error"]["message"]) == (200, "ok", "")


def test_every_scope_has_its_fields(visitor: Visitor) -> None:
    scope = "user.info.basic,user.info.profile,user.info.stats"
    code = visitor.code("user.info.profile", "user.info.stats", scope=scope)
    token = visitor.token(code=code).json()["access_token"]

    fields = (
        "username,bio_description,is_verified,profile_deep_link,follower_count,following_count,likes_count,video_count"
    )
    user = visitor.user_info(token, fields).json()["data"]["user"]
    assert set(user) == set(fields.split(","))
    assert user["is_verified"] is True
    assert user["follower_count"] == 1_815


def test_the_open_id_is_that_of_the_token_reply(visitor: Visitor) -> None:
    tokens = visitor.sign_in()

    assert visitor.user_info(tokens["access_token"]).json()["data"]["user"]["open_id"] == tokens["open_id"]


def test_the_union_id_is_shared_by_the_apps_of_an_organisation_and_the_open_id_is_not(tiktok: TikTok) -> None:
    person = tiktok.persons["ada"]
    one, two = tiktok.apps[KEY], tiktok.register_app("awsecond", SECRET, [CALLBACK])
    foreign = tiktok.register_app("awforeign", SECRET, [CALLBACK], organisation="another")

    assert tiktok.union_id(one, person) == tiktok.union_id(two, person) != tiktok.union_id(foreign, person)
    assert tiktok.open_id(one, person) != tiktok.open_id(two, person)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer act.unknown", "Basic YTpi"])
def test_no_token_is_401(visitor: Visitor, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answered = visitor.http.get("/v2/user/info/", params={"fields": "open_id"}, headers=headers)

    assert error_of(answered) == (401, "access_token_invalid")


def test_an_access_token_expires(tiktok: TikTok, visitor: Visitor) -> None:
    token = visitor.sign_in()["access_token"]
    tiktok.advance_clock(7_200)

    assert error_of(visitor.user_info(token)) == (401, "access_token_invalid")


def test_a_refresh_token_is_no_access_token(visitor: Visitor) -> None:
    assert error_of(visitor.user_info(visitor.sign_in()["refresh_token"])) == (401, "access_token_invalid")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", (400, "invalid_params")),
        ("email", (400, "invalid_params")),
        ("open_id,username", (401, "scope_not_authorized")),
    ],
)
def test_fields_are_held_to_the_granted_scopes(visitor: Visitor, fields: str, expected: tuple[int, str]) -> None:
    assert error_of(visitor.user_info(visitor.sign_in()["access_token"], fields)) == expected


def test_no_fields_has_the_observed_message(visitor: Visitor) -> None:
    answered = visitor.user_info(visitor.sign_in()["access_token"], "")

    assert answered.json()["error"]["message"] == "Fields is required, please provide fields in the request"


def test_a_field_beyond_the_apps_own_scopes_is_400(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.register_app(KEY, SECRET, [CALLBACK], scopes=["user.info.basic"])
    token = visitor.token(code=visitor.code(scope="user.info.basic")).json()["access_token"]

    assert error_of(visitor.user_info(token, "username")) == (400, "scope_permission_missed")


def test_more_calls_than_a_minute_allows_are_429_until_it_has_slid_on(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.assume(user_info_per_minute=2)
    token = visitor.sign_in()["access_token"]

    assert [visitor.user_info(token).status_code for _ in range(3)] == [200, 200, 429]
    tiktok.advance_clock(61)
    assert visitor.user_info(token).status_code == 200


def test_avatars_are_signed_links_that_expire(tiktok: TikTok, visitor: Visitor) -> None:
    token = visitor.sign_in()["access_token"]
    user = visitor.user_info(token, "avatar_url,avatar_url_100,avatar_large_url").json()["data"]["user"]
    link = user["avatar_url"]

    picture = visitor.http.get(link)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
    assert len(set(user.values())) == 3
    assert visitor.http.get(link.replace("/ada.svg", "/zoe.svg")).status_code == 403
    assert visitor.http.get(link.split("?")[0]).status_code == 403
    tiktok.advance_clock(int(link.split("x-expires=")[1].split("&")[0]) - time.time() + 1)
    assert visitor.http.get(link).status_code == 403


def test_a_person_may_have_no_picture(visitor: Visitor) -> None:
    token = visitor.sign_in(person="bo")["access_token"]

    assert visitor.user_info(token, "avatar_url").json()["data"]["user"] == {"avatar_url": ""}


def test_a_person_who_is_added_signs_in(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.add_person("eve", display_name="<b>Eve</b> & 🎈")

    assert "&lt;b&gt;Eve&lt;/b&gt; &amp; 🎈" in visitor.authorize().text
    token = visitor.sign_in(person="eve")["access_token"]
    user = visitor.user_info(token, "display_name,avatar_url").json()["data"]["user"]
    assert user["display_name"] == "<b>Eve</b> & 🎈"
    assert "&lt;" in visitor.http.get(user["avatar_url"]).text


def test_it_remembers_which_token_asked(tiktok: TikTok, visitor: Visitor) -> None:
    visitor.user_info("act.some", "open_id,union_id")

    assert tiktok.received.user_info == [{"fields": "open_id,union_id", "authorization": "Bearer act.some"}]
