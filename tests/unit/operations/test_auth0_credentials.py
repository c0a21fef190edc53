"""The commands log in to Auth0 as the provider does, and wait for its rate limit."""

import os
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.serving import serving
from operations.errors import OperationError
from operations.stack import LiveStack

_KEY = rsa.generate_private_key(65537, 2048)
_PEM = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class Tenant:
    """A token endpoint, and a list of connections behind it."""

    domain: str = ""
    forms: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    authorizations: list[str] = field(default_factory=list[str])
    refusals: list[Response] = field(default_factory=list[Response])

    async def token(self, request: Request) -> Response:
        """Grant a token, unless a refusal is queued."""
        self.forms.append(dict(parse_qsl((await request.body()).decode())))
        if self.refusals:
            return self.refusals.pop(0)
        return JSONResponse({"access_token": "granted", "scope": "read:clients read:connections"})

    async def connections(self, request: Request) -> Response:
        """List no connections, unless a refusal is queued."""
        self.authorizations.append(request.headers["authorization"])
        return self.refusals.pop(0) if self.refusals else JSONResponse({"connections": []})


@pytest.fixture(name="tenant")
def served_tenant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[Tenant]:
    """Yield a tenant on https, whose certificate is trusted, in an environment without a login."""
    for name in [name for name in os.environ if name.startswith("AUTH0_")]:
        monkeypatch.delenv(name)
    tenant, authority = Tenant(), ThrowAwayAuthority()
    app = Starlette(
        routes=[
            Route("/oauth/token", tenant.token, methods=["POST"]),
            Route("/api/v2/connections", tenant.connections),
        ]
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.write_root(tmp_path / "root.pem")))
    with serving(app, tls=authority.server_context()) as origin:
        tenant.domain = origin.removeprefix("https://")
        yield tenant


def stack_with(tenant: Tenant, **settings: str) -> LiveStack:
    """Return a stack with these settings of the Auth0 provider."""
    config: dict[str, dict[str, Any]] = {
        f"auth0:{key}": {"value": value, "secret": False} for key, value in settings.items()
    }
    config.setdefault("auth0:domain", {"value": tenant.domain})
    return LiveStack(name="dev", project_name="tiktok-login", outputs={}, config=config)


def test_a_secret_logs_in_an_application(tenant: Tenant) -> None:
    api = stack_with(tenant, clientId="deployer", clientSecret="s3cret").auth0

    assert api.identity == f"application deployer at {tenant.domain}, by its secret"
    assert api.scopes == {"read:clients", "read:connections"}
    assert api.custom_connections() == []
    assert tenant.authorizations == ["Bearer granted"]
    assert tenant.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": "deployer",
            "audience": f"https://{tenant.domain}/api/v2/",
            "client_secret": "s3cret",
        }
    ]


def test_a_private_key_signs_an_assertion_and_comes_before_a_secret(tenant: Tenant) -> None:
    key = {"clientAssertionPrivateKey": _PEM, "clientAssertionSigningAlg": "PS256"}
    api = stack_with(tenant, clientId="deployer", clientSecret="s3cret", **key).auth0

    assert api.identity == f"application deployer at {tenant.domain}, by its key"
    [form] = tenant.forms
    assert "client_secret" not in form
    claims = jwt.decode(
        form["client_assertion"],
        _KEY.public_key(),
        algorithms=["PS256"],
        audience=f"https://{tenant.domain}/",
        issuer="deployer",
        subject="deployer",
        options={"require": ["exp", "iat", "jti"]},
    )
    assert claims["exp"] - claims["iat"] == 60


def test_an_audience_of_a_tenant_with_a_custom_domain_is_asked_for(tenant: Tenant) -> None:
    settings = {"clientId": "deployer", "clientSecret": "s3cret", "audience": "https://tenant.eu.auth0.com/api/v2/"}
    _ = stack_with(tenant, **settings).auth0.scopes
    assert tenant.forms[0]["audience"] == "https://tenant.eu.auth0.com/api/v2/"


def test_a_domain_may_have_a_scheme(tenant: Tenant) -> None:
    settings = {"domain": f"https://{tenant.domain}/", "clientId": "deployer", "clientSecret": "s3cret"}
    assert stack_with(tenant, **settings).auth0.scopes


