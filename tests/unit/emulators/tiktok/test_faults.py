"""Queued errors and faults apply once, in order, and only at their endpoint."""

import httpx2
import pytest

from emulators.tiktok import TikTok
from tests.support.tiktok.visitor import Visitor, query_of, refusal


def test_a_queued_error_is_answered_once(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_error("token", "server_error", "Try again.")
    code = visitor.code()

    assert refusal(visitor.token(code=code)) == (200, "server_error", "Try again.")
    assert "access_token" in visitor.token(code=code).json()


def test_errors_are_queued_by_endpoint_and_in_order(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_error("token", "invalid_grant")
    tiktok.queue_error("token", "temporarily_unavailable")
    tiktok.queue_error("user_info", "internal_error", "Down.")

    assert [visitor.token().json()["error"] for _ in range(2)] == ["invalid_grant", "temporarily_unavailable"]
    told = visitor.user_info("any")
    assert (told.status_code, told.json()["error"]["code"]) == (500, "internal_error")


def test_a_queued_error_of_the_authorization_leads_back(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_error("authorize", "temporarily_unavailable", "Later.")

    answer = query_of(visitor.authorize())
    assert answer == {"error": "temporarily_unavailable", "error_description": "Later.", "state": "a state"}


def test_a_queued_item_shows_the_error_page(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_error("authorize", "non_sandbox_target")

    assert query_of(visitor.authorize())["error_type"] == "non_sandbox_target"


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("html", 502, "<h1>502 Bad Gateway</h1>"),
        ("rate_limit", 429, "Too Many Requests"),
        ("internal_error", 500, "Internal Server Error"),
        ("not_found", 404, "Unsupported path(Janus)"),
        ("redirect", 302, ""),
    ],
)
def test_a_broken_server_answers_as_one(tiktok: TikTok, visitor: Visitor, fault: str, status: int, text: str) -> None:
    tiktok.queue_fault("token", fault)  # pyright: ignore[reportArgumentType]  # parametrized

    broken = visitor.token()
    assert broken.status_code == status
    assert text in broken.text
    assert visitor.token().status_code == 200


def test_truncated_json_arrives_whole_and_cannot_be_read(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_fault("token", "truncated")

    with pytest.raises(ValueError, match="Unterminated"):
        visitor.token().json()


def test_an_oversized_answer_is_a_mebibyte_and_more(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_fault("token", "oversize")

    assert len(visitor.token().content) > 1 << 20


def test_a_cut_answer_ends_early(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_fault("token", "cut")

    with pytest.raises(httpx2.RemoteProtocolError):
        visitor.token()


def test_a_silent_server_answers_nothing(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_fault("token", "silent")

    with pytest.raises(httpx2.ReadTimeout):
        visitor.http.post("/v2/oauth/token/", timeout=0.3)
    assert visitor.token().status_code == 200


def test_a_slow_server_answers_as_usual_but_later(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_fault("token", "slow", seconds=0.3)

    slow = visitor.token(code=visitor.code())
    assert "access_token" in slow.json()
    assert slow.elapsed.total_seconds() >= 0.3


def test_faults_can_be_cleared(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.queue_fault("user_info", "html", times=100)

    assert [visitor.user_info("any").status_code for _ in range(2)] == [502, 502]
    tiktok.clear_faults()
    assert visitor.user_info("any").status_code == 401


def test_what_does_not_exist_cannot_be_queued(tiktok: TikTok) -> None:
    with pytest.raises(ValueError, match="no fault 'fire'"):
        tiktok.queue_fault("token", "fire")  # pyright: ignore[reportArgumentType]  # the point of this test
    with pytest.raises(ValueError, match="no endpoint 'house'"):
        tiktok.queue_error("house", "any")  # pyright: ignore[reportArgumentType]  # the point of this test
