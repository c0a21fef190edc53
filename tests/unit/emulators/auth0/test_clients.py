"""Applications of the Management API, with the defaults that Auth0 was recorded to fill in."""

import pytest

from tests.support.auth0.management import Caller
from tests.unit.emulators.auth0.conftest import ConnectedTenant


def test_applications_and_settings_can_be_changed(connected: ConnectedTenant) -> None:
    caller = Caller(
        connected,
        "create:clients read:clients update:clients delete:clients read:tenant_settings update:tenant_settings",
    )
    created = caller.ask("POST", "/clients", {"name": "Shop", "app_type": "regular_web"}).json()
    path = f"/clients/{created['client_id']}"

    assert caller.ask("PATCH", path, {"name": "Store"}).json()["name"] == "Store"
    assert caller.ask("DELETE", path).status_code == 204
    assert caller.ask("PATCH", "/tenants/settings", {"friendly_name": "Shop"}).json()["friendly_name"] == "Shop"
    assert caller.ask("GET", "/tenants/settings").json()["sandbox_version"] == "22"


_POST = {"token_endpoint_auth_method": "client_secret_post"}
_PUBLIC = {"token_endpoint_auth_method": "none"}
_CODE = ["authorization_code", "implicit", "refresh_token"]
_FOREVER = {
    "rotation_type": "non-rotating",
    "expiration_type": "non-expiring",
    "leeway": 0,
    "infinite_token_lifetime": True,
    "infinite_idle_token_lifetime": True,
}
_LONG = {**_FOREVER, "token_lifetime": 31_557_600, "idle_token_lifetime": 2_592_000}
_SHORT = {**_FOREVER, "token_lifetime": 2_592_000, "idle_token_lifetime": 1_296_000}
_ROTATING = {
    **_SHORT,
    "rotation_type": "rotating",
    "expiration_type": "expiring",
    "infinite_token_lifetime": False,
    "infinite_idle_token_lifetime": False,
}


@pytest.mark.parametrize(
    ("sent", "grants", "refresh_token"),
    [
        ({}, [*_CODE, "client_credentials"], _SHORT),
        ({"app_type": "non_interactive"}, [*_CODE, "client_credentials"], _SHORT),
        ({"app_type": "non_interactive", **_POST}, [*_CODE, "client_credentials"], _LONG),
        ({"app_type": "regular_web", **_POST}, [*_CODE, "client_credentials"], _LONG),
        ({"app_type": "spa", **_PUBLIC}, _CODE, _SHORT),
        ({"app_type": "native", **_PUBLIC}, _CODE, _SHORT),
        ({"app_type": "spa", "is_first_party": False, **_PUBLIC}, _CODE, _ROTATING),
    ],
)
def test_an_application_made_by_the_api_has_the_recorded_defaults(
    connected: ConnectedTenant, sent: dict[str, object], grants: list[str], refresh_token: dict[str, object]
) -> None:
    created = (
        Caller(connected, "create:clients read:client_keys").ask("POST", "/clients", {"name": "Shop", **sent}).json()
    )

    first_party = sent.get("is_first_party", True)
    random = {name: created.pop(name) for name in ("client_id", "client_secret", "signing_keys")}
    assert all(random.values())
    assert created == {
        "name": "Shop",
        **sent,
        "tenant": "rehearsal",
        "global": False,
        "is_first_party": first_party,
        "oidc_conformant": not first_party,
        "is_token_endpoint_ip_header_trusted": False,
        "sso_disabled": False,
        "cross_origin_authentication": False,
        "custom_login_page_on": True,
        "grant_types": grants,
        "jwt_configuration": {"secret_encoded": False, "lifetime_in_seconds": 36_000},
        "refresh_token": refresh_token,
        **({} if first_party else {"third_party_security_mode": "permissive"}),
    }


def test_applications_are_filtered_by_type_and_kind(connected: ConnectedTenant) -> None:
    connected.tenant.add_application("spa", "spa-secret", app_type="spa", is_first_party=False)
    caller = Caller(connected)

    def listed(query: str) -> list[str]:
        return [client["client_id"] for client in caller.ask("GET", f"/clients?{query}").json()]

    assert listed("app_type=spa,native") == ["spa"]
    assert listed("is_first_party=true") == ["app", "deployer"]
    assert listed("is_global=true") == []
