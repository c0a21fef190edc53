"""The authorization endpoint (https://developers.tiktok.com/doc/login-kit-web)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .faults import InjectedError
from .pages import HEADERS, consent_page, login_page
from .registry import BASIC, App, Person
from .signing import Grant, read_token, write_token
from .state import TikTok

AUTHORIZE_PATH = "/v2/auth/authorize/"
ERROR_PATH = "/v2/auth/error/"
_SESSION_SECONDS = 30 * 86_400


class WrongSettingsError(Exception):
    """The request does not match the app's settings, so TikTok shows its own page and never returns to the app."""

    ITEMS = frozenset({"client_key", "redirect_uri", "scope", "code_challenge", "non_sandbox_target"})

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """An authorization request that matches the settings of its app; only ``parse_request`` makes one."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    response_type: str
    challenge: str
    always_ask: bool


def parse_request(tiktok: TikTok, parameters: Mapping[str, str]) -> AuthorizationRequest:
    """Check the parameters, or raise ``WrongSettingsError``."""
    app = tiktok.apps.get(parameters.get("client_key", ""))
    if app is None:
        raise WrongSettingsError("client_key")
    redirect_uri, scopes = parameters.get("redirect_uri", ""), tuple(parameters.get("scope", "").split(","))
    if not app.has_redirect_uri(redirect_uri):
        raise WrongSettingsError("redirect_uri")
    if not set(scopes) <= set(app.scopes):
        raise WrongSettingsError("scope")
    challenge = parameters.get("code_challenge", "")
    if app.desktop and not (challenge and parameters.get("code_challenge_method") == "S256"):
        raise WrongSettingsError("code_challenge")
    return AuthorizationRequest(
        app=app,
        redirect_uri=redirect_uri,
        scopes=scopes,
        state=parameters.get("state"),
        response_type=parameters.get("response_type", ""),
        challenge=challenge,
        always_ask=parameters.get("disable_auto_auth") == "1",
    )


async def authorize(tiktok: TikTok, request: Request) -> Response:
    """Show the consent page (GET) or read its form (POST); wrong settings lead to TikTok's error page."""
    if request.method == "GET" and tiktok.keep_received:
        tiktok.received.authorize.append(dict(request.query_params))
    try:
        asked = parse_request(tiktok, request.query_params)
        return _error_response(tiktok, asked) or await _respond(tiktok, asked, request)
    except WrongSettingsError as wrong:
        login_first = tiktok.assumptions.login_before_checks and request.method == "GET"
        if login_first and wrong.item != "non_sandbox_target" and not _is_logged_in(tiktok, request):
            return login_page(tiktok)
        return _error_page(tiktok, wrong.item)


async def authorize_v1(tiktok: TikTok, _request: Request) -> Response:
    """Show the error page: for the web, version 1 ended on 29 February 2024."""
    return _error_page(tiktok, "redirect_uri")


def _error_page(tiktok: TikTok, item: str) -> Response:
    query = {"error": "unauthorized_client", "error_type": item, "log_id": tiktok.new_log_id()}
    return RedirectResponse(f"{ERROR_PATH}?{urlencode(query)}", 302, HEADERS)


def _error_response(tiktok: TikTok, asked: AuthorizationRequest) -> Response | None:
    if injected := tiktok.faults.take("authorize", InjectedError):
        if injected.error in WrongSettingsError.ITEMS:
            return _error_page(tiktok, injected.error)
        return _redirect_back(asked, error=injected.error, error_description=injected.description)
    if asked.response_type != "code":
        return _redirect_back(
            asked, error="unsupported_response_type", error_description="The response type is not supported."
        )
    return None


async def _respond(tiktok: TikTok, asked: AuthorizationRequest, request: Request) -> Response:
    if request.method == "POST":
        return _read_decision(tiktok, asked, request, parse_qs((await request.body()).decode()))
    session = _session(asked.app, request)
    person = tiktok.person_of(session) if session else None
    if session and person and not asked.always_ask and set(asked.scopes) <= set(session.scopes):
        return _redirect_with_code(tiktok, asked, person, session)
    return consent_page(tiktok, asked.app, urlsplit(asked.redirect_uri).netloc, asked.scopes, person)


def _read_decision(
    tiktok: TikTok, asked: AuthorizationRequest, request: Request, form: dict[str, list[str]]
) -> Response:
    person = tiktok.persons.get(form.get("person", [""])[0])
    scopes = tuple(scope for scope in asked.scopes if scope == BASIC or scope in form.get("scope", []))
    if form.get("decision") != ["allow"] or not scopes:
        description = "The user has denied the authorization."
        return _redirect_back(asked, error=tiktok.assumptions.cancel_error, error_description=description)
    if person is None:
        return consent_page(tiktok, asked.app, urlsplit(asked.redirect_uri).netloc, asked.scopes, None)
    session = tiktok.new_grant(person.name, scopes, _SESSION_SECONDS)
    response = _redirect_with_code(tiktok, asked, person, session)
    response.set_cookie(
        f"session-{asked.app.key}",
        write_token(asked.app, "ses.", session),
        max_age=_SESSION_SECONDS,
        path=AUTHORIZE_PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def _session(app: App, request: Request) -> Grant | None:
    return read_token(app, "ses.", request.cookies.get(f"session-{app.key}", ""))


def _is_logged_in(tiktok: TikTok, request: Request) -> bool:
    sessions = [_session(app, request) for app in tiktok.apps.values()]
    return any(tiktok.person_of(session) for session in sessions if session)


def _redirect_with_code(tiktok: TikTok, asked: AuthorizationRequest, person: Person, session: Grant) -> Response:
    if not asked.app.admits(person.name):
        raise WrongSettingsError("non_sandbox_target")
    scopes = tuple(scope for scope in asked.scopes if scope in session.scopes)
    code = tiktok.issue_code(asked.app, person.name, asked.redirect_uri, scopes=scopes, challenge=asked.challenge)
    return _redirect_back(asked, code=code, scopes=",".join(scopes))


def _redirect_back(asked: AuthorizationRequest, **answer: str) -> Response:
    """Redirect to the app; urlencode escapes the ``*`` and ``!`` of a code as TikTok does."""
    if asked.state is not None:
        answer["state"] = asked.state
    return RedirectResponse(f"{asked.redirect_uri}?{urlencode(answer)}", 302, HEADERS)
