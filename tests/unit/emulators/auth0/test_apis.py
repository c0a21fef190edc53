"""Access tokens for APIs, and refresh tokens that rotate."""

import hashlib
from base64 import b64decode, urlsafe_b64decode
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support.auth0.browser import Browser, authorization_request, exchange, redirect_parameters
from tests.unit.emulators.auth0.conftest import CALLBACK, ConnectedTenant

API = "https://api.example.com/"


def tokens(connected: ConnectedTenant, **more: str) -> dict[str, Any]:
    with Browser() as browser:
        return exchange(connected, browser.sign_in(connected, **more)["code"]).json()


def renew(connected: ConnectedTenant, token: str, **more: str) -> httpx2.Response:
    form = {"grant_type": "refresh_token", "client_id": "app", "client_secret": "app-secret", "refresh_token": token}
    return httpx2.post(f"{connected.origin}/oauth/token", data={**form, **more})


def revoke(connected: ConnectedTenant, token: str) -> httpx2.Response:
    form = {"client_id": "app", "client_secret": "app-secret", "token": token}
    return httpx2.post(f"{connected.origin}/oauth/revoke", json=form)


def test_an_api_gets_a_signed_token_with_the_scopes_that_it_has(connected: ConnectedTenant) -> None:
    connected.tenant.add_api(API, "read:videos")
    answer = tokens(connected, audience=API, scope="openid read:videos write:videos offline_access")
    token = jwt.decode(answer["access_token"], connected.tenant.login.keys.current, algorithms=["RS256"])

    assert token.header["typ"] == "JWT"
    assert token.claims.keys() == {"iss", "sub", "aud", "iat", "exp", "scope", "azp"}
    assert token.claims["aud"] == [API, f"{connected.origin}/userinfo"]
    assert token.claims["scope"] == answer["scope"] == "openid read:videos"
    assert "refresh_token" not in answer


def test_without_openid_the_audience_is_the_api_alone(connected: ConnectedTenant) -> None:
    connected.tenant.add_api(API, allow_offline_access=True)
    answer = tokens(connected, resource=API, scope="offline_access")
    claims = jwt.decode(answer["access_token"], connected.tenant.login.keys.current, algorithms=["RS256"]).claims

    assert claims["aud"] == API
    assert answer["refresh_token"]


def test_a_default_audience_applies_to_every_request(connected: ConnectedTenant) -> None:
    connected.tenant.add_api(API)
    connected.tenant.settings["default_audience"] = API

    assert tokens(connected)["access_token"].count(".") == 2


def test_an_unknown_api_is_refused_at_the_callback(connected: ConnectedTenant) -> None:
    asked = authorization_request(audience="https://unknown.example.com")
    answer = redirect_parameters(httpx2.get(f"{connected.origin}/authorize", params=asked))

    assert (answer["error"], answer["error_description"]) == (
        "access_denied",
        "Service not found: https://unknown.example.com",
    )


def test_nothing_requested_is_no_scope_at_all(connected: ConnectedTenant) -> None:
    assert tokens(connected, scope="").keys() == {"access_token", "expires_in", "token_type"}


def test_a_rotated_token_works_once_and_its_reuse_revokes_the_family(connected: ConnectedTenant) -> None:
    connected.tenant.clients["app"]["refresh_token"] = {"rotation_type": "rotating"}
    first = tokens(connected, scope="openid offline_access")["refresh_token"]
    second = renew(connected, first).json()["refresh_token"]

    assert second != first
    assert renew(connected, first).json()["error_description"] == "Unknown or invalid refresh token."
    assert renew(connected, second).status_code == 403


def test_the_refresh_tokens_of_a_single_page_application_rotate(connected: ConnectedTenant) -> None:
    connected.tenant.add_application("spa", "", CALLBACK, app_type="spa")
    connected.tenant.enabled["con_0000000000000001"].append("spa")
    public = {"client_id": "spa", "client_secret": ""}
    with Browser() as browser:
        code = browser.sign_in(connected, client_id="spa", scope="openid offline_access")["code"]
    first = exchange(connected, code, **public).json()["refresh_token"]

    assert renew(connected, first, **public).json()["refresh_token"] != first
    assert renew(connected, first, **public).status_code == 403