def test_every_setting_comes_from_the_environment_too(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_CLIENT_ID", "deployer")
    monkeypatch.setenv("AUTH0_CLIENT_ASSERTION_PRIVATE_KEY", _PEM)
    monkeypatch.setenv("AUTH0_CLIENT_ASSERTION_SIGNING_ALG", "RS256")
    monkeypatch.setenv("AUTH0_AUDIENCE", "an-audience")
    stack = stack_with(tenant)

    assert stack.auth0.identity == f"application deployer at {tenant.domain}, by its key"
    assert tenant.forms[0]["audience"] == "an-audience"
    assert stack.redact(f"key {_PEM}") == "key [secret]"


def test_the_stacks_file_comes_before_the_environment(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_DOMAIN", "127.0.0.1:9")
    monkeypatch.setenv("AUTH0_CLIENT_ID", "somebody-else")
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "another-secret")
    _ = stack_with(tenant, clientId="deployer", clientSecret="s3cret").auth0.scopes

    assert [(form["client_id"], form["client_secret"]) for form in tenant.forms] == [("deployer", "s3cret")]


def test_a_token_comes_before_an_application_and_tells_its_owner_and_scopes(tenant: Tenant) -> None:
    # Whether it has expired is for Auth0 to say.
    claims = {"sub": "auth0|ada", "scope": "read:clients", "exp": 1}
    token = jwt.encode(claims, "somebody's secret of 32 bytes or more")
    api = stack_with(tenant, apiToken=token, clientId="deployer", clientSecret="s3cret").auth0

    assert (api.identity, api.scopes) == (f"auth0|ada at {tenant.domain}", {"read:clients"})
    assert api.custom_connections() == []
    assert tenant.authorizations == [f"Bearer {token}"]
    assert tenant.forms == []


def test_an_opaque_token_tells_neither(tenant: Tenant) -> None:
    api = stack_with(tenant, apiToken="opaque").auth0
    assert (api.identity, api.scopes) == (f"the owner of auth0:apiToken at {tenant.domain}", None)


def test_the_clis_login_comes_before_a_token(tenant: Tenant) -> None:
    api = stack_with(tenant, cliLogin="true", apiToken="opaque").auth0
    assert api.identity == f"the login of the Auth0 CLI at {tenant.domain}"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"domain": ""}, "auth0:domain is not set."),
        ({}, "There are no credentials for Auth0: set auth0:clientId with"),
        ({"clientId": "deployer"}, "There are no credentials for Auth0: set auth0:clientId with"),
        ({"clientId": "deployer", "clientAssertionPrivateKey": _PEM}, "There are no credentials for Auth0"),
        (
            {"clientId": "deployer", "clientAssertionPrivateKey": "a key", "clientAssertionSigningAlg": "RS256"},
            "auth0:clientAssertionPrivateKey does not fit RS256: set a private key in PEM.",
        ),
    ],
)
def test_a_login_that_is_incomplete_is_refused_in_a_sentence(
    tenant: Tenant, settings: dict[str, str], sentence: str
) -> None:
    with pytest.raises(OperationError) as refused:
        _ = stack_with(tenant, **settings).auth0.identity
    assert str(refused.value).startswith(sentence)


def test_an_application_that_is_refused_is_named(tenant: Tenant) -> None:
    tenant.refusals = [JSONResponse({"error": "access_denied", "error_description": "Unauthorized"}, 401)]
    with pytest.raises(OperationError) as refused:
        _ = stack_with(tenant, clientId="deployer", clientSecret="s3cret").auth0.identity
    assert str(refused.value) == "Auth0 grants application deployer no token (401): Unauthorized"


def limited(until: float) -> Response:
    """Return Auth0's refusal of a caller whose rate limit is used up."""
    body = {"statusCode": 429, "error": "Too Many Requests", "message": "Global limit has been reached"}
    return JSONResponse(body, 429, {"X-RateLimit-Reset": str(int(until))})


def test_a_used_up_rate_limit_is_waited_for(tenant: Tenant) -> None:
    api = stack_with(tenant, apiToken="opaque").auth0
    reset = int(time.time()) + 2
    tenant.refusals = [limited(reset)]

    assert api.custom_connections() == []
    assert time.time() >= reset
    assert len(tenant.authorizations) == 2


def test_a_rate_limit_that_lasts_for_minutes_is_told_of(tenant: Tenant) -> None:
    tenant.refusals = [limited(time.time() + 3600)]
    with pytest.raises(OperationError, match=r"^Auth0's rate limit is used up for 3[56]\d\d s: wait, then try again"):
        stack_with(tenant, apiToken="opaque").auth0.custom_connections()
