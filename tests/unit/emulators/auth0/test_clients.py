"""Applications of the Management API, with the defaults that Auth0 was recorded to fill in."""

import pytest

from tests.support.auth0.management import Caller
from tests.unit.emulators.auth0.conftest import World


def test_applications_and_settings_can_be_changed(world: World) -> None:
    caller = Caller(
        world, "create:clients read:clients update:clients delete:clients read:tenant_settings update:tenant_settings"
    )
    created = caller.ask("POST", "/clients", {"name": "Shop", "app_type": "regular_web"}).json()
    path = f"/clients/{created['client_id']}"

    assert caller.ask("PATCH", path, {"name": "Store"}).json()["name"] == "Store"
    assert caller.ask("DELETE", path).status_code == 204
    assert caller.ask("PATCH", "/tenants/settings", {"friendly_name": "Shop"}).json()["friendly_name"] == "Shop"
    assert caller.ask("GET", "/tenants/settings").json()["sandbox_version"] == "22"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"oidc_conformant": False, "token_endpoint_auth_method": None}),
        ({"app_type": "spa"}, {"token_endpoint_auth_method": "none"}),
        ({"app_type": "regular_web", "token_endpoint_auth_method": "client_secret_post"}, {"oidc_conformant": False}),
        ({"is_first_party": False}, {"oidc_conformant": True}),
    ],
)
def test_an_application_made_by_the_api_has_the_recorded_defaults(
    world: World, body: dict[str, object], expected: dict[str, object]
) -> None:
    created = Caller(world, "create:clients").ask("POST", "/clients", {"name": "Shop", **body}).json()

    assert {name: created.get(name) for name in expected} == expected
    assert ("client_credentials" in created["grant_types"]) is (
        body.get("app_type") != "spa" and "is_first_party" not in body
    )
    assert created["refresh_token"]["leeway"] == 0
    assert "callbacks" not in created


def test_applications_are_filtered_by_type_and_kind(world: World) -> None:
    world.tenant.add_application("spa", "spa-secret", app_type="spa", is_first_party=False)
    caller = Caller(world)

    def listed(query: str) -> list[str]:
        return [client["client_id"] for client in caller.ask("GET", f"/clients?{query}").json()]

    assert listed("app_type=spa,native") == ["spa"]
    assert listed("is_first_party=true") == ["app", "deployer"]
    assert listed("is_global=true") == []
