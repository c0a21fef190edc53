"""The authorization endpoint: asks a person, or remembers their answer, and sends the browser back with it."""

from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .apps import BASIC
from .consent import consent_page
from .errors import WrongSettingsError, log_id
from .pages import HEADERS
from .persons import Person
from .question import Question, question_of
from .script import Refusal
from .signing import Grant, read_token, write_token
from .state import TikTok

AUTHORIZE_PATH = "/v2/auth/authorize/"
ERROR_PATH = "/v2/auth/error/"
_SESSION_SECONDS = 30 * 86_400


async def authorize(tiktok: TikTok, request: Request) -> Response:
    """Ask (GET) or hear the answer (POST); settings that do not match end on TikTok's error page, never at the app."""
    if request.method == "GET" and tiktok.remembers:
        tiktok.received.authorize.append(dict(request.query_params))
    try:
        question = question_of(tiktok, request.query_params)
        return _refused(tiktok, question) or await _answered(tiktok, question, request)
    except WrongSettingsError as wrong:
        query = {"error": "unauthorized_client", "error_type": wrong.item, "log_id": log_id()}
        return RedirectResponse(f"{ERROR_PATH}?{urlencode(query)}", 302, HEADERS)


def _refused(tiktok: TikTok, question: Question) -> Response | None:
    if refusal := tiktok.script.take("authorize", Refusal):
        if refusal.error in WrongSettingsError.ITEMS:
            raise WrongSettingsError(refusal.error)
        return _back(question, error=refusal.error, error_description=refusal.description)
    if question.response_type != "code":
        return _back(
            question, error="unsupported_response_type", error_description="The response type is not supported."
        )
    return None


async def _answered(tiktok: TikTok, question: Question, request: Request) -> Response:
    if request.method == "POST":
        return _decided(tiktok, question, request, parse_qs((await request.body()).decode()))
    session = read_token(question.app, "ses.", request.cookies.get(_cookie(question), ""))
    person = tiktok.holder(session) if session else None
    asks = question.always_ask or not tiktok.rules.remembers_consent
    if session and person and not asks and set(question.scopes) <= set(session.scopes):
        return _allowed(tiktok, question, person, session)
    return consent_page(tiktok, question, person)


def _decided(tiktok: TikTok, question: Question, request: Request, form: dict[str, list[str]]) -> Response:
    person = tiktok.persons.get(form.get("person", [""])[0])
    scopes = tuple(scope for scope in question.scopes if scope == BASIC or scope in form.get("scope", []))
    if form.get("decision") != ["allow"] or not scopes:
        return _back(question, error="access_denied", error_description="The user has denied the authorization.")
    if person is None:
        return consent_page(tiktok, question, None)
    session = tiktok.grant(person.name, scopes, _SESSION_SECONDS)
    response = _allowed(tiktok, question, person, session)
    response.set_cookie(
        _cookie(question),
        write_token(question.app, "ses.", session),
        max_age=_SESSION_SECONDS,
        path=AUTHORIZE_PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def _allowed(tiktok: TikTok, question: Question, person: Person, session: Grant) -> Response:
    if tiktok.rules.target_users_only and not question.app.admits(person.name):
        raise WrongSettingsError("non_sandbox_target")
    scopes = tuple(scope for scope in question.scopes if scope in session.scopes)
    code = tiktok.issue_code(
        question.app, person.name, question.redirect_uri, scopes=scopes, challenge=question.challenge
    )
    return _back(question, code=code, scopes=",".join(scopes))


def _back(question: Question, **answer: str) -> Response:
    """Send the browser to the redirect URI; urlencode writes a code's ``*`` and ``!`` as TikTok does."""
    if question.state is not None:
        answer["state"] = question.state
    joint = "&" if "?" in question.redirect_uri else "?"
    return RedirectResponse(f"{question.redirect_uri}{joint}{urlencode(answer)}", 302, HEADERS)


def _cookie(question: Question) -> str:
    return f"session-{question.app.key}"
