"""TikTok's answer, in the standard's words."""

import pytest

from proxy_app.errors import Failure, ProxyError
from proxy_app.translation import find_log_id, from_tiktok, read_answer
from tests.support.proxy.failures import fails
from tests.support.proxy.made_up import granted


def refusal(answer: dict[str, object], asked: dict[str, str] | None = None, status: int = 200) -> ProxyError:
    with pytest.raises(ProxyError) as refused:
        from_tiktok(status, answer, asked or {})
    return refused.value


def test_a_success_is_flat_and_separates_scopes_by_blanks() -> None:
    answer = granted(access_token="act", refresh_token="rft")

    assert from_tiktok(200, answer, {}) == {
        "access_token": "act",
        "token_type": "Bearer",
        "expires_in": 86400,
        "refresh_token": "rft",
        "refresh_expires_in": 31536000,
        "scope": "user.info.basic user.info.profile",
        "open_id": "-000EXAMPLE",
    }


def test_what_tiktok_leaves_out_is_not_made_up_but_for_type_and_lifetime() -> None:
    assert from_tiktok(200, {"access_token": "act"}, {}) == {
        "access_token": "act",
        "token_type": "Bearer",
        "expires_in": 7200,
    }


@pytest.mark.parametrize("value", [86400, "86400", 86400.0])
def test_a_lifetime_becomes_an_integer(value: object) -> None:
    token = from_tiktok(200, granted(expires_in=value, refresh_expires_in=value), {})

    assert (token["expires_in"], token["refresh_expires_in"]) == (86400, 86400)
    assert type(token["expires_in"]) is int


@pytest.mark.parametrize("value", [None, "", "soon", -1, 1.5, True, [], {}, "9" * 5000, float("inf"), float("nan")])
def test_a_garbled_lifetime_becomes_the_shortest_documented_one(value: object) -> None:
    token = from_tiktok(200, granted(expires_in=value, refresh_expires_in=value), {})

    assert token["expires_in"] == 7200
    assert "refresh_expires_in" not in token


@pytest.mark.parametrize("changes", [{"scope": None}, {"scope": ["a"]}, {"open_id": 5}, {"refresh_token": {}}])
def test_fields_of_another_type_are_left_out(changes: dict[str, object]) -> None:
    assert from_tiktok(200, granted(**changes), {}).keys() & changes.keys() == set()


@pytest.mark.parametrize("error", ["", None])
def test_an_empty_error_is_none(error: object) -> None:
    assert from_tiktok(200, granted(error=error), {})["token_type"] == "Bearer"


@pytest.mark.parametrize("token", [None, "", 5, ["act"], {"value": "act"}])
def test_without_a_token_there_is_no_success(token: object) -> None:
    assert refusal(granted(access_token=token)).failure is Failure.UpstreamBroken


@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_a_token_with_the_status_of_a_failure_is_not_believed(status: int) -> None:
    assert refusal(granted(), status=status).failure is Failure.UpstreamBroken


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"error_code": 10007}, "message": "error"},
        {"error": {"code": 5}},
        {"error": ["x"]},
        {"error": {"code": "ok"}},
    ],
)
def test_answers_of_other_endpoints_are_broken(answer: dict[str, object]) -> None:
    assert refusal(answer).failure is Failure.UpstreamBroken


CASES = [
    ("invalid_request", "Redirect_uri is not matched with the uri when requesting code.", "invalid_request", 400),
    ("invalid_request", "The request parameters are malformed.", "invalid_request", 400),
    ("invalid_request", "Client secret is missed in request.", "invalid_request", 400),
    ("invalid_request", "Code verifier or code challenge is invalid.", "invalid_request", 400),
    ("invalid_client", "Client key or secret is incorrect.", "invalid_client", 401),
    ("invalid_grant", "Authorization code is expired.", "invalid_grant", 400),
    ("invalid_scope", "", "invalid_scope", 400),
    ("unauthorized_client", "", "unauthorized_client", 400),
    ("unsupported_grant_type", "", "unsupported_grant_type", 400),
    ("unsupported_response_type", "", "invalid_request", 400),
    ("access_denied", "", "invalid_grant", 400),
    ("server_error", "", "server_error", 502),
    ("temporarily_unavailable", "", "temporarily_unavailable", 503),
    ("rate_limit_exceeded", "", "temporarily_unavailable", 503),
    ("something_new", "", "invalid_request", 400),
]


