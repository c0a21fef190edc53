"""An emulated tenant with one application and one connection, the token proxy, and an emulated TikTok behind it."""

import io
from collections.abc import Generator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest

from emulators import auth0, tiktok
from emulators.kit.serving import serving
from infra.tiktok_connection import fetch_user_profile
from proxy_app.app import create_app
from proxy_app.settings import Settings
from tests.support.schemas.auth0 import violations

CALLBACK = "https://app.example.com/callback"


@dataclass
class ConnectedTenant:
    """A tenant, the origin of its login, and the TikTok that its connection leads to."""

    tenant: auth0.Tenant
    origin: str
    tiktok: tiktok.TikTok

    @property
    def options(self) -> dict[str, Any]:
        """The connection's options, to be looked at or changed."""
        return self.tenant.connections["con_0000000000000001"]["options"]


@pytest.fixture
def connected() -> Generator[ConnectedTenant]:
    people = tiktok.TikTok(allow_http=True)
    tenant = auth0.Tenant(rate_limits=auth0.RateLimits(auth0.NO_LIMITS))
    tenant.add_application("app", "app-secret", CALLBACK, allowed_logout_urls=["https://app.example.com/"])
    with serving(auth0.create_app(tenant)) as origin, serving(tiktok.create_app(people)) as tiktok_origin:
        people.register_app("awkey", "tiktok-secret", [f"{origin}/login/callback"])
        with serving(create_app(_settings(tiktok_origin), io.StringIO())) as proxy:
            connection = _connection(tiktok_origin, proxy)
            tenant.connections[connection["id"]] = connection
            tenant.enabled[connection["id"]] = ["app"]
            yield ConnectedTenant(tenant, origin, people)
            assert violations(tenant.received) == []


def _settings(tiktok_origin: str) -> Settings:
    return Settings(
        client_key="awkey",
        secret_digests=(sha256(b"tiktok-secret").digest(),),
        token_url=f"{tiktok_origin}/v2/oauth/token/",
    )


def _connection(tiktok_origin: str, proxy: str) -> dict[str, Any]:
    options = {
        "client_id": "awkey",
        "client_secret": "tiktok-secret",
        "authorizationURL": f"{tiktok_origin}/v2/auth/authorize/",
        "tokenURL": f"{proxy}/proxy/token",
        "scope": ["user.info.basic"],
        "upstream_params": {"client_key": {"value": "awkey"}},
        "scripts": {"fetchUserProfile": fetch_user_profile("union_id", f"{tiktok_origin}/v2/user/info/")},
    }
    return {
        "id": "con_0000000000000001",
        "name": "tiktok",
        "strategy": "oauth2",
        "options": options,
        "is_domain_connection": False,
        "authentication": {"active": True},
        "connected_accounts": {"active": False},
    }
