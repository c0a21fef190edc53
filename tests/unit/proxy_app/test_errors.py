"""The table of failures, which the documentation is made from."""

import re

import pytest

from proxy_app.app import error_response
from proxy_app.errors import Failure, ProxyError
from proxy_app.http_protocol import Limits
from proxy_app.http_request import BODY_BYTES, HEAD_BYTES, HEADERS


def name(failure: Failure) -> str:
    return failure.name


@pytest.mark.parametrize("failure", Failure, ids=name)
def test_it_says_in_two_sentences_what_happened_and_what_to_do(failure: Failure) -> None:
    assert re.fullmatch(r"[A-Z].+\.", failure.cause)
    assert re.fullmatch(r"[A-Z].+\.", failure.remedy)
    assert ProxyError(failure).description == f"{failure.cause} {failure.remedy}"


@pytest.mark.parametrize("failure", Failure, ids=name)
def test_its_code_and_status_go_together(failure: Failure) -> None:
    by_status = {
        400: {"invalid_request", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"},
        401: {"invalid_client"},
        500: {"server_error"},
        502: {"server_error"},
        503: {"temporarily_unavailable"},
        504: {"temporarily_unavailable"},
    }

    assert failure.code in by_status.get(failure.status, {"invalid_request"})
    assert ("www-authenticate" in failure.headers) == (failure.status == 401)


@pytest.mark.parametrize("failure", Failure, ids=name)
def test_a_client_is_told_to_try_again_while_the_person_still_waits(failure: Failure) -> None:
    assert ("retry-after" in failure.headers) == (failure.status > 500)
    assert 0 < int(failure.headers.get("retry-after", 1)) <= 5


def test_a_refusal_names_the_limit_that_holds() -> None:
    limits = Limits()

    assert (
        f"head within {limits.head_seconds} seconds, and the body within {limits.body_seconds}"
        in Failure.TooSlow.remedy
    )
    assert f"{HEADERS} headers, or its head has more than {HEAD_BYTES // 1024} KiB" in Failure.HeadTooLarge.cause
    assert f"larger than {BODY_BYTES // 1024} KiB" in Failure.BodyTooLarge.cause
    assert f"{limits.connections:,} other requests" in Failure.Overloaded.cause


def test_a_description_keeps_to_the_characters_of_the_standard() -> None:
    answered = bytes(error_response(ProxyError(Failure.TikTokRefused, 'a "quote", a \\, é and \x00.')).body)

    assert b"a 'quote', a ', ' and '." in answered
