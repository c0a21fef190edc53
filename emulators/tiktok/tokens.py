"""The OAuth endpoints for servers: token and revoke (developers.tiktok.com/doc/oauth-user-access-token-management)."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .apps import App
from .errors import OAuthError, log_id
from .persons import Person
from .script import Endpoint, Refusal
from .signing import Code, Grant, digest, read_code, read_token, write_token
from .state import TikTok

_FORM = "application/x-www-form-urlencoded"
_MALFORMED = ("invalid_request", "The request parameters are malformed.")
_CODE_EXPIRED = ("invalid_grant", "Authorization code is expired.")
_REFRESH_EXPIRED = ("invalid_grant", "Refresh token is invalid or expired.")
_OTHER_REDIRECT = ("invalid_request", "Redirect_uri is not matched with the uri when requesting code.")
_OTHER_VERIFIER = ("invalid_request", "Code verifier or code challenge is invalid.")

Form = Mapping[str, str]
Reply = dict[str, str | int]
Act = Callable[[TikTok, App, Form], Reply]


async def issue_token(tiktok: TikTok, request: Request) -> Response:
    """Exchange a code or a refresh token for tokens; errors come with status 200 unless a rule says otherwise."""
    return await _answer(tiktok, request, "token", _granted)


async def revoke_token(tiktok: TikTok, request: Request) -> Response:
    """End an access token, and everything that came of the same consent."""
    return await _answer(tiktok, request, "revoke", _revoked)


async def _answer(tiktok: TikTok, request: Request, endpoint: Endpoint, act: Act) -> Response:
    request_id = log_id()
    headers = {"x-tt-logid": request_id, "cache-control": "no-store"}
    try:
        form = await _form(tiktok, request, endpoint)
        return JSONResponse(act(tiktok, _client(tiktok, form), form), headers=headers)
    except OAuthError as refused:
        body = {"error": refused.error, "error_description": refused.description, "log_id": request_id}
        return JSONResponse(body, 200 if tiktok.rules.errors_with_status_200 else refused.status, headers)


async def _form(tiktok: TikTok, request: Request, endpoint: Endpoint) -> Form:
    """Read the form, without its empty fields (RFC 6749 3.2)."""
    pairs = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    if tiktok.remembers:
        getattr(tiktok.received, endpoint).append(dict(pairs))
    if refusal := tiktok.script.take(endpoint, Refusal):
        raise OAuthError(refusal.error, refusal.description)
    types = [sent.split(";")[0].strip().lower() for sent in request.headers.getlist("content-type")]
    if tiktok.rules.form_only and types != [_FORM]:
        raise OAuthError("invalid_request", f"Only `{_FORM}` is accepted as Content-Type.")
    if len(dict(pairs)) < len(pairs):
        raise OAuthError(*_MALFORMED)
    return {name: value for name, value in pairs if value}


def _client(tiktok: TikTok, form: Form) -> App:
    key = form.get("client_key") or (None if tiktok.rules.client_key_only else form.get("client_id"))
    if not key:
        raise OAuthError(*_MALFORMED)
    if "client_secret" not in form:
        raise OAuthError("invalid_request", "Client secret is missed in request.")
    app = tiktok.apps.get(key)
    if app is None or not hmac.compare_digest(app.secret.encode(), form["client_secret"].encode()):
        raise OAuthError("invalid_client", "Client key or secret is incorrect.")
    return app


def _granted(tiktok: TikTok, app: App, form: Form) -> Reply:
    grants: dict[str, Act] = {
        "authorization_code": _exchanged,
        "refresh_token": _refreshed,
        "client_credentials": _client_token,
    }
    if "grant_type" not in form:
        raise OAuthError(*_MALFORMED)
    if form["grant_type"] not in grants:
        raise OAuthError("unsupported_grant_type", "The grant type is not supported.")
    return grants[form["grant_type"]](tiktok, app, form)


def _exchanged(tiktok: TikTok, app: App, form: Form) -> Reply:
    text = _required(form, "code")
    code = read_code(app, text if tiktok.rules.decoded_codes_only else unquote(text))
    if code is None or text in tiktok.spent or not (person := tiktok.holder(code.grant)):
        raise OAuthError(*_CODE_EXPIRED)
    if tiktok.rules.codes_used_once and tiktok.rules.failed_exchange_burns_code:
        tiktok.spent.add(text)
    _hold_to_request(tiktok, app, code, form)
    if tiktok.rules.codes_used_once:
        tiktok.spent.add(text)
    return _tokens(tiktok, app, code.grant, person)


def _hold_to_request(tiktok: TikTok, app: App, code: Code, form: Form) -> None:
    same = hmac.compare_digest(code.redirect_uri_digest, digest(form.get("redirect_uri", "")))
    if tiktok.rules.exact_redirect_uri and not same:
        raise OAuthError(*_OTHER_REDIRECT)
    if app.desktop and code.challenge_digest not in _challenges(tiktok, form.get("code_verifier", "")):
        raise OAuthError(*_OTHER_VERIFIER)


def _challenges(tiktok: TikTok, verifier: str) -> set[bytes]:
    """Return the digests of the challenges that the verifier answers: hex is TikTok's, base64url RFC 7636's."""
    hashed = hashlib.sha256(verifier.encode())
    base64url = urlsafe_b64encode(hashed.digest()).decode().rstrip("=")
    return {digest(hashed.hexdigest())} | (set() if tiktok.rules.hex_challenges_only else {digest(base64url)})


def _refreshed(tiktok: TikTok, app: App, form: Form) -> Reply:
    text = _required(form, "refresh_token")
    grant = read_token(app, "rft.", text)
    if grant is None or text in tiktok.spent or not (person := tiktok.holder(grant)):
        raise OAuthError(*_REFRESH_EXPIRED)
    if not tiktok.rules.refresh_rotation:
        kept = {"refresh_token": text, "refresh_expires_in": int(grant.expires_at - tiktok.now())}
        return _tokens(tiktok, app, grant, person) | kept
    tiktok.spent.add(text)
    return _tokens(tiktok, app, grant, person)


def _client_token(tiktok: TikTok, app: App, _form: Form) -> Reply:
    token = write_token(app, "clt.", tiktok.grant("", (), 7_200))
    return {"access_token": token, "expires_in": 7_200, "token_type": "Bearer"}


def _tokens(tiktok: TikTok, app: App, grant: Grant, person: Person) -> Reply:
    rules, now = tiktok.rules, int(tiktok.now())
    return {
        "access_token": write_token(app, "act.", replace(grant, expires_at=now + rules.access_seconds)),
        "expires_in": rules.access_seconds,
        "open_id": tiktok.open_id(app, person),
        "refresh_expires_in": rules.refresh_seconds,
        "refresh_token": write_token(app, "rft.", replace(grant, expires_at=now + rules.refresh_seconds)),
        "scope": ",".join(grant.scopes),
        "token_type": "Bearer",
    }


def _revoked(tiktok: TikTok, app: App, form: Form) -> Reply:
    grant = read_token(app, "act.", _required(form, "token"))
    if grant is None:
        raise OAuthError(*_MALFORMED)
    tiktok.revoked.add(grant.family)
    return {}


def _required(form: Form, name: str) -> str:
    if name not in form:
        raise OAuthError(*_MALFORMED)
    return form[name]
