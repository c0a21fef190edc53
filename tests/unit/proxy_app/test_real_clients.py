"""Clients that know OAuth 2.0 and nothing of TikTok sign people in through the proxy."""

from collections.abc import Generator
from typing import Any

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session as Authlib
from requests_oauthlib import OAuth2Session as RequestsOauthlib

from tests.support.proxy.emulated_tiktok import Stage, stage
from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET, REDIRECT_URI, remember

Token = dict[str, Any]


@pytest.fixture(scope="module")
def staged() -> Generator[Stage]:
    with stage() as staged:
        yield staged


def authlib_session(method: str) -> Any:  # noqa: ANN401  # Authlib is not typed
    return Authlib(
        CLIENT_KEY,
        CLIENT_SECRET,
        token_endpoint_auth_method=method,
        scope="user.info.basic,user.info.profile",
        redirect_uri=REDIRECT_URI,
    )


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_authlib_signs_a_person_in_and_refreshes(staged: Stage, method: str) -> None:
    session = authlib_session(method)
    url, state = session.create_authorization_url(staged.authorize_url, client_key=CLIENT_KEY)

    first: Token = session.fetch_token(staged.token_url, authorization_response=staged.allow(url, "ada"), state=state)
    second: Token = session.refresh_token(staged.token_url, refresh_token=remember(first["refresh_token"]))

    assert first["scope"] == "user.info.basic user.info.profile"
    assert [staged.name_of(token["access_token"]) for token in (first, second)] == ["Ada Example"] * 2
    assert first["refresh_token"] != remember(second["refresh_token"])


@pytest.mark.parametrize("in_form", [True, False], ids=["form", "basic"])
def test_requests_oauthlib_signs_a_person_in_and_refreshes(
    staged: Stage,
    in_form: bool,  # noqa: FBT001  # a parameter of pytest's
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    session: Any = RequestsOauthlib(CLIENT_KEY, redirect_uri=REDIRECT_URI, scope=["user.info.basic"])
    url, _ = session.authorization_url(staged.authorize_url, client_key=CLIENT_KEY)
    secret = {"client_secret": CLIENT_SECRET}

    first: Token = dict(
        session.fetch_token(
            staged.token_url,
            authorization_response=staged.allow(url, "bo"),
            include_client_id=in_form,
            **secret,
        )
    )
    second: Token = session.refresh_token(
        staged.token_url, refresh_token=remember(first["refresh_token"]), client_id=CLIENT_KEY, **secret
    )

    assert [staged.name_of(token["access_token"]) for token in (first, second)] == ["Bo Without-Picture"] * 2
    assert first["refresh_token"] != remember(second["refresh_token"])


def test_a_client_is_told_tiktoks_own_reason(staged: Stage) -> None:
    session = authlib_session("client_secret_post")
    url, state = session.create_authorization_url(staged.authorize_url, client_key=CLIENT_KEY)
    back = staged.allow(url, "ada")
    remember(session.fetch_token(staged.token_url, authorization_response=back, state=state)["access_token"])

    with pytest.raises(OAuthError, match="invalid_grant: TikTok says: Authorization code is expired"):
        session.fetch_token(staged.token_url, authorization_response=back, state=state)
