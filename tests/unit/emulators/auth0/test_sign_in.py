"""A person signs in by the emulated Auth0, the real token proxy and the emulated TikTok."""

from urllib.parse import parse_qsl, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.auth0.browser import Browser, authorization_request, exchange, redirect_parameters
from tests.unit.emulators.auth0.conftest import CALLBACK, ConnectedTenant


def test_tiktok_is_sent_what_the_connection_holds(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        query = dict(parse_qsl(urlsplit(browser.go_to_tiktok(connected)).query))

    state = query.pop("state")
    assert query == {
        "response_type": "code",
        "client_id": "awkey",
        "client_key": "awkey",
        "redirect_uri": f"{connected.origin}/login/callback",
        "scope": "user.info.basic",
    }
    assert state != authorization_request()["state"]


def test_an_upstream_parameter_by_alias_copies_the_applications_parameter(connected: ConnectedTenant) -> None:
    connected.options["upstream_params"] |= {"hint": {"alias": "login_hint"}, "lang": {"alias": "ui_locales"}}
    with Browser() as browser:
        query = dict(parse_qsl(urlsplit(browser.go_to_tiktok(connected, login_hint="ada")).query))

    assert query["hint"] == "ada"
    assert "lang" not in query


def test_pkce_goes_to_the_provider_only_where_it_is_enabled(connected: ConnectedTenant) -> None:
    connected.options["pkce_enabled"] = True
    with Browser() as browser:
        query = dict(parse_qsl(urlsplit(browser.go_to_tiktok(connected)).query))

    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43


def test_the_application_gets_a_code_and_its_own_state(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        answer = browser.sign_in(connected)

    assert answer.keys() == {"code", "state"}
    assert answer["state"] == "application-state"


def test_the_id_token_is_signed_for_the_application_and_tells_the_profile(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        tokens = exchange(connected, browser.sign_in(connected)["code"]).json()
    keys = KeySet.import_key_set(httpx2.get(f"{connected.origin}/.well-known/jwks.json").json())

    token = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
    user = next(iter(connected.tenant.users.values()))

    assert token.header["alg"] == "RS256"
    assert token.claims["iss"] == f"{connected.origin}/"
    assert token.claims["aud"] == "app"
    assert token.claims["nonce"] == "n-1"
    assert token.claims["sub"] == user["user_id"]
    assert token.claims["name"] == "Ada Example"
    assert token.claims["picture"] == user["picture"]
    assert tokens["scope"] == "openid profile"


def test_a_users_id_holds_the_connection_and_tiktoks_id(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        browser.sign_in(connected)

    (user,) = connected.tenant.users.values()
    provider, connection, own = user["user_id"].split("|")
    assert (provider, connection, len(own)) == ("oauth2", "tiktok", 36)
    (identity,) = user["identities"]
    assert identity["user_id"] == f"tiktok|{own}"
    assert identity["isSocial"] is True


def test_userinfo_tells_the_claims_that_the_scopes_cover(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        tokens = exchange(connected, browser.sign_in(connected, scope="openid")["code"]).json()
    answer = httpx2.get(f"{connected.origin}/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})

    assert answer.json() == {"sub": next(iter(connected.tenant.users))}
    assert httpx2.get(f"{connected.origin}/userinfo").status_code == 401


def test_a_code_works_once(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        code = browser.sign_in(connected)["code"]

    assert [exchange(connected, code).status_code for _ in range(2)] == [200, 403]
    assert [event["type"] for event in connected.tenant.log] == ["s", "seacft", "feacft"]


def test_a_code_is_bound_to_verifier_redirect_uri_client_and_time(connected: ConnectedTenant) -> None:
    connected.tenant.add_application("other", "other-secret", CALLBACK)
    refused: list[str] = []
    for wrong in (
        {"code_verifier": "b" * 50},
        {"redirect_uri": "https://app.example.com/other"},
        {"client_id": "other", "client_secret": "other-secret"},
    ):
        with Browser() as browser:
            refused.append(exchange(connected, browser.sign_in(connected)["code"], **wrong).json()["error"])
    with Browser() as browser:
        code = browser.sign_in(connected)["code"]
        connected.tenant.advance_clock(601)
        refused.append(exchange(connected, code).json()["error"])

    assert refused == ["invalid_grant"] * 4


def test_an_application_without_a_secret_needs_a_verifier(connected: ConnectedTenant) -> None:
    connected.tenant.add_application("spa", "", CALLBACK, app_type="spa")
    connected.tenant.enabled["con_0000000000000001"].append("spa")
    statuses: list[int] = []
    for asked in ({}, {"code_challenge": ""}):
        with Browser() as browser:
            code = browser.sign_in(connected, client_id="spa", **asked)["code"]
        statuses.append(exchange(connected, code, client_id="spa", client_secret="").status_code)

    assert statuses == [200, 403]


def test_an_application_exchanges_only_for_a_grant_that_it_has(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        code = browser.sign_in(connected)["code"]
    connected.tenant.clients["app"]["grant_types"] = ["refresh_token"]

    assert exchange(connected, code).json()["error"] == "unauthorized_client"


def test_a_refresh_token_renews_the_id_token_which_then_has_no_nonce(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        tokens = exchange(connected, browser.sign_in(connected, scope="openid offline_access")["code"]).json()
    form = {"grant_type": "refresh_token", "client_id": "app", "client_secret": "app-secret"}

    renewed = httpx2.post(
        f"{connected.origin}/oauth/token", data={**form, "refresh_token": tokens["refresh_token"]}
    ).json()
    unknown = httpx2.post(f"{connected.origin}/oauth/token", data={**form, "refresh_token": "unknown"})

    claims = jwt.decode(renewed["id_token"], connected.tenant.login.keys.current, algorithms=["RS256"]).claims
    assert claims["sub"] in connected.tenant.users
    assert "nonce" not in claims
    assert "refresh_token" not in renewed
    assert unknown.json()["error"] == "invalid_grant"


def test_the_second_sign_in_renews_what_the_connection_says(connected: ConnectedTenant) -> None:
    names: list[str] = []
    for when in ("on_each_login", "never_on_login"):
        connected.options["set_user_root_attributes"] = when
        for user in connected.tenant.users.values():
            user["name"] = "Renamed at Auth0"
        with Browser() as browser:
            browser.sign_in(connected)
        names.append(next(iter(connected.tenant.users.values()))["name"])

    assert names == ["Ada Example", "Renamed at Auth0"]


def test_a_known_browser_gets_its_code_without_tiktok_until_it_signs_out(connected: ConnectedTenant) -> None:
    with Browser() as browser:
        browser.sign_in(connected)
        known = redirect_parameters(browser.get(f"{connected.origin}/authorize", params=authorization_request()))
        browser.get(
            f"{connected.origin}/v2/logout", params={"client_id": "app", "returnTo": "https://app.example.com/"}
        )
        afterwards = browser.get(f"{connected.origin}/authorize", params=authorization_request(prompt="none"))

    assert "code" in known
    assert redirect_parameters(afterwards)["error"] == "login_required"
