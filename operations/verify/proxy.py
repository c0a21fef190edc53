"""What has to hold of the token proxy, as anybody reaches it."""

import secrets
import socket
import ssl
from http import HTTPStatus
from urllib.parse import urlsplit

from operations.verify.check import Check, Failed, hold
from operations.verify.client import client, fields
from operations.verify.stack import LiveStack

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


def _exchange(stack: LiveStack, client_key: str, client_secret: str) -> tuple[int, str, str]:
    """Ask the proxy for a token by a code that nobody issued; return status, error and description."""
    form = {
        "grant_type": "authorization_code",
        "client_id": client_key,
        "client_secret": client_secret,
        "code": secrets.token_urlsafe(),
        "redirect_uri": stack.outputs["tiktok_portal"]["redirect_uri"],
    }
    with client() as proxy:
        answer = proxy.post(f"{stack.outputs['token_proxy_url']}/proxy/token", data=form)
    said = fields(answer)
    return answer.status_code, str(said.get("error", "no error")), str(said.get("error_description", ""))


def _refuses_strangers(stack: LiveStack) -> str:
    options = stack.tenant.options(stack.outputs["connection_id"])
    status, error, description = _exchange(stack, options.get("client_id", ""), secrets.token_urlsafe())
    refused = (status, error) == (HTTPStatus.UNAUTHORIZED, "invalid_client")
    hold(refused, f"A wrong client secret is answered {status} {error}: {description}")
    return "401 invalid_client."


def _tiktok_refuses_the_code(stack: LiveStack) -> str:
    """Get TikTok's own no to a false code, which it says only to the right key, secret and address."""
    options = stack.tenant.options(stack.outputs["connection_id"])
    client_secret = options.get("client_secret") or stack.setting("clientSecret")
    status, error, description = _exchange(stack, options.get("client_id", ""), client_secret)
    hold(error == "invalid_grant", f"A false code is answered {status} {error}: {description}")
    return "TikTok's invalid_grant, so key, secret and address are right."


PROXY = (
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
)
