"""Checks of a deployed stack: the token proxy, the connection at Auth0, and the way from an application to TikTok."""

import json
import secrets
import socket
import ssl
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit

from operations.errors import OperationError, require
from operations.http_client import http_client, json_object
from operations.stack import LiveStack, run_pulumi
from operations.verify.check import check

_SECONDS = 10
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_AUTHORIZE_PATH = "/v2/auth/authorize/"


@check(
    "Auth0 login",
    remedy="Compare auth0:domain, auth0:clientId and the application's secret or key with Auth0's dashboard, and "
    "authorize the application for the Auth0 Management API.",
)
def check_auth0_login(stack: LiveStack) -> str:
    return f"acts as {stack.auth0.identity}."


@check(
    "proxy reachable",
    remedy="Read the service's log in Cloud Run. publicAccess must let Auth0 in. Then run pulumi up --refresh.",
)
def _check_reachable(stack: LiveStack) -> str:
    with http_client() as proxy:
        answer = proxy.get(stack.outputs["proxy_url"])
    require(answer.is_success, f"{answer.url} answers {answer.status_code}.")
    return f"{answer.url} answers."


@check("TLS", remedy="Set proxyUrl to an https address with a valid certificate; a run.app address has one.")
def _check_tls(stack: LiveStack) -> str:
    parts = urlsplit(str(stack.outputs["proxy_url"]))
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return "http, on this machine only."
    require(parts.scheme == "https" and parts.hostname, f"The proxy's address is plain {parts.scheme}.")
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), _SECONDS) as raw,
            ssl.create_default_context().wrap_socket(raw, server_hostname=host) as tls,
        ):
            return f"{tls.version()} with a valid certificate."
    except OSError as error:
        raise OperationError(f"No TLS with {host}: {error}.") from None


@check("health", remedy="Read the service's log in Cloud Run: it says why the service does not start. Then roll back.")
def _check_health(stack: LiveStack) -> str:
    with http_client() as proxy:
        answer = proxy.get(stack.outputs["health_url"])
    require(answer.status_code == HTTPStatus.OK, f"{answer.url} answers {answer.status_code}.")
    return "200."


def _exchange_invented_code(stack: LiveStack, client_key: str, client_secret: str) -> tuple[int, str, str]:
    """Ask the proxy for a token with a code that nobody issued; return status, error and description."""
    form = {
        "grant_type": "authorization_code",
        "client_id": client_key,
        "client_secret": client_secret,
        "code": secrets.token_urlsafe(),
        "redirect_uri": stack.outputs["tiktok_portal"]["redirect_uri"],
    }
    with http_client() as proxy:
        answer = proxy.post(f"{stack.outputs['proxy_url']}/proxy/token", data=form)
    body = json_object(answer)
    return answer.status_code, str(body.get("error", "no error")), str(body.get("error_description", ""))


@check(
    "wrong secret refused",
    remedy="Another service answers there. Compare the output proxy_url, and run pulumi up --refresh.",
)
def _check_wrong_secret(stack: LiveStack) -> str:
    options = stack.auth0.connection_options(stack.outputs["connection_id"])
    status, error, description = _exchange_invented_code(stack, options.get("client_id", ""), secrets.token_urlsafe())
    refused = (status, error) == (HTTPStatus.UNAUTHORIZED, "invalid_client")
    require(refused, f"The answer to a wrong client secret is {status} {error}: {description}")
    return "401 invalid_client."


@check(
    "false code refused by TikTok",
    remedy="invalid_client: copy clientKey and clientSecret from TikTok's portal again, and run pulumi up. "
    "Anything else: the proxy does not reach TikTok; read its log, and check tiktokApiOrigin.",
)
def _check_tiktok_refuses_the_code(stack: LiveStack) -> str:
    """TikTok answers invalid_grant to a false code only if key, secret and address are right."""
    options = stack.auth0.connection_options(stack.outputs["connection_id"])
    client_secret = options.get("client_secret") or stack.setting("clientSecret")
    status, error, description = _exchange_invented_code(stack, options.get("client_id", ""), client_secret)
    require(error == "invalid_grant", f"The answer to a false code is {status} {error}: {description}")
    return "TikTok answers invalid_grant, so key, secret and address are right."


