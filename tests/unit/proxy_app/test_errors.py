"""The family of errors, which the documentation is made from."""

import re

import pytest

from proxy_app.errors import ProxyError, TikTokRefused, every_error
from proxy_app.responses import refusal

FAMILY = list(every_error())


def test_every_name_is_told_once() -> None:
    names = [error.__name__ for error in FAMILY]

    assert len(names) == len(set(names)) >= 15


@pytest.mark.parametrize("kind", FAMILY)
def test_it_says_in_two_sentences_what_happened_and_what_to_do(kind: type[ProxyError]) -> None:
    assert re.fullmatch(r"[A-Z].+\.", kind.cause)
    assert re.fullmatch(r"[A-Z].+\.", kind.remedy)
    assert kind().description == f"{kind.cause} {kind.remedy}"


@pytest.mark.parametrize("kind", FAMILY)
def test_its_code_and_status_go_together(kind: type[ProxyError]) -> None:
    by_status = {
        400: {"invalid_request", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"},
        401: {"invalid_client"},
        404: {"invalid_request"},
        405: {"invalid_request"},
        413: {"invalid_request"},
        415: {"invalid_request"},
        500: {"server_error"},
        502: {"server_error"},
        503: {"temporarily_unavailable"},
        504: {"temporarily_unavailable"},
    }

    assert kind.code in by_status[kind.status]
    assert ("retry-after" in kind.headers) == (kind.status > 500)
    assert ("www-authenticate" in kind.headers) == (kind.status == 401)


def test_a_description_keeps_to_the_characters_of_the_standard() -> None:
    answered = bytes(refusal(TikTokRefused('a "quote", a \\, é and \x00.')).body)

    assert b"a 'quote', a ', ' and '." in answered
