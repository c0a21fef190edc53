"""The token and revoke endpoints (https://developers.tiktok.com/doc/oauth-user-access-token-management)."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .faults import InjectedError
from .registry import App, Person
from .signing import Code, Grant, digest, read_code, read_token, write_token
from .state import TikTok

_CLIENT_SECONDS = 7_200
_FORM = "application/x-www-form-urlencoded"
_MALFORMED = ("invalid_request", "The request parameters are malformed.")
_CODE_EXPIRED = ("invalid_grant", "Authorization code is expired.")
_REFRESH_EXPIRED = ("invalid_grant", "Refresh token is invalid or expired.")
_OTHER_REDIRECT = ("invalid_request", "Redirect_uri is not matched with the uri when requesting code.")
_OTHER_VERIFIER = ("invalid_request", "Code verifier or code challenge is invalid.")

_STATUSES = {"invalid_client": 401, "server_error": 500, "temporarily_unavailable": 503}

Form = Mapping[str, str]
Reply = dict[str, str | int]
Action = Callable[[TikTok, App, Form], Reply]


class OAuthError(Exception):
    """An error in the format of https://developers.tiktok.com/doc/oauth-error-handling."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    @property
    def status(self) -> int:
        """The status of this error in RFC 6749 5.2, which TikTok does not use by default."""
        return _STATUSES.get(self.error, 400)


async def issue_token(tiktok: TikTok, request: Request) -> Response:
    """Exchange a code or a refresh token for tokens."""
    return await _respond(tiktok, request, "token", _grant)


async def revoke_token(tiktok: TikTok, request: Request) -> Response:
    """Revoke an access token, and everything else from the same consent."""
    return await _respond(tiktok, request, "revoke", _revoke)


async def _respond(tiktok: TikTok, request: Request, endpoint: Literal["token", "revoke"], reply: Action) -> Response:
    log_id = tiktok.new_log_id()
    headers = {"x-tt-logid": log_id, "cache-control": "no-store"}
    try:
        form = await _read_form(tiktok, request, endpoint)
        return JSONResponse(reply(tiktok, _authenticate(tiktok, form), form), headers=headers)
    except OAuthError as error:
        body = {"error": error.error, "error_description": error.description, "log_id": log_id}
        return JSONResponse(body, 200 if tiktok.assumptions.errors_with_status_200 else error.status, headers)


async def _read_form(tiktok: TikTok, request: Request, endpoint: Literal["token", "revoke"]) -> Form:
    """Return the form without its empty fields (RFC 6749 3.2)."""
    pairs = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    if tiktok.keep_received:
        getattr(tiktok.received, endpoint).append(dict(pairs))
    if injected := tiktok.faults.take(endpoint, InjectedError):
        raise OAuthError(injected.error, injected.description)
    types = [value.strip().lower() for value in request.headers.getlist("content-type")]
    if tiktok.assumptions.accept_charset:
        types = [value.split(";")[0].strip() for value in types]
    if types != [_FORM]:
        raise OAuthError("invalid_request", f"Only `{_FORM}` is accepted as Content-Type.")
    if len(dict(pairs)) < len(pairs):
        raise OAuthError(*_MALFORMED)
    return {name: value for name, value in pairs if value}


def _authenticate(tiktok: TikTok, form: Form) -> App:
    key = _require(form, "client_key")
    if "client_secret" not in form:
        raise OAuthError("invalid_request", "Client secret is missed in request.")
    app = tiktok.apps.get(key)
    if app is None or not hmac.compare_digest(app.secret.encode(), form["client_secret"].encode()):
        raise OAuthError("invalid_client", "Client key or secret is incorrect.")
    return app


def _grant(tiktok: TikTok, app: App, form: Form) -> Reply:
    grants: dict[str, Action] = {
        "authorization_code": _exchange_code,
        "refresh_token": _refresh,
        "client_credentials": _issue_client_token,
    }
    grant_type = _require(form, "grant_type")
    if grant_type not in grants:
        raise OAuthError("unsupported_grant_type", "The grant type is not supported.")
    return grants[grant_type](tiktok, app, form)


def _exchange_code(tiktok: TikTok, app: App, form: Form) -> Reply:
    text = _require(form, "code")
    code = read_code(app, text)
    if code is None or text in tiktok.used or not (person := tiktok.person_of(code.grant)):
        raise OAuthError(*_CODE_EXPIRED)
    if tiktok.assumptions.failed_exchange_burns_code:
        tiktok.used.add(text)
    _check_code(app, code, form)
    tiktok.used.add(text)
    return _tokens(tiktok, app, code.grant, person)


def _check_code(app: App, code: Code, form: Form) -> None:
    if not hmac.compare_digest(code.redirect_uri_digest, digest(form.get("redirect_uri", ""))):
        raise OAuthError(*_OTHER_REDIRECT)
    if app.desktop and not _answers_challenge(form.get("code_verifier", ""), code):
        raise OAuthError(*_OTHER_VERIFIER)


# https://developers.tiktok.com/doc/login-kit-desktop: the challenge is lower-case hex, where RFC 7636 has base64url.
def _answers_challenge(verifier: str, code: Code) -> bool:
    challenge = hashlib.sha256(verifier.encode()).hexdigest()
    return bool(re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier)) and code.challenge_digest == digest(challenge)


def _refresh(tiktok: TikTok, app: App, form: Form) -> Reply:
    text = _require(form, "refresh_token")
    grant = read_token(app, "rft.", text)
    if grant is None or text in tiktok.used or not (person := tiktok.person_of(grant)):
        raise OAuthError(*_REFRESH_EXPIRED)
    if tiktok.assumptions.refresh_rotation:
        tiktok.used.add(text)
        return _tokens(tiktok, app, grant, person)
    kept = {"refresh_token": text, "refresh_expires_in": int(grant.expires_at - tiktok.now())}
    return _tokens(tiktok, app, grant, person) | kept


def _issue_client_token(tiktok: TikTok, app: App, _form: Form) -> Reply:
    token = write_token(app, "clt.", tiktok.new_grant("", (), _CLIENT_SECONDS))
    return {"access_token": token, "expires_in": _CLIENT_SECONDS, "token_type": "Bearer"}


def _tokens(tiktok: TikTok, app: App, grant: Grant, person: Person) -> Reply:
    seconds, now = tiktok.assumptions, int(tiktok.now())
    return {
        "access_token": write_token(app, "act.", replace(grant, expires_at=now + seconds.access_seconds)),
        "expires_in": seconds.access_seconds,
        "open_id": tiktok.open_id(app, person),
        "refresh_expires_in": seconds.refresh_seconds,
        "refresh_token": write_token(app, "rft.", replace(grant, expires_at=now + seconds.refresh_seconds)),
        "scope": ",".join(grant.scopes),
        "token_type": "Bearer",
    }


def _revoke(tiktok: TikTok, app: App, form: Form) -> Reply:
    grant = read_token(app, "act.", _require(form, "token"))
    if grant is None:
        raise OAuthError(*_MALFORMED)
    tiktok.revoked.add(grant.family)
    return {}


def _require(form: Form, name: str) -> str:
    if name not in form:
        raise OAuthError(*_MALFORMED)
    return form[name]
