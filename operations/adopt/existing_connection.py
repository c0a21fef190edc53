"""A connection made by hand, as Auth0's page on TikTok describes it, and what a stack changes of it.

The page: https://auth0.com/docs/authenticate/identity-providers/social-identity-providers/tiktok
"""

import json
from collections.abc import Generator
from typing import Any, cast
from urllib.parse import urlsplit

from infra.tiktok_connection import fetch_user_profile
from operations.adopt.profile_script import IDS, ReturnedProfile, returned_profile
from operations.errors import require
from operations.stack import LiveStack

Connection = dict[str, Any]
# The options that infra sets, as the Management API names them.
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
# The fields outside options that the stack sets, or that no connection shows differently.
_OUR_FIELDS = frozenset({"id", "name", "strategy", "display_name", "options", "enabled_clients"})


def find_connection(stack: LiveStack, connection_id: str) -> Connection:
    """Return the tenant's only connection to TikTok, or the one with this id, or raise ``OperationError``."""
    known = [
        each
        for each in stack.auth0.custom_connections()
        if connection_id in {"", each["id"]} and _is_for_tiktok(stack, each)
    ]
    names = ", ".join(f"{each['id']} ({each['name']})" for each in known)
    what = f"connection {connection_id}" if connection_id else "connection"
    require(known, f"The tenant shows no {what} whose authorize address is TikTok's.")
    require(len(known) == 1, f"There are several connections to TikTok: choose one with --connection: {names}.")
    [connection] = known
    name, wanted = connection["name"], stack.setting("connectionName")
    # The name is part of every user's id and cannot be changed.
    require(
        name == wanted,
        f"The connection's name is {name}, but the stack's connectionName is {wanted}: "
        f"pulumi config set --stack {stack.name} connectionName {name}",
    )
    return connection


def _is_for_tiktok(stack: LiveStack, connection: Connection) -> bool:
    address = urlsplit(str(connection.get("options", {}).get("authorizationURL", "")))
    host = address.hostname or ""
    ours = f"{address.scheme}://{address.netloc}" == stack.setting("tiktokOrigin")
    return ours or host == "tiktok.com" or host.endswith(".tiktok.com")


def require_same_users(stack: LiveStack, connection: Connection, returned_id: str) -> None:
    """Raise ``OperationError`` unless the stack's script returns the same id for each person as the connection's.

    ``returned_id`` is the id that the person says the connection's script returns, if that cannot be found out.
    """
    returned, wanted = _profile(connection), stack.setting("userId")
    known = returned.user_id or returned_id
    require(
        known,
        f"It is unknown which id the profile script returns ({returned.evidence}): look at the ids of users in Auth0, "
        "and choose --returns union_id or --returns open_id.",
    )
    require(
        known in IDS,
        f"The profile script returns neither union_id nor open_id ({returned.evidence}): every person would become a "
        "second user. Such a connection cannot be adopted.",
    )
    require(
        known == wanted,
        f"The profile script returns {known} ({returned.evidence}), but the stack's userId is {wanted}: every person "
        f"would become a second user. pulumi config set --stack {stack.name} userId {known}",
    )
    require(
        returned_id in {"", known},
        f"The profile script returns {known} ({returned.evidence}), so --returns must name the same id or be left out.",
    )


def _profile(connection: Connection) -> ReturnedProfile:
    scripts: dict[str, str] = connection["options"].get("scripts") or {}
    return returned_profile(scripts.get("fetchUserProfile", ""))


def describe_changes(stack: LiveStack, connection: Connection) -> list[str]:
    """Return a sentence for each change that the stack's next update makes; none holds a secret."""
    options = connection["options"]
    changes = [
        f"{what}: {present or 'none'} becomes {wanted or 'none'}."
        for what, present, wanted in _compare(stack, connection)
        if present != wanted
    ]
    enabled = stack.auth0.enabled_applications(connection["id"])
    buttons = [f"{each}: gets the button." for each in stack.texts("applications") if each not in enabled]
    lost = [
        f"{name}: is lost, since Auth0 replaces options as a whole."
        for name in sorted(_unknown_options(options, asks_every_time=stack.setting("askEveryTime") == "true"))
    ]
    return [*changes, *_describe_script(stack, connection), *buttons, *lost, *_describe_others(connection)]


def _compare(stack: LiveStack, connection: Connection) -> Generator[tuple[str, object, object]]:
    """Yield the name, present value and wanted value of each option; what is missing has Auth0's default."""
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


def _unknown_options(options: dict[str, Any], *, asks_every_time: bool) -> set[str]:
    """Return the names of the options that the stack does not set and therefore removes."""
    ours = {"client_key", "disable_auto_auth"} if asks_every_time else {"client_key"}
    parameters = {f"upstream_params.{name}" for name in _upstream_params(options).keys() - ours}
    return (options.keys() - _OUR_OPTIONS) | parameters


def _describe_script(stack: LiveStack, connection: Connection) -> list[str]:
    scripts: dict[str, str] = connection["options"].get("scripts") or {}
    uses_axios = "axios" in scripts.get("fetchUserProfile", "")
    axios = " It needs axios, which Auth0's Node 18 and 22 do not have." if uses_axios else ""
    returned = _profile(connection)
    ours = returned_profile(fetch_user_profile(stack.setting("userId"), "https://open.tiktokapis.com/v2/user/info/"))
    return [
        f"profile script: infra/fetch_user_profile.js replaces it.{axios}",
        f"user id: the script returns {returned.user_id or 'an unknown id'} ({returned.evidence}).",
        *(
            f"profile field {name}: is lost, since infra/fetch_user_profile.js does not return it."
            for name in sorted(returned.fields - ours.fields)
        ),
        *(f"script {name}: is lost." for name in sorted(scripts.keys() - {"fetchUserProfile"})),
    ]


def _describe_others(connection: Connection) -> list[str]:
    """Say what stays of the fields outside ``options``, unless it is Auth0's default."""
    usual = {
        "realms": [connection["name"]],
        "is_domain_connection": False,
        "authentication": {"active": True},
        "connected_accounts": {"active": False},
        "metadata": {},
    }
    return [
        f"{name}: stays {json.dumps(value)}."
        for name, value in sorted(connection.items())
        if name not in _OUR_FIELDS and value != usual.get(name)
    ]
