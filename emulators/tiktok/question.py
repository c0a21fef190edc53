"""An authorization request, held to the settings of the app that sends it (developers.tiktok.com/doc/login-kit-web)."""

from collections.abc import Mapping
from dataclasses import dataclass

from .apps import SCOPES, App
from .errors import WrongSettingsError
from .rules import Rules
from .state import TikTok


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a person is asked, and where the answer goes; only ``question_of`` makes one."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    response_type: str
    challenge: str
    always_ask: bool


def question_of(tiktok: TikTok, parameters: Mapping[str, str]) -> Question:
    """Return what the parameters ask; settings that do not match raise ``WrongSettingsError`` with the item."""
    app = _app(tiktok, parameters)
    return Question(
        app=app,
        redirect_uri=_redirect_uri(tiktok.rules, app, parameters.get("redirect_uri", "")),
        scopes=_scopes(tiktok.rules, app, parameters.get("scope", "")),
        state=parameters.get("state"),
        response_type=parameters.get("response_type", ""),
        challenge=_challenge(app, parameters),
        always_ask=parameters.get("disable_auto_auth") == "1",
    )


def _app(tiktok: TikTok, parameters: Mapping[str, str]) -> App:
    key = parameters.get("client_key") or ("" if tiktok.rules.client_key_only else parameters.get("client_id", ""))
    if key not in tiktok.apps:
        raise WrongSettingsError("client_key")
    return tiktok.apps[key]


def _redirect_uri(rules: Rules, app: App, uri: str) -> str:
    if not uri or (rules.exact_redirect_uri and not app.knows_redirect(uri)):
        raise WrongSettingsError("redirect_uri")
    return uri


def _scopes(rules: Rules, app: App, asked: str) -> tuple[str, ...]:
    scopes = tuple(asked.split(",") if rules.comma_scopes else asked.replace(",", " ").split())
    if not set(scopes) <= set(app.scopes if rules.approved_scopes_only else SCOPES):
        raise WrongSettingsError("scope")
    return scopes


def _challenge(app: App, parameters: Mapping[str, str]) -> str:
    challenge = parameters.get("code_challenge", "")
    if app.desktop and not (challenge and parameters.get("code_challenge_method") == "S256"):
        raise WrongSettingsError("code_challenge")
    return challenge
