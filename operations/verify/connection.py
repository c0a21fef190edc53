"""What has to hold of the connection at Auth0, and of the way from an application through it to TikTok."""

import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from operations.verify.check import Check, hold
from operations.verify.client import client
from operations.verify.stack import LiveStack


def _enabled(stack: LiveStack) -> str:
    enabled, wanted = stack.tenant.enabled(stack.outputs["connection_id"]), stack.texts("applications")
    without = [application for application in wanted if application not in enabled]
    hold(not without, f"The connection is off for {', '.join(without)}.")
    return f"for {len(wanted)} application(s)." if wanted else "the stack names no application."


def _sends_people_to_tiktok(stack: LiveStack) -> str:
    applications = stack.texts("applications")
    for application in applications:
        address, _, query = _location(stack, application).partition("?")
        hold(_is_tiktoks(stack, address), f"Application {application} is sent to {address}.")
        sent = {name: values[0] for name, values in parse_qs(query).items()}
        for name, value in _expected(stack).items():
            hold(sent.get(name) == value, f"Application {application} sends {name}={sent.get(name)}, not {value}.")
    if not applications:
        return "not asked: the stack names no application."
    return f"with client key, commas and redirect URI, from {len(applications)} application(s)."


def _location(stack: LiveStack, application: str) -> str:
    with client() as auth0:
        answer = auth0.get(authorize_address(stack, application))
    return answer.headers.get("location", f"status {answer.status_code}")


def authorize_address(stack: LiveStack, application: str) -> str:
    """Return where a sign-in to ``application`` begins, or raise ``Failed`` where it could not come back."""
    question = {
        "client_id": application,
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": callback(stack, application),
        "connection": stack.outputs["connection_name"],
        "state": secrets.token_urlsafe(),
    }
    origin = stack.outputs["tiktok_portal"]["redirect_uri"].removesuffix("/login/callback")
    return f"{origin}/authorize?{urlencode(question)}"


def callback(stack: LiveStack, application: str) -> str:
    """Return where a sign-in to ``application`` may come back to, or raise ``Failed``."""
    # A wildcard stands for callbacks, and is none itself.
    allowed = [address for address in stack.tenant.callbacks(application) if "*" not in address]
    hold(allowed, f"Application {application} has no Allowed Callback URL.")
    return allowed[0]


def _is_tiktoks(stack: LiveStack, address: str) -> bool:
    path = "/v2/auth/authorize/"
    if stack.setting("tiktokStandIn") == "true":
        return urlsplit(address).path == path
    return address == stack.setting("tiktokOrigin") + path


def _expected(stack: LiveStack) -> dict[str, str]:
    """Return what TikTok is to be told, as the stack has it; the stand-in has a client key of its own."""
    portal, standing_in = stack.outputs["tiktok_portal"], stack.setting("tiktokStandIn") == "true"
    options = stack.tenant.options(stack.outputs["connection_id"])
    key = options.get("client_id", "") if standing_in else stack.setting("clientKey")
    return {"client_key": key, "scope": ",".join(portal["scopes"]), "redirect_uri": portal["redirect_uri"]}


CONNECTION = (
    Check(
        name="connection enabled",
        remedy="Run pulumi up --refresh: it switches the connection on for every entry of applications.",
        probe=_enabled,
    ),
    Check(
        name="people are sent to TikTok",
        remedy="Somebody edited the connection: run pulumi up --refresh. An application without a callback gets one in "
        "Auth0's dashboard.",
        probe=_sends_people_to_tiktok,
    ),
)