@check(
    "connection enabled", remedy="Run pulumi up --refresh: it enables the connection for every entry of applications."
)
def _check_enabled(stack: LiveStack) -> str:
    enabled, wanted = stack.auth0.enabled_applications(stack.outputs["connection_id"]), stack.texts("applications")
    missing = [application for application in wanted if application not in enabled]
    require(not missing, f"The connection is off for {', '.join(missing)}.")
    return f"for {len(wanted)} application(s)." if wanted else "the stack names no application."


@check(
    "people are sent to TikTok",
    remedy="Somebody edited the connection: run pulumi up --refresh. If an application has no callback, add one in "
    "Auth0's dashboard.",
)
def _check_redirect_to_tiktok(stack: LiveStack) -> str:
    applications = stack.texts("applications")
    for application in applications:
        address, _, query = _authorize_redirect(stack, application).partition("?")
        require(_is_authorize_address(stack, address), f"Application {application} sends people to {address}.")
        sent = {name: values[0] for name, values in parse_qs(query).items()}
        for name, value in _expected_parameters(stack).items():
            require(sent.get(name) == value, f"Application {application} sends {name}={sent.get(name)}, not {value}.")
    if not applications:
        return "not checked: the stack names no application."
    return f"with client key, commas and redirect URI, from {len(applications)} application(s)."


def _authorize_redirect(stack: LiveStack, application: str) -> str:
    with http_client() as auth0:
        answer = auth0.get(authorize_address(stack, application))
    return answer.headers.get("location", f"status {answer.status_code}")


def authorize_address(stack: LiveStack, application: str) -> str:
    """Return the address where a sign-in to ``application`` begins, or raise ``OperationError``."""
    query = {
        "client_id": application,
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": callback(stack, application),
        "connection": stack.outputs["connection_name"],
        "state": secrets.token_urlsafe(),
    }
    origin = stack.outputs["tiktok_portal"]["redirect_uri"].removesuffix("/login/callback")
    return f"{origin}/authorize?{urlencode(query)}"


def callback(stack: LiveStack, application: str) -> str:
    """Return a callback of ``application``, an https one if it has one, or raise ``OperationError``.

    For a callback on loopback Auth0 shows a page of its own at the end:
    https://auth0.com/docs/secure/security-guidance/measures-against-app-impersonation
    """
    # A wildcard matches callbacks, but is not one.
    allowed = [address for address in stack.auth0.callbacks(application) if "*" not in address]
    require(allowed, f"Application {application} has no Allowed Callback URL.")
    return min(allowed, key=_is_unverifiable)


def _is_unverifiable(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme not in {"http", "https"} or parts.hostname in _LOOPBACK


def _is_authorize_address(stack: LiveStack, address: str) -> bool:
    if stack.setting("tiktokStandIn") == "true":
        return urlsplit(address).path == _AUTHORIZE_PATH
    return address == stack.setting("tiktokOrigin") + _AUTHORIZE_PATH


def _expected_parameters(stack: LiveStack) -> dict[str, str]:
    """Return what Auth0 must send to TikTok. The stand-in has a client key of its own."""
    portal, has_stand_in = stack.outputs["tiktok_portal"], stack.setting("tiktokStandIn") == "true"
    options = stack.auth0.connection_options(stack.outputs["connection_id"])
    key = options.get("client_id", "") if has_stand_in else stack.setting("clientKey")
    return {"client_key": key, "scope": ",".join(portal["scopes"]), "redirect_uri": portal["redirect_uri"]}


@check("no drift", remedy="Run pulumi preview --refresh --diff to see the difference. pulumi up --refresh undoes it.")
def check_no_drift(stack: LiveStack) -> str:
    done = run_pulumi("preview", "--refresh", "--expect-no-changes", "--stack", stack.name, "--cwd", stack.folder)
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    require(done.returncode == 0, f"The preview fails or would change something: {json.dumps(lines[-3:])}")
    return "the stack is as its program says."


LIVE = (
    check_auth0_login,
    _check_reachable,
    _check_tls,
    _check_health,
    _check_wrong_secret,
    _check_tiktok_refuses_the_code,
    _check_enabled,
    _check_redirect_to_tiktok,
    check_no_drift,
)
