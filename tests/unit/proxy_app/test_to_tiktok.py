"""A standard token request, in TikTok's words."""

from urllib.parse import parse_qsl

import pytest

from proxy_app.errors import Failure
from proxy_app.token_request import Credentials
from proxy_app.translation import to_tiktok
from tests.support.proxy.failures import fails
from tests.support.proxy.made_up import REDIRECT_URI, refresh_form, token_form

CREDENTIALS = Credentials(key="key", secret="hush")


def translated(form: dict[str, str]) -> dict[str, str]:
    return dict(parse_qsl(to_tiktok(form, CREDENTIALS).decode(), strict_parsing=True))


def test_tiktok_is_told_a_client_key() -> None:
    form = token_form(code="abc*1!6431.u1")

    assert translated(form) == {
        "client_key": "key",
        "client_secret": "hush",
        "grant_type": "authorization_code",
        "code": "abc*1!6431.u1",
        "redirect_uri": REDIRECT_URI,
    }


def test_the_code_is_encoded_exactly_once() -> None:
    assert b"&code=a%2A1%216%25.u1+%2B&" in to_tiktok(token_form(code="a*1!6%.u1 +"), CREDENTIALS)


def test_a_verifier_goes_along() -> None:
    assert translated(token_form(code_verifier="v"))["code_verifier"] == "v"


def test_a_refresh_carries_the_refresh_token() -> None:
    assert translated(refresh_form(refresh_token="rft")) == {
        "client_key": "key",
        "client_secret": "hush",
        "grant_type": "refresh_token",
        "refresh_token": "rft",
    }


def test_parameters_that_the_grant_does_not_know_are_dropped() -> None:
    extra = {"scope": "a", "audience": "b", "client_key": "evil", "resource": "c"}

    assert translated(token_form(refresh_token="r", **extra)).keys() == {
        "client_key", "client_secret", "grant_type", "code", "redirect_uri"
    }  # fmt: skip
    assert translated(refresh_form(code="c", **extra)).keys() == {
        "client_key", "client_secret", "grant_type", "refresh_token"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("form", "left_out"), [(token_form(), "code"), (token_form(), "redirect_uri"), (refresh_form(), "refresh_token")]
)
def test_what_the_grant_needs_is_asked_for_by_name(form: dict[str, str], left_out: str) -> None:
    del form[left_out]

    with fails(Failure.MalformedRequest, f"The {left_out} is missing"):
        to_tiktok(form, CREDENTIALS)


def test_a_request_without_a_grant_is_malformed() -> None:
    with fails(Failure.MalformedRequest, "grant_type"):
        to_tiktok({}, CREDENTIALS)


@pytest.mark.parametrize("grant", ["client_credentials", "password", "Authorization_Code", "authorization_code "])
def test_other_grants_are_refused(grant: str) -> None:
    with fails(Failure.UnknownGrant):
        to_tiktok(token_form(grant_type=grant), CREDENTIALS)
