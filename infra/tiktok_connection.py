"""The connection that puts "Sign in with TikTok" on the applications of an Auth0 tenant."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pulumi
import pulumi_auth0 as auth0

from infra.tiktok_app import TikTokApp

_SCRIPT = Path(__file__).with_name("fetch_user_profile.js")
_MARK = "// infra fills in this line"


class UnknownApplicationError(pulumi.RunError):
    """An application could not be looked up; the engine shows which and why, and no traceback."""


@dataclass(frozen=True, kw_only=True)
class TikTokConnectionArgs:
    """What the connection needs to know."""

    app: TikTokApp
    token_url: pulumi.Input[str]
    connection_name: str
    display_name: str
    icon_url: str
    scopes: tuple[str, ...]
    user_id: str
    applications: tuple[str, ...]
    protect: bool


class TikTokConnection(pulumi.ComponentResource):
    """A social connection to TikTok, enabled for the applications that are named and left alone for all others."""

    connection_id: pulumi.Output[str]
    connection_name: pulumi.Output[str]

    def __init__(self, name: str, args: TikTokConnectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it, or raise ``UnknownApplicationError``."""
        super().__init__("tiktok-login:infra:TikTokConnection", name, {}, opts)
        applications = {client_id: application_name(client_id) for client_id in args.applications}
        connection = auth0.Connection(
            f"{name}-connection",
            name=args.connection_name,
            strategy="oauth2",
            display_name=args.display_name,
            options=_options(args),
            # A connection that is deleted or renamed takes the access of all its users with it.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        for client_id in applications:
            auth0.ConnectionClient(
                f"{name}-on-{client_id}",
                connection_id=connection.id,
                client_id=client_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.connection_id = connection.id
        self.connection_name = connection.name
        self.register_outputs({"connection_id": self.connection_id, "applications": applications})


def _options(args: TikTokConnectionArgs) -> auth0.ConnectionOptionsArgsDict:
    """Return all options, for Auth0 replaces them as a whole."""
    script = args.app.user_info_url.apply(partial(fetch_user_profile, args.user_id))
    options: auth0.ConnectionOptionsArgsDict = {
        "client_id": args.app.client_key,
        "client_secret": args.app.client_secret,
        "authorization_endpoint": args.app.authorize_url,
        "token_endpoint": args.token_url,
        # TikTok wants commas and Auth0 joins with blanks, so the list is one scope to Auth0.
        "scopes": [",".join(args.scopes)],
        "upstream_params": canonical({"client_key": {"value": args.app.client_key}}),
        "scripts": {"fetchUserProfile": script},
        # TikTok's links to pictures expire.
        "set_user_root_attributes": "on_each_login",
        "pkce_enabled": False,
    }
    if args.icon_url:
        options["icon_url"] = args.icon_url
    return options


def fetch_user_profile(user_id: str, user_info_url: str) -> str:
    """Return the profile script for an address and a rule of ids, with one kind of newline."""
    # Auth0 may evaluate "return <script>", so the script begins with the function.
    text = _SCRIPT.read_text(encoding="utf-8")
    lines = text[text.index("function fetchUserProfile") :].splitlines()
    constants = json.dumps({"userInfoUrl": user_info_url, "userId": user_id})
    filled = [f"  const TIKTOK = {constants}; {_MARK}" if line.endswith(_MARK) else line for line in lines]
    return "\n".join(filled) + "\n"


def canonical(value: object) -> str:
    """Spell JSON as the provider reads it back (Go's json.Marshal); any other spelling is a difference for ever."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for character in "&<>\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def application_name(client_id: str) -> str:
    """Return the name of an application, or raise ``UnknownApplicationError`` with Auth0's reason.

    Nothing but the name is kept: the answer holds the application's secret.
    """
    try:
        return auth0.get_client(client_id=client_id).name or ""
    except Exception as error:  # noqa: BLE001  # the SDK raises nothing narrower
        reason = str(error).strip().splitlines()[-1].strip().removeprefix("* ")
        raise UnknownApplicationError(
            f"{pulumi.get_project()}:applications names {client_id}, which could not be looked up in Auth0: {reason}"
        ) from None
