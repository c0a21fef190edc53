"""The auth0 provider's resource types and look-ups, as far as a TikTok connection needs them.

https://www.pulumi.com/registry/packages/auth0/ and https://auth0.com/docs/api/management/v2
"""

import json
import re
from operator import itemgetter

from rehearsal.stand_in_plugins.description import Field, Fields, LookUp, Request, ResourceType, Scope
from rehearsal.stand_in_plugins.properties import Properties, Value

_ESCAPED = str.maketrans({character: f"\\u{ord(character):04x}" for character in "&<>\u2028\u2029"})
_CONNECTION = "/api/v2/connections/{id}"
_JOINED = "/api/v2/connections/{connectionId}"
_CLIENTS = _JOINED + "/clients"


def canonical(value: Value) -> str:
    """Return ``value`` as Go's ``json.Marshal`` writes it, which is what the released plugin compares with."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).translate(_ESCAPED)


def _scopes(value: list[str] | str) -> list[str]:
    return sorted(value.split() if isinstance(value, str) else value)


def _said(*names: str, **more: Value) -> Fields:
    """Describe properties that are spelt with underscores on the wire, and sent whenever the program sets them."""
    return {name: Field(wire=re.sub(r"([A-Z])", r"_\1", name).lower(), zero=True, **more) for name in names}


_OPTIONS: Fields = {
    **_said("clientId", "iconUrl", "setUserRootAttributes", "pkceEnabled"),
    **_said("useOauthSpecScope"),
    **_said("email", "strategyVersion", "nonPersistentAttrs", computed=True),
    "clientSecret": Field(wire="client_secret", secret=True),
    "authorizationEndpoint": Field(wire="authorizationURL", computed=True, always=True),
    "tokenEndpoint": Field(wire="tokenURL", computed=True, always=True),
    "scopes": Field(wire="scope", encode=sorted, decode=_scopes, normal=sorted),
    "scripts": Field(shape="map"),
    "upstreamParams": Field(wire="upstream_params", encode=json.loads, decode=canonical),
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
        **_said("displayName", "isDomainConnection", computed=True),
        "metadata": Field(shape="map"),
        "realms": Field(computed=True),
        "authentication": Field(shape="map", computed=True),
        "connectedAccounts": Field(wire="connected_accounts", shape="map", computed=True),
        "options": Field(shape="block", fields=_OPTIONS),
    },
    identity="{id}",
    create=(Request("POST", "/api/v2/connections", body=itemgetter("given")),),
    read=(Request("GET", _CONNECTION),),
    update=(Request("PATCH", _CONNECTION, body=itemgetter("given")),),
    delete=(Request("DELETE", _CONNECTION, gone=True),),
    named=True,
)


def _enabled(*, status: bool) -> Request:
    return Request(
        "PATCH",
        _CLIENTS,
        body=lambda scope: [{"client_id": scope["clientId"], "status": status}],
        gone=not status,
    )


def _listed(scope: Scope) -> Properties | None:
    """Find the application among those enabled, one page being enough for as many as a test enables."""
    return next((entry for entry in scope["answer"]["clients"] if entry["client_id"] == scope["clientId"]), None)


CONNECTION_CLIENT = ResourceType(
    fields={
        "connectionId": Field(replaces=True, local=True),
        "clientId": Field(wire="client_id", replaces=True),
        "name": Field(output=True),
        "strategy": Field(output=True),
    },
    identity="{connectionId}::{clientId}",
    create=(_enabled(status=True),),
    read=(
        Request("GET", _CLIENTS, pick=_listed),
        Request("GET", _JOINED, query={"fields": "strategy,name", "include_fields": "true"}),
    ),
    delete=(_enabled(status=False),),
    insists=True,
    serial=True,
)

GET_CLIENT = LookUp(
    fields={
        **_said("clientId", "name", "description", "appType", "callbacks", "grantTypes", "isFirstParty"),
        **_said("oidcConformant", "tokenEndpointAuthMethod", "allowedLogoutUrls", "webOrigins"),
        "id": Field(wire="client_id"),
    },
    read=(Request("GET", "/api/v2/clients/{clientId}"),),
)

RESOURCES = {
    "auth0:index/connection:Connection": CONNECTION,
    "auth0:index/connectionClient:ConnectionClient": CONNECTION_CLIENT,
}
LOOK_UPS = {"auth0:index/getClient:getClient": GET_CLIENT}
