"""Checks of a stack on Clerk, before the first deployment and afterwards.

They do not check TikTok's consent page: it wants a person to log in before it looks at client key and redirect URI.
"""

import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any

from clerk.connection import ConnectionStatus, Credentials, InstanceRef, enable, read_redirect_uri, read_status
from clerk.platform_api import ClerkError, NotFoundError, PlatformApi
from operations.errors import OperationError, require
from operations.http_client import http_client, json_object
from operations.stack import LiveStack
from operations.verify.check import check
from operations.verify.live import check_no_drift

NO_SIGN_IN = (
    "--sign-in needs a stand-in for TikTok, which a stack on Clerk cannot have: Clerk calls TikTok itself, where a "
    "person has to sign in."
)


@contextmanager
def _clerk_api(stack: LiveStack) -> Generator[tuple[PlatformApi, InstanceRef]]:
    """Yield the Platform API and the stack's instance; a refusal of Clerk raises ``OperationError``."""
    for needed in ("platformKey", "application"):
        require(stack.setting(needed), f"{needed} is not set.")
    api = PlatformApi(stack.setting("apiOrigin"), stack.setting("platformKey"))
    try:
        yield api, InstanceRef(stack.setting("application"), stack.setting("instance"))
    except ClerkError as refused:
        raise OperationError(str(refused)) from None
    finally:
        api.close()


@check("platform key", remedy="Set platformKey to a key of the Platform API (ak_...), which Clerk gives on request.")
def _check_key(stack: LiveStack) -> str:
    with _clerk_api(stack) as (api, ref), suppress(NotFoundError):
        api.get(f"applications/{ref.application}")
    return "Clerk knows it."


@check(
    "application and instance",
    remedy="Compare application and instance with Clerk's dashboard; create a production instance there.",
)
def _check_instance(stack: LiveStack) -> str:
    with _clerk_api(stack) as (api, ref):
        read_redirect_uri(api, ref)
    return f"{ref.application} has a {ref.instance} instance."


def _read_status(stack: LiveStack) -> ConnectionStatus:
    with _clerk_api(stack) as (api, ref):
        return read_status(api, ref)


@check("scope", remedy="Give the platform key the scope applications:manage.")
def _check_scope(stack: LiveStack) -> str:
    return f"the configuration can be read, version {_read_status(stack).version}."


@check("dry run", remedy="Follow Clerk's message: 402 is about your plan, 422 about clientKey and clientSecret.")
def _check_dry_run(stack: LiveStack) -> str:
    """Let Clerk validate what the first deployment will ask for, without doing it."""
    credentials = Credentials(stack.setting("clientKey"), stack.setting("clientSecret"))
    require(credentials.client_key and credentials.client_secret, "clientKey and clientSecret are not both set.")
    ours = bool(stack.outputs) or stack.setting("adopt") == "true"
    with _clerk_api(stack) as (api, ref):
        enable(api, ref, credentials, dry_run=True, adopt=ours)
    return "Clerk takes these credentials."


@check("TikTok is on", remedy="Somebody turned it off: run pulumi up --refresh.")
def _check_on(stack: LiveStack) -> str:
    now = _read_status(stack)
    require(now.enabled, "Clerk says that it is off.")
    return f"in the configuration's version {now.version}."


@check("client key", remedy="Somebody changed it: run pulumi up --refresh.")
def _check_client_key(stack: LiveStack) -> str:
    there, ours = _read_status(stack).client_key, stack.setting("clientKey")
    require(there == ours, f"Clerk sends {there or 'none'}, and the stack has {ours}.")
    return there


@check(
    "redirect URI",
    remedy="The instance has a new domain: run pulumi up --refresh, and register the new redirect URI at TikTok.",
)
def _check_redirect_uri(stack: LiveStack) -> str:
    printed = stack.outputs["tiktok_portal"]["redirect_uri"]
    with _clerk_api(stack) as (api, ref):
        there = read_redirect_uri(api, ref)
    require(printed == there, f"The stack has {printed}, but at Clerk it is now {there}.")
    return printed


def _read_environment(stack: LiveStack) -> dict[str, Any]:
    """Return what the Frontend API publishes at the host of the redirect URI, or raise ``OperationError``."""
    printed = str(stack.outputs["tiktok_portal"]["redirect_uri"])
    with http_client() as clerk:
        answer = clerk.get(printed.replace("/v1/oauth_callback", "/v1/environment"))
    require(answer.status_code == HTTPStatus.OK, f"{answer.url} answers {answer.status_code}.")
    return json_object(answer)


@check("Frontend API", remedy="A production instance needs the DNS records that Clerk's dashboard lists under Domains.")
def _check_frontend(stack: LiveStack) -> str:
    kind = _read_environment(stack).get("display_config", {}).get("instance_environment_type")
    require(kind == stack.setting("instance"), f"It belongs to a {kind} instance.")
    return f"answers for the {kind} instance."


@check(
    "people are offered TikTok",
    remedy="Enable TikTok for sign-up and sign-in in Clerk's dashboard, under SSO connections.",
)
def _check_offered(stack: LiveStack) -> str:
    tiktok = _read_environment(stack).get("user_settings", {}).get("social", {}).get("oauth_tiktok", {})
    require(tiktok.get("enabled"), "The Frontend API does not offer oauth_tiktok.")
    require(tiktok.get("authenticatable"), "oauth_tiktok is on, but not to sign in by.")
    return "oauth_tiktok, to sign in by."


@check(
    "false code refused by TikTok",
    remedy="invalid_client: copy clientKey and clientSecret from TikTok's portal again, and run pulumi up.",
)
def _check_credentials(stack: LiveStack) -> str:
    """TikTok answers invalid_grant to a false code only if client key and secret belong together."""
    form = {
        "grant_type": "authorization_code",
        "client_key": stack.setting("clientKey"),
        "client_secret": stack.setting("clientSecret"),
        "code": secrets.token_urlsafe(),
        "redirect_uri": stack.outputs["tiktok_portal"]["redirect_uri"],
    }
    with http_client() as tiktok:
        answer = tiktok.post(f"{stack.setting('tiktokApiOrigin')}/v2/oauth/token/", data=form)
    said = json_object(answer)
    error, description = said.get("error", "no error"), said.get("error_description", "")
    require(error == "invalid_grant", f"A false code is answered {answer.status_code} {error}: {description}")
    return "TikTok's invalid_grant, so the stack's client key and secret belong together."


PREFLIGHT = (
    _check_key,
    _check_instance,
    _check_scope,
    _check_dry_run,
)

LIVE = (
    _check_instance,
    _check_redirect_uri,
    _check_on,
    _check_client_key,
    _check_frontend,
    _check_offered,
    _check_credentials,
    check_no_drift,
)