@pytest.mark.parametrize("upstream_status", [200, 400, 401, 500])
@pytest.mark.parametrize(("error", "said", "code", "status"), CASES)
def test_the_body_decides_what_an_error_means(
    error: str, said: str, code: str, status: int, upstream_status: int
) -> None:
    refused = refusal({"error": error, "error_description": said, "log_id": "x"}, status=upstream_status)

    assert (refused.failure.code, refused.failure.status) == (code, status)
    assert refused.description == f"TikTok says: {said or error} {refused.failure.remedy}"


@pytest.mark.parametrize("status", [200, 429, 500])
@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("rate_limit_exceeded", Failure.TikTokBusy),
        ("internal_error", Failure.TikTokFailed),
        ("scope_not_authorized", Failure.TikTokRefusedScope),
        ("something_new", Failure.TikTokRefused),
    ],
)
def test_an_error_in_the_shape_of_tiktoks_api_is_read(code: str, failure: Failure, status: int) -> None:
    answer: dict[str, object] = {"error": {"code": code, "message": "Slow down.", "log_id": "20260901ABCDEF"}}

    refused = refusal(answer, status=status)

    assert refused.failure is failure
    assert str(refused) == "TikTok says: Slow down."
    assert find_log_id(answer) == "20260901ABCDEF"


@pytest.mark.parametrize("scope", ["user.info.basic,", ",user.info.basic", "user.info.basic,,", " user.info.basic "])
def test_a_scope_has_no_empty_members(scope: str) -> None:
    assert from_tiktok(200, granted(scope=scope), {})["scope"] == "user.info.basic"


def test_a_scope_of_separators_is_left_out() -> None:
    assert "scope" not in from_tiktok(200, granted(scope=","), {})


def test_an_error_beside_a_token_is_an_error() -> None:
    assert refusal(granted(error="invalid_grant")).failure is Failure.TikTokRefusedGrant


@pytest.mark.parametrize(
    ("said", "kind"),
    [(CASES[0][1], Failure.TikTokRefusedRedirectUri), (CASES[3][1], Failure.TikTokRefusedVerifier)],
)
def test_what_a_person_can_do_depends_on_what_tiktok_says(said: str, kind: Failure) -> None:
    assert refusal({"error": "invalid_request", "error_description": said}).failure is kind


def test_nothing_that_was_sent_comes_back_in_the_words_of_an_error() -> None:
    said = "No such code hush-hush for secret hush."

    refused = refusal({"error": "invalid_grant", "error_description": said}, {"s": "hush", "code": "hush-hush"})

    assert str(refused) == "TikTok says: No such code ... for secret ...."


def test_a_long_description_is_cut() -> None:
    assert len(str(refusal({"error": "invalid_grant", "error_description": "a" * 5000}))) < 400


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"access_token":"act.', b"null", b"[]", b'"act"', b"5", b"\xff\xfe", b"[" * 60000, b"9" * 5000],
)
def test_what_is_no_json_object_is_broken(body: bytes) -> None:
    with fails(Failure.UpstreamBroken):
        read_answer(200, body)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_tiktok_need_not_speak_json(status: int) -> None:
    with fails(Failure.TikTokBusy):
        read_answer(status, b"<html>")


@pytest.mark.parametrize(
    ("in_body", "in_header", "found"),
    [
        ("202609010000000000000000000000000A", "other", "202609010000000000000000000000000A"),
        (None, "202609010000000000000000000000000B", "202609010000000000000000000000000B"),
        ("act.example!1234.va", "", ""),
        ({"a": 1}, "", ""),
        ("a" * 65, "", ""),
    ],
)
def test_a_log_id_is_accepted_in_its_known_format_only(in_body: object, in_header: str, found: str) -> None:
    assert find_log_id({"log_id": in_body}, in_header) == found
