"""The scopes of the Management API: what each call takes, and what a caller without them does not see.

https://auth0.com/docs/api/management/v2 names the scopes of each call.
"""

import pytest

from tests.support.auth0.management import CONNECTION, Caller
from tests.unit.emulators.auth0.conftest import ConnectedTenant

_READING_CLIENTS = ("read:clients", "read:client_keys", "read:client_credentials", "read:client_summary")
_SCOPES: dict[str, tuple[str, ...]] = {
    "GET /connections?take=1": ("read:connections",),
    "POST /connections": ("create:connections",),
    f"GET {CONNECTION}": ("read:connections",),
    f"PATCH {CONNECTION}": ("update:connections",),
    f"DELETE {CONNECTION}": ("delete:connections",),
    f"GET {CONNECTION}/clients": ("read:connections",),
    f"PATCH {CONNECTION}/clients": ("update:connections",),
    "GET /clients": _READING_CLIENTS,
    "POST /clients": ("create:clients",),
    "GET /clients/app": _READING_CLIENTS,
    "PATCH /clients/app": ("update:clients",),
    "DELETE /clients/app": ("delete:clients",),
    "GET /tenants/settings": ("read:tenant_settings",),
    "PATCH /tenants/settings": ("update:tenant_settings",),
    "GET /custom-domains": ("read:custom_domains",),
    "GET /logs": ("read:logs", "read:logs_users"),
    "GET /logs/1": ("read:logs", "read:logs_users"),
    "GET /users": ("read:users",),
    "GET /users/auth0%7C1": ("read:users",),
}
_EVERY_SCOPE = {scope for scopes in _SCOPES.values() for scope in scopes}


@pytest.mark.parametrize("call", _SCOPES)
def test_a_call_takes_one_of_its_scopes_and_all_others_do_not_help(connected: ConnectedTenant, call: str) -> None:
    method, _, path = call.partition(" ")
    scopes = _SCOPES[call]
    named = f"Insufficient scope, expected any of: {','.join(scopes)}"

    refused = Caller(connected, " ".join(_EVERY_SCOPE - set(scopes))).refusal(method, path)
    statuses = [Caller(connected, scope).ask(method, path).status_code for scope in scopes]

    assert refused == (403, "insufficient_scope", named)
    assert 403 not in statuses


def test_options_are_silently_absent_without_their_scope(connected: ConnectedTenant) -> None:
    caller = Caller(connected, "read:connections update:connections")

    assert "options" not in caller.ask("GET", CONNECTION).json()
    assert caller.refusal("PATCH", CONNECTION, {"options": {}}) == (
        403,
        "insufficient_scope",
        "Insufficient scope, expected any of: update:connections_options",
    )


def test_an_applications_secret_needs_a_scope_of_its_own(connected: ConnectedTenant) -> None:
    assert "client_secret" not in Caller(connected, "read:clients").ask("GET", "/clients/app").json()
    assert Caller(connected, "read:clients read:client_keys").ask("GET", "/clients/app").json()["client_secret"]
