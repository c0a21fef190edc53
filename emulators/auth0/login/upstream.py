"""What Auth0 says to the provider: where it sends the browser, and how it exchanges the code."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2

from emulators.auth0.login.failures import SignInRefused
from emulators.auth0.login.hops import Hop, masked, timed
from emulators.auth0.login.state import Login, SignIn
from emulators.auth0.state import Record
from emulators.auth0.switches import Switches

_REDIRECTS = {301, 302}
Answer = dict[str, Any]


def s256(verifier: str) -> str:
    """Return the code challenge of a verifier (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def provider_address(connection: Record, sign_in: SignIn, state: str, switches: Switches) -> str:
    """Return where the browser is sent; ``upstream_params`` come along by value or by alias.

    https://auth0.com/docs/authenticate/identity-providers/pass-parameters-to-idps
    """
    options = connection["options"]
    address = _option(options, "authorizationURL")
    query: dict[str, str] = {
        "response_type": "code",
        "client_id": _option(options, "client_id"),
        "redirect_uri": sign_in.upstream_redirect_uri,
        "scope": _scope(options, sign_in, switches),
        "state": state,
    }
    if options.get("pkce_enabled"):
        sign_in.upstream_verifier = secrets.token_urlsafe(48)
        query |= {"code_challenge": s256(sign_in.upstream_verifier), "code_challenge_method": "S256"}
    params = _upstream_params(options, sign_in)
    query = {**query, **params} if switches.upstream_params_win else {**params, **query}
    sign_in.hops.append(
        Hop(sender="Auth0, by the browser", receiver="TikTok", request=f"GET {address}", sent=masked(query))
    )
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _option(options: Record, name: str) -> str:
    if not options.get(name):
        raise SignInRefused("invalid_request", f"The connection has no {name}")
    return options[name]


def _scope(options: Record, sign_in: SignIn, switches: Switches) -> str:
    """Join the connection's scopes, and those of ``connection_scope`` by comma, or by blank if the connection says so.

    https://auth0.com/docs/authenticate/identity-providers/adding-scopes-for-an-external-idp
    """
    stored: str | list[str] = options.get("scope") or []
    joined = stored if isinstance(stored, str) else switches.scope_joiner.join(stored)
    more = [scope for scope in sign_in.asked.get("connection_scope", "").split(",") if scope]
    return (" " if options.get("useOauthSpecScope") else ",").join([*([joined] if joined else []), *more])


def _upstream_params(options: Record, sign_in: SignIn) -> dict[str, str]:
    found: dict[str, str] = {}
    params: dict[str, dict[str, str]] = options.get("upstream_params") or {}
    for name, source in params.items():
        value = source.get("value") or sign_in.asked.get(source.get("alias", ""))
        if value:
            found[name] = value
    return found


async def exchanged_code(connection: Record, sign_in: SignIn, code: str, login: Login, switches: Switches) -> Answer:
    """Exchange a code at the connection's token URL, with the credentials in the body, as node-oauth does.

    Any 2xx counts, and so do 301 and 302, which are not followed; whatever is not a token is a ``SignInRefused``.
    """
    options = connection["options"]
    address = options.get("tokenURL", "")
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": sign_in.upstream_redirect_uri,
        "client_id": options["client_id"],
        "client_secret": options.get("client_secret", ""),
        "code": code,
    } | ({"code_verifier": sign_in.upstream_verifier} if sign_in.upstream_verifier else {})
    hop = Hop(sender="Auth0", receiver="token proxy", request=f"POST {address}", sent=masked(form))
    sign_in.hops.append(hop)
    with timed(hop):
        response = await _post(address, form, options.get("customHeaders") or {}, login, switches)
    answer = _parsed(response.text)
    hop.status, hop.answered = response.status_code, masked(answer)
    if not (response.is_success or response.status_code in _REDIRECTS):
        details = {"oauthError": {"statusCode": response.status_code, "data": response.text[:1000]}}
        raise _refused(switches, details)
    if not answer.get("access_token"):
        raise _refused(switches, {"reason": "no access_token in the answer"})
    return answer


async def _post(
    address: str, form: dict[str, str], headers: dict[str, str], login: Login, switches: Switches
) -> httpx2.Response:
    own = {"User-Agent": switches.upstream_user_agent, **headers}
    try:
        # A request of its own carries nothing but these headers: node-oauth sends no Accept either.
        request = httpx2.Request("POST", address, data=form, headers=own)
        async with httpx2.AsyncClient(verify=login.trust, timeout=switches.upstream_seconds, trust_env=False) as client:
            return await client.send(request)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _refused(switches, {"reason": f"{type(error).__name__}: {error}"}) from None


def _refused(switches: Switches, details: object) -> SignInRefused:
    return SignInRefused(switches.token_failure_error, switches.token_failure_description, details=details)


def _parsed(text: str) -> Answer:
    try:
        answer: Any = json.loads(text)
    except ValueError:
        answer = dict(parse_qsl(text))
    return answer if isinstance(answer, dict) else {}  # pyright: ignore[reportUnknownVariableType]  # JSON
