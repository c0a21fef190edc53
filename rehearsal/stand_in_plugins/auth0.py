"""The auth0 provider's resource types and functions that a TikTok connection needs.

https://www.pulumi.com/registry/packages/auth0/ and https://auth0.com/docs/api/management/v2
"""

import json
import re
from operator import itemgetter

from rehearsal.stand_in_plugins.description import Field, Fields, Function, Request, ResourceType, Scope
from rehearsal.stand_in_plugins.properties import Properties, Value

_ESCAPED = str.maketrans({character: f"\\u{ord(character):04x}" for character in "&<>\u2028\u2029"})
_CONNECTION = "/api/v2/connections/{id}"
_CLIENTS_CONNECTION = "/api/v2/connections/{connectionId}"
_CLIENTS = _CLIENTS_CONNECTION + "/clients"


def canonical_json(value: Value) -> str:
    """Return ``value`` as Go's ``json.Marshal`` writes it; the released plugin compares that text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).translate(_ESCAPED)


def _sort_scopes(value: list[str] | str) -> list[str]:
    return sorted(value.split() if isinstance(value, str) else value)


def _snake_case_fields(*names: str, **more: Value) -> Fields:
    """Describe properties that the API spells with underscores, and that are sent even if empty."""
    return {name: Field(api_path=re.sub(r"([A-Z])", r"_\1", name).lower(), send_empty=True, **more) for name in names}


_OPTIONS: Fields = {
    **_snake_case_fields("clientId", "iconUrl", "setUserRootAttributes", "pkceEnabled"),
    **_snake_case_fields("useOauthSpecScope"),
    **_snake_case_fields("email", "strategyVersion", "nonPersistentAttrs", computed=True),
    "clientSecret": Field(api_path="client_secret", secret=True),
    "authorizationEndpoint": Field(api_path="authorizationURL", computed=True, send_null=True),
    "tokenEndpoint": Field(api_path="tokenURL", computed=True, send_null=True),
    "scopes": Field(api_path="scope", encode=sorted, decode=_sort_scopes, normalize=sorted),
    "scripts": Field(shape="map"),
    "upstreamParams": Field(api_path="upstream_params", encode=json.loads, decode=canonical_json),
    **{
        name: Field(output=True, shape="map", null_after_create=True)
        for name in ("authParams", "configuration", "customScripts")
    },
    "customHeaders": Field(
        shape="blocks",
        encode=lambda rows: {row["header"]: row["value"] for row in rows},
        decode=lambda headers: [{"header": name, "value": value} for name, value in headers.items()],
    ),
}

CONNECTION = ResourceType(
    fields={
        "name": Field(replaces=True),
        "strategy": Field(replaces=True),
        **_snake_case_fields("displayName", "isDomainConnection", computed=True),
        "metadata": Field(shape="map"),
        "realms": Field(computed=True),
        "authentication": Field(shape="map", computed=True),
        "connectedAccounts": Field(api_path="connected_accounts", shape="map", computed=True),
        "options": Field(shape="block", fields=_OPTIONS),
    },
    id_format="{id}",
    create=(Request("POST", "/api/v2/connections", body=itemgetter("given")),),
    read=(Request("GET", _CONNECTION),),
    update=(Request("PATCH", _CONNECTION, body=itemgetter("given")),),
    delete=(Request("DELETE", _CONNECTION, ignore_404=True),),
    unique_name=True,
)


def _set_enabled(*, status: bool) -> Request:
    return Request(
        "PATCH",
        _CLIENTS,
        body=lambda scope: [{"client_id": scope["clientId"], "status": status}],
        ignore_404=not status,
    )


def _select_client(scope: Scope) -> Properties | None:
    """Return the application's entry; the first page is enough for the few that a rehearsal enables."""
    return next((entry for entry in scope["answer"]["clients"] if entry["client_id"] == scope["clientId"]), None)


CONNECTION_CLIENT = ResourceType(
    fields={
        "connectionId": Field(replaces=True, state_only=True),
        "clientId": Field(api_path="client_id", replaces=True),
        "name": Field(output=True),
        "strategy": Field(output=True),
    },
    id_format="{connectionId}::{clientId}",
    create=(_set_enabled(status=True),),
    read=(
        Request("GET", _CLIENTS, select=_select_client),
        Request("GET", _CLIENTS_CONNECTION, query={"fields": "strategy,name", "include_fields": "true"}),
    ),
    delete=(_set_enabled(status=False),),
    serial=True,
)

GET_CLIENT = Function(
    fields={
        **_snake_case_fields("clientId", "name", "description", "appType", "callbacks", "grantTypes", "isFirstParty"),
        **_snake_case_fields("oidcConformant", "tokenEndpointAuthMethod", "allowedLogoutUrls", "webOrigins"),
        "id": Field(api_path="client_id"),
    },
    read=(Request("GET", "/api/v2/clients/{clientId}"),),
)

RESOURCES = {
    "auth0:index/connection:Connection": CONNECTION,
    "auth0:index/connectionClient:ConnectionClient": CONNECTION_CLIENT,
}
FUNCTIONS = {"auth0:index/getClient:getClient": GET_CLIENT}
