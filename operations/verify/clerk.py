"""Checks of a stack on Clerk, before the first deployment and afterwards.

TikTok's consent page is not asked: it wants everybody to log in before it looks at client key and redirect URI.
"""

import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any

from clerk.connection import Credentials, Found, Place, callback, found, turn_on
from clerk.platform_api import ClerkError, NotFound, PlatformApi
from operations.verify.check import Check, Failed, hold
from operations.verify.client import client, fields
from operations.verify.live import NO_DRIFT
from operations.verify.stack import LiveStack

NO_SIGN_IN = (
    "--sign-in needs a stand-in for TikTok, which no stack on Clerk can have: Clerk asks TikTok itself, where a person "
    "has to sign in."
)


@contextmanager
def _asking(stack: LiveStack) -> Generator[tuple[PlatformApi, Place]]:
    """Yield the Platform API for the stack's key, and where TikTok is; what Clerk refuses raises ``Failed``."""
    for needed in ("platformKey", "application"):
        hold(stack.setting(needed), f"{needed} is not set.")
    api = PlatformApi(stack.setting("apiOrigin"), stack.setting("platformKey"))
    try:
        yield api, Place(stack.setting("application"), stack.setting("instance"))
    except ClerkError as refused:
        raise Failed(str(refused)) from None
    finally:
        api.close()


def _key_accepted(stack: LiveStack) -> str:
    with _asking(stack) as (api, place), suppress(NotFound):
        api.get(f"applications/{place.application}")
    return "Clerk knows it."


def _instance(stack: LiveStack) -> str:
    with _asking(stack) as (api, place):
        callback(api, place)
    return f"{place.application} has a {place.instance} instance."


def _found(stack: LiveStack) -> Found:
    with _asking(stack) as (api, place):
        return found(api, place)


def _scope(stack: LiveStack) -> str:
    return f"the configuration can be read, version {_found(stack).version}."


def _would_be_turned_on(stack: LiveStack) -> str:
    """Have Clerk try, by a dry run, what the first deployment will ask for."""
    credentials = Credentials(stack.setting("clientKey"), stack.setting("clientSecret"))
    hold(credentials.client_key and credentials.client_secret, "clientKey and clientSecret are not both set.")
    ours = bool(stack.outputs) or stack.setting("adopt") == "true"
    with _asking(stack) as (api, place):
        turn_on(api, place, credentials, dry_run=True, unless_on=not ours)
    return "Clerk takes these credentials."


def _on(stack: LiveStack) -> str:
    now = _found(stack)
    hold(now.on, "Clerk says that it is off.")
    return f"in the configuration's version {now.version}."


def _client_key(stack: LiveStack) -> str:
    there, ours = _found(stack).client_key, stack.setting("clientKey")
    hold(there == ours, f"Clerk sends {there or 'none'}, and the stack has {ours}.")
    return there


def _redirect_uri(stack: LiveStack) -> str:
    printed = stack.outputs["tiktok_portal"]["redirect_uri"]
    with _asking(stack) as (api, place):
        there = callback(api, place)
    hold(printed == there, f"The stack says {printed}, and Clerk by now {there}.")
    return printed


def _environment(stack: LiveStack) -> dict[str, Any]:
    """Return what the Frontend API tells anybody, at the host of the redirect URI, or raise ``Failed``."""
    printed = str(stack.outputs["tiktok_portal"]["redirect_uri"])
    with client() as clerk:
        answer = clerk.get(printed.replace("/v1/oauth_callback", "/v1/environment"))
    hold(answer.status_code == HTTPStatus.OK, f"{answer.url} answers {answer.status_code}.")
    return fields(answer)


def _frontend(stack: LiveStack) -> str:
    kind = _environment(stack).get("display_config", {}).get("instance_environment_type")
    hold(kind == stack.setting("instance"), f"It belongs to a {kind} instance.")
    return f"answers for the {kind} instance."


def _offered(stack: LiveStack) -> str:
    tiktok = _environment(stack).get("user_settings", {}).get("social", {}).get("oauth_tiktok", {})
    hold(tiktok.get("enabled"), "The Frontend API does not offer oauth_tiktok.")
    hold(tiktok.get("authenticatable"), "oauth_tiktok is on, but not to sign in by.")
    return "oauth_tiktok, to sign in by."


def _credentials(stack: LiveStack) -> str:
    """Get TikTok's own no to a false code, which it says only to a client key and a secret that belong together."""
    form = {
        "grant_type": "authorization_code",
        "client_key": stack.setting("clientKey"),
        "client_secret": stack.setting("clientSecret"),
        "code": secrets.token_urlsafe(),
        "redirect_uri": stack.outputs["tiktok_portal"]["redirect_uri"],
    }
    with client() as tiktok:
        answer = tiktok.post(f"{stack.setting('tiktokApiOrigin')}/v2/oauth/token/", data=form)
    said = fields(answer)
    error, description = said.get("error", "no error"), said.get("error_description", "")
    hold(error == "invalid_grant", f"A false code is answered {answer.status_code} {error}: {description}")
    return "TikTok's invalid_grant, so the stack's client key and secret belong together."


_INSTANCE = Check(
    name="application and instance",
    remedy="Compare application and instance with Clerk's dashboard; a production instance is made there.",
    probe=_instance,
)

PREFLIGHT = (
    Check(
        name="platform key",
        remedy="Set platformKey to a key of the Platform API (ak_...), which Clerk gives on request.",
        probe=_key_accepted,
    ),
    _INSTANCE,
    Check(name="scope", remedy="Give the platform key the scope applications:manage.", probe=_scope),
    Check(
        name="dry run",
        remedy="Do as Clerk says: 402 is about your plan, 422 about clientKey and clientSecret.",
        probe=_would_be_turned_on,
    ),
)

LIVE = (
    _INSTANCE,
    Check(
        name="redirect URI",
        remedy="The instance has another domain by now: run pulumi up --refresh, and give TikTok's portal the new one.",
        probe=_redirect_uri,
    ),
    Check(name="TikTok is on", remedy="Somebody turned it off: run pulumi up --refresh.", probe=_on),
    Check(name="client key", remedy="Somebody changed it: run pulumi up --refresh.", probe=_client_key),
    Check(
        name="Frontend API",
        remedy="A production instance needs the DNS records that Clerk's dashboard lists under Domains.",
        probe=_frontend,
    ),
    Check(
        name="people are offered TikTok",
        remedy="Where TikTok is on, enable it for sign-up and sign-in, too, in Clerk's dashboard, SSO connections.",
        probe=_offered,
    ),
    Check(
        name="false code refused by TikTok",
        remedy="invalid_client: copy clientKey and clientSecret from TikTok's portal again, and run pulumi up.",
        probe=_credentials,
    ),
    NO_DRIFT,
)
