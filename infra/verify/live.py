"""What has to hold for people to sign in to a stack that is deployed."""

import json
import secrets
import socket
import ssl
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit

from infra.verify.check import Check, Failed, hold
from infra.verify.client import client, fields
from infra.verify.stack import LiveStack, pulumi

_SECONDS = 10
_LOOPBACK = {"localhost", "127.0.0.1"}


def _reachable(stack: LiveStack) -> str:
    with client() as proxy:
        answer = proxy.get(stack.outputs["token_proxy_url"])
    hold(answer.is_success, f"{answer.url} answers {answer.status_code}.")
    return f"{answer.url} answers."


def _encrypted(stack: LiveStack) -> str:
    """Shake hands by TLS with a checked certificate; http counts on the machine itself only."""
    parts = urlsplit(str(stack.outputs["token_proxy_url"]))
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return "http, on this machine only."
    hold(parts.scheme == "https" and parts.hostname, f"The proxy's address is plain {parts.scheme}.")
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), _SECONDS) as raw,
            ssl.create_default_context().wrap_socket(raw, server_hostname=host) as tls,
        ):
            return f"{tls.version()} with a valid certificate."
    except OSError as error:
        raise Failed(f"No TLS with {host}: {error}.") from None


def _healthy(stack: LiveStack) -> str:
    with client() as proxy:
        answer = proxy.get(stack.outputs["health_url"])
    hold(answer.status_code == HTTPStatus.OK, f"{answer.url} answers {answer.status_code}.")
    return "200."


def _exchange(stack: LiveStack, client_secret: str) -> tuple[int, str, str]:
    """Ask the proxy for a token by a code that nobody issued; return status, error and description."""
    connection = stack.tenant.connection(stack.outputs["connection_id"])
    form = {
        "grant_type": "authorization_code",
        "client_id": connection["options"]["client_id"],
        "client_secret": client_secret,
        "code": secrets.token_urlsafe(),
        "redirect_uri": stack.outputs["tiktok_portal"]["redirect_uri"],
    }
    with client() as proxy:
        answer = proxy.post(f"{stack.outputs['token_proxy_url']}/proxy/token", data=form)
    said = fields(answer)
    return answer.status_code, str(said.get("error", "no error")), str(said.get("error_description", ""))


def _refuses_strangers(stack: LiveStack) -> str:
    status, error, description = _exchange(stack, secrets.token_urlsafe())
    refused = (status, error) == (HTTPStatus.UNAUTHORIZED, "invalid_client")
    hold(refused, f"A wrong client secret is answered {status} {error}: {description}")
    return "401 invalid_client."


def _tiktok_refuses_the_code(stack: LiveStack) -> str:
    """Get TikTok's own no to a false code, which it says only to the right key, secret and address."""
    client_secret = _options(stack).get("client_secret") or stack.setting("clientSecret")
    status, error, description = _exchange(stack, client_secret)
    hold(error == "invalid_grant", f"A false code is answered {status} {error}: {description}")
    return "TikTok's invalid_grant, so key, secret and address are right."


def _options(stack: LiveStack) -> dict[str, str]:
    options = stack.tenant.connection(stack.outputs["connection_id"]).get("options")
    hold(options, "Auth0 shows no options of the connection.")
    return options or {}


def _sends_people_to_tiktok(stack: LiveStack) -> str:
    applications = stack.texts("applications")
    for application in applications:
        _hold_redirect(stack, application, _location(stack, application))
    return f"with client key, commas and redirect URI, from {len(applications)} application(s)."


def _location(stack: LiveStack, application: str) -> str:
    with client() as auth0:
        answer = auth0.get(authorize_address(stack, application))
    return answer.headers.get("location", f"status {answer.status_code}")


def authorize_address(stack: LiveStack, application: str) -> str:
    """Return where a sign-in to ``application`` begins, or raise ``Failed`` where it could not come back."""
    callbacks = stack.tenant.callbacks(application)
    hold(callbacks, f"Application {application} has no Allowed Callback URL.")
    question = {
        "client_id": application,
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": callbacks[0],
        "connection": stack.outputs["connection_name"],
        "state": secrets.token_urlsafe(),
    }
    origin = stack.outputs["tiktok_portal"]["redirect_uri"].removesuffix("/login/callback")
    return f"{origin}/authorize?{urlencode(question)}"


def _hold_redirect(stack: LiveStack, application: str, location: str) -> None:
    address, _, query = location.partition("?")
    sent = {name: values[0] for name, values in parse_qs(query).items()}
    standing_in = stack.setting("tiktokStandIn") == "true"
    key = _options(stack)["client_id"] if standing_in else stack.setting("clientKey")
    path = "/v2/auth/authorize/"
    wanted = urlsplit(address).path == path if standing_in else address == stack.setting("tiktokOrigin") + path
    hold(wanted, f"Application {application} is sent to {address}.")
    portal = stack.outputs["tiktok_portal"]
    expected = {"client_key": key, "scope": ",".join(portal["scopes"]), "redirect_uri": portal["redirect_uri"]}
    for name, value in expected.items():
        hold(sent.get(name) == value, f"Application {application} sends {name}={sent.get(name)}, not {value}.")


def _enabled(stack: LiveStack) -> str:
    enabled, wanted = stack.tenant.enabled(stack.outputs["connection_id"]), stack.texts("applications")
    without = [application for application in wanted if application not in enabled]
    hold(not without, f"The connection is off for {', '.join(without)}.")
    return f"for {len(wanted)} application(s)."


def _no_drift(stack: LiveStack) -> str:
    answer = pulumi("preview", "--refresh", "--expect-no-changes", "--stack", stack.name)
    said = [line.strip() for line in (answer.stdout + answer.stderr).splitlines() if line.strip()]
    hold(answer.returncode == 0, f"The preview would change something: {json.dumps(said[-3:])}")
    return "the stack is as its program says."


CHECKS = (
    Check(
        name="proxy reachable",
        remedy="Look at the service's log in Cloud Run; publicAccess must let Auth0 in. Then run pulumi up --refresh.",
        probe=_reachable,
    ),
    Check(
        name="TLS",
        remedy="Set tokenProxyUrl to an https address whose certificate is valid; a run.app address has one.",
        probe=_encrypted,
    ),
    Check(
        name="health",
        remedy="Look at the service's log in Cloud Run for the line that says why it does not start; then roll back.",
        probe=_healthy,
    ),
    Check(
        name="wrong secret refused",
        remedy="Something else answers there: compare the output token_proxy_url, and run pulumi up --refresh.",
        probe=_refuses_strangers,
    ),
    Check(
        name="false code refused by TikTok",
        remedy="invalid_client: copy clientKey and clientSecret from TikTok's portal again, and run pulumi up. "
        "Anything else: TikTok is not reached; look at the proxy's log, and at tiktokApiOrigin.",
        probe=_tiktok_refuses_the_code,
    ),
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
    Check(
        name="no drift",
        remedy="Look at the difference by pulumi preview --refresh --diff, and take it back by pulumi up --refresh.",
        probe=_no_drift,
    ),
)
