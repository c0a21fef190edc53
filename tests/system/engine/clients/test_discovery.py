"""Libraries that enforce the specifications accept the discovery document and the keys."""

from collections.abc import Generator
from typing import Any

import httpx2
import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata  # pyright: ignore[reportMissingTypeStubs]  # has none
from joserfc.jwk import KeySet, RSAKey

from emulators import auth0
from emulators.kit.authority import ThrowAwayAuthority
from emulators.kit.serving import serving


@pytest.fixture
def http() -> Generator[httpx2.Client]:
    authority = ThrowAwayAuthority()
    with (
        serving(auth0.create_app(auth0.Tenant()), tls=authority.server_context()) as origin,
        httpx2.Client(base_url=origin, verify=authority.client_context(), trust_env=False, timeout=10) as client,
    ):
        yield client


def _metadata(http: httpx2.Client) -> dict[str, Any]:
    return http.get("/.well-known/openid-configuration").json()


def test_the_discovery_document_is_valid(http: httpx2.Client) -> None:
    metadata: Any = OpenIDProviderMetadata(_metadata(http))

    metadata.validate()  # OpenID Connect Discovery 1.0, section 3, and RFC 8414, section 2

    assert metadata["issuer"] == f"{http.base_url}/"


@pytest.mark.parametrize(
    ("name", "value"), [("issuer", "http://plain.example/"), ("response_types_supported", None), ("jwks_uri", "here")]
)
def test_the_validator_finds_what_is_wrong(http: httpx2.Client, name: str, value: object) -> None:
    metadata: Any = OpenIDProviderMetadata({**_metadata(http), name: value})

    with pytest.raises(ValueError, match=name):
        metadata.validate()


def test_the_keys_are_public_rsa_keys_for_signatures(http: httpx2.Client) -> None:
    published = http.get(_metadata(http)["jwks_uri"]).json()

    keys = KeySet.import_key_set(published).keys

    assert published["keys"]
    for key, raw in zip(keys, published["keys"], strict=True):
        assert isinstance(key, RSAKey)
        assert not key.is_private
        assert (raw["kty"], raw["use"], raw["alg"]) == ("RSA", "sig", "RS256")
        assert raw["kid"]