def test_a_refresh_may_ask_for_fewer_scopes(connected: ConnectedTenant) -> None:
    token = tokens(connected, scope="openid profile offline_access")["refresh_token"]

    assert renew(connected, token, scope="openid email").json()["scope"] == "openid"
    assert renew(connected, token).json()["scope"] == "openid profile offline_access"
    assert renew(connected, token, scope="").json()["scope"] == "openid profile offline_access"  # as auth0-python asks


def test_a_null_in_a_json_body_counts_as_absent(connected: ConnectedTenant) -> None:
    token = tokens(connected, scope="openid offline_access")["refresh_token"]
    body = {"grant_type": "refresh_token", "client_id": "app", "client_secret": "app-secret", "refresh_token": token}
    renewed = httpx2.post(f"{connected.origin}/oauth/token", json={**body, "scope": None}).json()

    assert renewed["scope"] == "openid offline_access"


def test_a_revoked_token_is_gone_and_an_unknown_one_no_error(connected: ConnectedTenant) -> None:
    token = tokens(connected, scope="openid offline_access")["refresh_token"]

    assert (revoke(connected, token).status_code, revoke(connected, "unknown").content) == (200, b"")
    assert renew(connected, token).status_code == 403


@pytest.mark.parametrize("way", ["header", "query", "form"])
def test_user_info_takes_the_token_three_ways(connected: ConnectedTenant, way: str) -> None:
    token = {"access_token": tokens(connected)["access_token"]}
    address = f"{connected.origin}/userinfo"
    response = {
        "header": lambda: httpx2.get(address, headers={"authorization": f"Bearer {token['access_token']}"}),
        "query": lambda: httpx2.get(address, params=token),
        "form": lambda: httpx2.post(address, data=token),
    }[way]()

    assert response.json()["sub"] in connected.tenant.users


def test_user_info_needs_openid(connected: ConnectedTenant) -> None:
    token = tokens(connected, scope="profile")["access_token"]

    assert httpx2.get(f"{connected.origin}/userinfo", params={"access_token": token}).status_code == 401


def test_a_page_of_an_applications_origin_may_call_and_no_other(connected: ConnectedTenant) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "auth0-client,content-type"}
    allowed, refused = (
        httpx2.options(f"{connected.origin}/oauth/token", headers={"origin": origin, **asked})
        for origin in (CALLBACK.removesuffix("/callback"), "https://evil.example.com")
    )

    assert allowed.headers["access-control-allow-origin"] in {"https://app.example.com", "*"}
    assert "access-control-allow-origin" not in refused.headers
    assert [event["type"] for event in connected.tenant.log] == ["fco"]


def test_the_current_key_and_the_next_one_are_published_with_their_certificates(connected: ConnectedTenant) -> None:
    current, following = httpx2.get(f"{connected.origin}/.well-known/jwks.json").json()["keys"]
    token = jwt.decode(tokens(connected)["id_token"], RSAKey.import_key(current), algorithms=["RS256"])

    assert token.header["kid"] == current["kid"] != following["kid"]
    for key in (current, following):
        assert key.keys() == {"kty", "use", "alg", "n", "e", "kid", "x5t", "x5c"}
        assert (key["kty"], key["use"], key["alg"], len(key["kid"])) == ("RSA", "sig", "RS256", 21)
        der = b64decode(key["x5c"][0])
        public_key = load_der_x509_certificate(der).public_key()
        assert isinstance(public_key, RSAPublicKey)
        assert RSAKey.import_key(key).public_key == public_key
        assert urlsafe_b64decode(key["x5t"] + "=") == hashlib.sha1(der, usedforsecurity=False).digest()


def test_discovery_is_what_a_tenant_of_today_publishes(connected: ConnectedTenant) -> None:
    document = httpx2.get(f"{connected.origin}/.well-known/openid-configuration").json()
    connected.tenant.settings["oidc_logout"] = {"rp_logout_end_session_endpoint_discovery": False}
    older = httpx2.get(f"{connected.origin}/.well-known/oauth-authorization-server").json()

    assert document["issuer"] == f"{connected.origin}/"
    assert document["end_session_endpoint"] == f"{connected.origin}/oidc/logout"
    assert "end_session_endpoint" not in older
    assert document["backchannel_authentication_endpoint"] == f"{connected.origin}/bc-authorize"
    assert document.keys().isdisjoint({"grant_types_supported", "prompt_values_supported"})
