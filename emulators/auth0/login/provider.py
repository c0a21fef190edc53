"""Requests to the identity provider: the browser's redirect and the exchange of its code."""

import hashlib
import json
import ssl
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2

from emulators.auth0.assumptions import Assumptions
from emulators.auth0.errors import SignInError
from emulators.auth0.login.state import AuthorizationRequest, PendingSignIn
from emulators.auth0.state import Record

_REDIRECTS = {301, 302}
Answer = dict[str, Any]


def s256(verifier: str) -> str:
    """Return the code challenge of a verifier (RFC 7636, section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def provider_address(connection: Record, pending: PendingSignIn, state: str, assumptions: Assumptions) -> str:
    """Return where the browser is sent; ``upstream_params`` are added by value or by alias.

    https://auth0.com/docs/authenticate/identity-providers/pass-parameters-to-idps
    """
    options, authorization = connection["options"], pending.request
    query: dict[str, str] = {
        "response_type": "code",
        "client_id": _option(options, "client_id"),
        "redirect_uri": authorization.provider_callback,
        "scope": _scope(options, authorization, assumptions),
        "state": state,
    }
    if pending.code_verifier:
        query |= {"code_challenge": s256(pending.code_verifier), "code_challenge_method": "S256"}
    params = _upstream_params(options, authorization)
    query = {**query, **params} if assumptions.upstream_params_win else {**params, **query}
    address = _option(options, "authorizationURL")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _option(options: Record, name: str) -> str:
    if not options.get(name):
        raise SignInError("invalid_request", f"The connection has no {name}")
    return options[name]


def _scope(options: Record, authorization: AuthorizationRequest, assumptions: Assumptions) -> str:
    """Join the connection's scopes, then those of ``connection_scope``, by blank if ``useOauthSpecScope`` is set.

    https://auth0.com/docs/authenticate/identity-providers/adding-scopes-for-an-external-idp
    """
    stored: str | list[str] = options.get("scope") or []
    joined = stored if isinstance(stored, str) else assumptions.scope_joiner.join(stored)
    more = [scope for scope in authorization.parameters.get("connection_scope", "").split(",") if scope]
    return (" " if options.get("useOauthSpecScope") else ",").join([*([joined] if joined else []), *more])


def _upstream_params(options: Record, authorization: AuthorizationRequest) -> dict[str, str]:
    found: dict[str, str] = {}
    params: dict[str, dict[str, str]] = options.get("upstream_params") or {}
    for name, source in params.items():
        value = source.get("value") or authorization.parameters.get(source.get("alias", ""))
        if value:
            found[name] = value
    return found


async def exchange_code(connection: Record, pending: PendingSignIn, code: str, assumptions: Assumptions) -> Answer:
    """Exchange a code at the connection's token URL, with the credentials in the body, as node-oauth does.

    Any 2xx counts as success, as do 301 and 302, which are not followed. Anything but a token is a ``SignInError``.
    """
    options = connection["options"]
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": pending.request.provider_callback,
        "client_id": options["client_id"],
        "client_secret": options.get("client_secret", ""),
        "code": code,
    } | ({"code_verifier": pending.code_verifier} if pending.code_verifier else {})
    # node-oauth sends no other header, not even Accept (https://github.com/ciaranj/node-oauth, lib/oauth2.js).
    custom_headers: dict[str, str] = options.get("customHeaders") or {}
    headers = {"User-Agent": "Node-oauth", **custom_headers}
    trust = _trust(ssl.get_default_verify_paths())
    try:
        request = httpx2.Request("POST", options.get("tokenURL", ""), data=form, headers=headers)
        async with httpx2.AsyncClient(verify=trust, timeout=assumptions.upstream_seconds, trust_env=False) as client:
            response = await client.send(request)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _token_error(assumptions, {"reason": f"{type(error).__name__}: {error}"}) from None
    answer = _parsed(response.text)
    if not (response.is_success or response.status_code in _REDIRECTS):
        details = {"oauthError": {"statusCode": response.status_code, "data": response.text[:1000]}}
        raise _token_error(assumptions, details)
    if not answer.get("access_token"):
        raise _token_error(assumptions, {"reason": "no access_token in the answer"})
    return answer


@cache
def _trust(_paths: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """Read the roots once for each place where they are: it takes 20 ms."""
    return ssl.create_default_context()


def _token_error(assumptions: Assumptions, details: object) -> SignInError:
    return SignInError(assumptions.token_failure_error, assumptions.token_failure_description, details=details)


def _parsed(text: str) -> Answer:
    try:
        answer: Any = json.loads(text)
    except ValueError:
        answer = dict(parse_qsl(text))
    return answer if isinstance(answer, dict) else {}  # pyright: ignore[reportUnknownVariableType]  # JSON
