"""The pages that TikTok itself shows: consent, and what a developer sees when an app's settings are wrong."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from .apps import BASIC, SCOPES
from .avatars import avatar_urls
from .pages import page, part
from .persons import Person
from .question import Question
from .state import TikTok

_HINTS = {
    "client_key": "The key is not one of a registered app, or only client_id was sent.",
    "redirect_uri": "The redirect URI is not registered with the app, byte for byte.",
    "scope": "A scope is not approved for the app, or the list is not separated by commas.",
    "code_challenge": "The app is a desktop app, which has to send a code challenge (S256).",
    "non_sandbox_target": "The app is a sandbox, and this account is not one of its target users.",
}


def consent_page(tiktok: TikTok, question: Question, chosen: Person | None) -> Response:
    """Ask who signs in and what they allow; ``chosen``, or else the first person, is preset."""
    preset = chosen or next(iter(tiktok.persons.values()), None)
    persons = "".join(_person(tiktok, question, person, person == preset) for person in tiktok.persons.values())
    scopes = "".join(_scope(scope) for scope in question.scopes)
    values = {"app": question.app.key, "host": urlsplit(question.redirect_uri).netloc}
    return page("Continue with TikTok", part("consent", values, persons=persons, scopes=scopes))


def _person(tiktok: TikTok, question: Question, person: Person, checked: bool) -> str:  # noqa: FBT001  # one of a list
    picture = avatar_urls(tiktok, question.app, person, "")["avatar_url_100"]
    values = {"name": person.name, "display_name": person.display_name, "username": person.username}
    return part(
        "person",
        values,
        checked="checked" if checked else "",
        picture=part("picture", {"address": picture}) if picture else "",
    )


def _scope(scope: str) -> str:
    values = {"scope": scope, "meaning": SCOPES[scope], "note": " (always)" if scope == BASIC else ""}
    return part("scope", values, state="checked disabled" if scope == BASIC else "checked")


async def show_error(request: Request) -> Response:
    """Name the item that is to be corrected, and the log id that TikTok's support would ask for."""
    item = request.query_params.get("error_type", "")
    values = {"item": item, "hint": _HINTS.get(item, ""), "log_id": request.query_params.get("log_id", "")}
    return page("Something went wrong", part("error", values), 400)


async def show_index(tiktok: TikTok, _request: Request) -> Response:
    """Say what this is, and which apps and people it knows."""
    apps = "".join(part("item", {"text": key}) for key in tiktok.apps)
    persons = "".join(part("item", {"text": person.display_name}) for person in tiktok.persons.values())
    return page("TikTok emulator", part("index", {}, apps=apps, persons=persons))
