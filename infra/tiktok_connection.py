"""The connection that puts "Sign in with TikTok" on the applications of an Auth0 tenant."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import NotRequired, TypeVar

import pulumi
import pulumi_auth0 as auth0

from infra import vendor_rules as rules
from infra.arguments import check_arguments, raise_for
from infra.token_proxy import TIKTOK_API_ORIGIN, TikTokAppArgs

_TIKTOK_ORIGIN = "https://www.tiktok.com"
_SCRIPT = Path(__file__).with_name("fetch_user_profile.js")
_FUNCTION = "function fetchUserProfile"
_FILLED_IN = "// infra fills in this line"


class UserId(Enum):
    """Which of TikTok's ids becomes the user's id."""

    UNION_ID = "union_id"
    """The same for all apps of an organisation at TikTok."""
    OPEN_ID = "open_id"
    """Another one for each app at TikTok."""


class SignInArgs(TikTokAppArgs):
    """What people see and what an application gets to know about them."""

    applications: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Client ids of the Auth0 applications that get the button, by any names that stay the same."""
    connection_name: NotRequired[str]
    """The connection's name, part of every user's id; by default tiktok."""
    display_name: NotRequired[str]
    """The button's label; by default TikTok."""
    icon_url: NotRequired[pulumi.Input[str]]
    """The button's icon, an https address."""
    scopes: NotRequired[Sequence[str]]
    """The scopes that TikTok is asked for; by default user.info.basic."""
    user_id: NotRequired[UserId]
    """Which of TikTok's ids becomes the user's id; never change it once there are users. By default union_id."""
    ask_every_time: NotRequired[bool]
    """Ask for consent at each sign-in, so that people can change TikTok accounts; by default false."""
    tiktok_origin: NotRequired[pulumi.Input[str]]
    """Origin of TikTok's consent page; by default https://www.tiktok.com."""


_SignIn = TypeVar("_SignIn", bound=SignInArgs)


class TikTokConnectionArgs(SignInArgs):
    """A connection to TikTok through a token proxy."""

    token_url: pulumi.Input[str]
    """The token proxy's token endpoint."""


class TikTokConnection(pulumi.ComponentResource):
    """A social connection to TikTok, enabled for the given applications; all others stay as they are."""

    connection_id: pulumi.Output[str]
    """The connection's id at Auth0."""
    connection_name: pulumi.Output[str]
    """The connection's name."""

    def __init__(self, name: str, args: TikTokConnectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        args = check_sign_in(args)
        super().__init__("tiktok-login:index:TikTokConnection", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        # None rather than false, so that `protect` in the options of this component still counts.
        protect = args.get("protect", True) or None
        connection = auth0.Connection(
            f"{name}-connection",
            name=args.get("connection_name", "tiktok"),
            strategy="oauth2",
            display_name=args.get("display_name", "TikTok"),
            options=_options(args),
            # If a connection is deleted or renamed, all its users lose their accounts.
            opts=pulumi.ResourceOptions.merge(
                child,
                # Metadata that others keep on the connection stays.
                pulumi.ResourceOptions(protect=protect, ignore_changes=["metadata"]),
            ),
        )
        clients = [
            auth0.ConnectionClient(
                f"{name}-on-{application}",
                connection_id=connection.id,
                client_id=client_id,
                opts=child,
            )
            for application, client_id in args.get("applications", {}).items()
        ]
        guard = pulumi.ResourceOptions(depends_on=[connection, *clients], protect=protect)
        DestroyGuard(f"{name}-guard", pulumi.ResourceOptions.merge(child, guard))
        self.connection_id = connection.id
        self.connection_name = connection.name
        self.register_outputs({"connection_id": self.connection_id, "connection_name": self.connection_name})


class DestroyGuard(pulumi.ComponentResource):
    """What `pulumi destroy` has to delete first, because it depends on the rest.

    If it is protected, `pulumi destroy` refuses before it changes anything. Otherwise it would delete the
    ConnectionClients, which must not be protected, so that an application can be taken out of the settings.
    """

    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("tiktok-login:index:DestroyGuard", name, {}, opts)
        self.register_outputs({})


def check_sign_in(args: _SignIn) -> _SignIn:
    """Return checked arguments, or raise ``ArgumentsError`` with everything that Auth0 or TikTok would refuse."""
    checked = check_arguments(args)
    raise_for(rules.scope_problems(checked.get("scopes", [rules.BASIC_SCOPE])))
    return checked


def _options(args: TikTokConnectionArgs) -> auth0.ConnectionOptionsArgsDict:
    """Return all options, because Auth0 replaces them as a whole."""
    user_info_url = pulumi.Output.concat(args.get("tiktok_api_origin", TIKTOK_API_ORIGIN), "/v2/user/info/")
    upstream_params = partial(_upstream_params, ask_every_time=args.get("ask_every_time", False))
    options: auth0.ConnectionOptionsArgsDict = {
        "client_id": args["client_key"],
        "client_secret": args["client_secret"],
        # The trailing slash is part of the address: https://developers.tiktok.com/doc/login-kit-web
        "authorization_endpoint": pulumi.Output.concat(
            args.get("tiktok_origin", _TIKTOK_ORIGIN), "/v2/auth/authorize/"
        ),
        "token_endpoint": args["token_url"],
        # TikTok wants commas, but Auth0 joins scopes with blanks, so the list is one scope to Auth0.
        "scopes": [",".join(args.get("scopes", [rules.BASIC_SCOPE]))],
        "upstream_params": pulumi.Output.from_input(args["client_key"]).apply(upstream_params),
        "scripts": {
            "fetchUserProfile": user_info_url.apply(
                partial(fetch_user_profile, args.get("user_id", UserId.UNION_ID).value)
            )
        },
        # TikTok's links to pictures expire.
        "set_user_root_attributes": "on_each_login",
        "pkce_enabled": False,
    }
    if icon_url := args.get("icon_url"):
        options["icon_url"] = icon_url
    return options


def _upstream_params(client_key: str, *, ask_every_time: bool) -> str:
    """Return what Auth0 adds to the authorization request."""
    params = {"client_key": {"value": client_key}}
    if ask_every_time:
        # https://developers.tiktok.com/doc/login-kit-web
        params["disable_auto_auth"] = {"value": "1"}
    return canonical_json(params)


def fetch_user_profile(user_id: str, user_info_url: str) -> str:
    """Return the profile script for an address and a kind of id: one function, with Unix newlines."""
    # Auth0 may evaluate "return <script>", so nothing may precede the function.
    script = _SCRIPT.read_text(encoding="utf-8")
    constants = json.dumps({"userInfoUrl": user_info_url, "userId": user_id})
    lines = script[script.index(_FUNCTION) :].splitlines()
    filled = [f"  const TIKTOK = {constants}; {_FILLED_IN}" if line.endswith(_FILLED_IN) else line for line in lines]
    return "\n".join(filled) + "\n"


def canonical_json(value: object) -> str:
    """Spell JSON as the provider reads it back (Go's json.Marshal); another spelling would differ in every preview."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for character in "&<>\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
