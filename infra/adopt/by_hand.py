"""What a connection made by hand looks like, as Auth0's page on TikTok describes it, and what a stack changes of it.

The page: https://auth0.com/docs/authenticate/identity-providers/social-identity-providers/tiktok
"""

from typing import Any
from urllib.parse import urlsplit

from infra.verify.check import Failed, hold
from infra.verify.stack import LiveStack

Connection = dict[str, Any]
# How the Management API names what infra sets; the secret and the script are told of in words.
_OURS = frozenset(
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


def found(stack: LiveStack, connection_id: str) -> Connection:
    """Return the one connection to TikTok that the tenant has, or that of this id, or raise ``Failed``."""
    known = [each for each in stack.tenant.connections() if connection_id in {"", each["id"]} and _is_tiktoks(each)]
    names = ", ".join(f"{each['id']} ({each['name']})" for each in known)
    hold(known, "The tenant shows no connection whose authorize address is TikTok's.")
    hold(len(known) == 1, f"There are several connections to TikTok; choose one by --connection: {names}.")
    [connection] = known
    wanted = stack.setting("connectionName")
    if connection["name"] != wanted:
        # A name cannot be changed, and another name is another connection, without the users.
        raise Failed(
            f"The connection is called {connection['name']}, and the stack's connectionName is {wanted}: "
            f"pulumi config set --stack {stack.name} connectionName {connection['name']}"
        )
    return connection


def _is_tiktoks(connection: Connection) -> bool:
    host = urlsplit(str(connection.get("options", {}).get("authorizationURL", ""))).hostname or ""
    return host == "tiktok.com" or host.endswith(".tiktok.com")


def differences(stack: LiveStack, connection: Connection) -> list[str]:
    """Say, a sentence each, what the stack's next update changes of a connection; no secret is in it."""
    options = connection["options"]
    sentences = [
        _address(
            "authorize address", options.get("authorizationURL"), f"{stack.setting('tiktokOrigin')}/v2/auth/authorize/"
        ),
        f"token address: {options.get('tokenURL')} becomes the token proxy's.",
        _address("client id", options.get("client_id"), stack.setting("clientKey")),
        _address("scope", _joined(options.get("scope")), ",".join(stack.texts("scopes"))),
        _upstream(options),
        _script(options),
        *(f"{name}: is lost, for Auth0 replaces options as a whole." for name in sorted(options.keys() - _OURS)),
    ]
    return [sentence for sentence in sentences if sentence]


def _address(what: str, present: object, wanted: str) -> str:
    return "" if present == wanted else f"{what}: {present} becomes {wanted}."


def _joined(scope: object) -> str:
    return " ".join(map(str, scope)) if isinstance(scope, list) else str(scope)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # from JSON


def _upstream(options: dict[str, Any]) -> str:
    has_key = "client_key" in (options.get("upstream_params") or {})
    return "" if has_key else "upstream_params: missing; client_key is sent to TikTok from now on."


def _script(options: dict[str, Any]) -> str:
    scripts: dict[str, str] = options.get("scripts") or {}
    script = scripts.get("fetchUserProfile", "")
    axios = " It asks for axios, which Auth0's Node 18 and 22 do not have." if "axios" in script else ""
    return f"profile script: replaced by infra/fetch_user_profile.js.{axios}"
