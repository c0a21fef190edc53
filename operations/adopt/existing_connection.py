"""What a connection made by hand looks like, as Auth0's page on TikTok describes it, and what a stack changes of it.

The page: https://auth0.com/docs/authenticate/identity-providers/social-identity-providers/tiktok
"""

from collections.abc import Generator
from typing import Any, cast
from urllib.parse import urlsplit

from operations.errors import OperationError, require
from operations.stack import LiveStack

Connection = dict[str, Any]
# The options that infra sets, as the Management API names them; each of these has its sentence, the secret has none.
_OUR_OPTIONS = frozenset(
    {
        "client_id",
        "client_secret",
        "authorizationURL",
        "tokenURL",
        "scope",
        "upstream_params",
        "scripts",
        "set_user_root_attributes",
        "pkce_enabled",
        "icon_url",
    }
)


def find_connection(stack: LiveStack, connection_id: str) -> Connection:
    """Return the one connection to TikTok that the tenant has, or that of this id, or raise ``OperationError``."""
    known = [
        each for each in stack.auth0.custom_connections() if connection_id in {"", each["id"]} and _is_for_tiktok(each)
    ]
    names = ", ".join(f"{each['id']} ({each['name']})" for each in known)
    what = f"connection {connection_id}" if connection_id else "connection"
    require(known, f"The tenant shows no {what} whose authorize address is TikTok's.")
    require(len(known) == 1, f"There are several connections to TikTok; choose one by --connection: {names}.")
    [connection] = known
    wanted = stack.setting("connectionName")
    if connection["name"] != wanted:
        # A name cannot be changed, and another name is another connection, without the users.
        raise OperationError(
            f"The connection is called {connection['name']}, and the stack's connectionName is {wanted}: "
            f"pulumi config set --stack {stack.name} connectionName {connection['name']}"
        )
    return connection


def _is_for_tiktok(connection: Connection) -> bool:
    host = urlsplit(str(connection.get("options", {}).get("authorizationURL", ""))).hostname or ""
    return host == "tiktok.com" or host.endswith(".tiktok.com")


def describe_changes(stack: LiveStack, connection: Connection) -> list[str]:
    """Say, a sentence each, what the stack's next update changes of a connection; no secret is in it."""
    options = connection["options"]
    changes = [
        f"{what}: {present or 'none'} becomes {wanted or 'none'}."
        for what, present, wanted in _compare(stack, connection)
        if present != wanted
    ]
    enabled = stack.auth0.enabled_applications(connection["id"])
    buttons = [f"{each}: gets the button." for each in stack.texts("applications") if each not in enabled]
    lost = [f"{name}: is lost, for Auth0 replaces options as a whole." for name in sorted(_unknown_options(options))]
    return [*changes, _describe_script(options), *buttons, *lost]


def _compare(stack: LiveStack, connection: Connection) -> Generator[tuple[str, object, object]]:
    """Yield what is set, how it is there, and how the stack wants it; what is left out is as Auth0 takes it then."""
    options = connection["options"]
    client_key = _upstream_params(options).get("client_key", {}).get("value")
    yield "display name", connection.get("display_name", connection["name"]), stack.setting("displayName")
    yield "icon", options.get("icon_url", ""), stack.setting("iconUrl")
    yield "authorize address", options.get("authorizationURL"), f"{stack.setting('tiktokOrigin')}/v2/auth/authorize/"
    yield "token address", options.get("tokenURL"), "the token proxy's"
    yield "client id", options.get("client_id"), stack.setting("clientKey")
    yield "client_key for TikTok", client_key, stack.setting("clientKey")
    yield "scope", _join_scope(options.get("scope")), ",".join(stack.texts("scopes"))
    yield "profile's update", options.get("set_user_root_attributes", "on_each_login"), "on_each_login"
    yield "PKCE", "on" if options.get("pkce_enabled") else "off", "off"


def _join_scope(scope: object) -> object:
    return " ".join(cast("list[str]", scope)) if isinstance(scope, list) else scope


def _upstream_params(options: dict[str, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = options.get("upstream_params") or {}
    return parameters


def _unknown_options(options: dict[str, Any]) -> set[str]:
    """Return the names of what the stack does not set, and so takes away."""
    parameters = {f"upstream_params.{name}" for name in _upstream_params(options).keys() - {"client_key"}}
    return (options.keys() - _OUR_OPTIONS) | parameters


def _describe_script(options: dict[str, Any]) -> str:
    scripts: dict[str, str] = options.get("scripts") or {}
    uses_axios = "axios" in scripts.get("fetchUserProfile", "")
    axios = " It asks for axios, which Auth0's Node 18 and 22 do not have." if uses_axios else ""
    return f"profile script: replaced by infra/fetch_user_profile.js.{axios}"
