"""Pages that a person sees, filled from templates without scripts, and the avatars on them."""

import hmac
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from .registry import BASIC, SCOPES, App, Person, person_digest
from .signing import signature
from .state import TikTok

TEMPLATES = Path(__file__).parent / "templates"
HEADERS = {
    # form-action applies to every redirect after the form, so it must allow every party of a sign-in:
    # https://www.w3.org/TR/CSP3/#directive-form-action
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' https: http://localhost:* http://127.0.0.1:*"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
_HINTS = {
    "client_key": "The key is not one of a registered app, or only client_id was sent.",
    "redirect_uri": "The redirect URI is not registered with the app, byte for byte.",
    "scope": "A scope is not approved for the app, or the list is not separated by commas.",
    "code_challenge": "The app is a desktop app, which has to send a code challenge (S256).",
    "non_sandbox_target": "The app is a sandbox, and this account is not one of its target users.",
}
_AVATAR_SIZES = {"avatar_url": "168", "avatar_url_100": "100", "avatar_large_url": "720"}
_AVATAR_SECONDS = 47 * 3600


def consent_page(tiktok: TikTok, app: App, host: str, scopes: Iterable[str], preset: Person | None) -> Response:
    """Ask who signs in and what they allow; without ``preset`` the first person is selected."""
    shown = "".join(_scope(scope) for scope in scopes)
    return _page(
        tiktok,
        "Continue with TikTok",
        _part("consent", {"app": app.key, "host": host}, persons=_persons(tiktok, app, preset), scopes=shown),
    )


def login_page(tiktok: TikTok) -> Response:
    """Ask who logs in to TikTok, before anything of the app is checked."""
    return _page(tiktok, "Log in to TikTok", _part("login", {}, persons=_persons(tiktok, None, None)))


async def show_error(tiktok: TikTok, request: Request) -> Response:
    """Show what to correct, and the log id for TikTok's support."""
    item = request.query_params.get("error_type", "")
    values = {"item": item, "hint": _HINTS.get(item, ""), "log_id": request.query_params.get("log_id", "")}
    return _page(tiktok, "Something went wrong", _part("error", values), 400)


async def show_index(tiktok: TikTok, _request: Request) -> Response:
    """Show what this is, and which apps and people it knows."""
    apps = "".join(_part("item", {"text": key}) for key in tiktok.apps)
    persons = "".join(_part("item", {"text": person.display_name}) for person in tiktok.persons.values())
    return _page(tiktok, "TikTok emulator", _part("index", {}, apps=apps, persons=persons))


def _page(tiktok: TikTok, title: str, content: str, status: int = 200) -> HTMLResponse:
    way_back = _part("way_back", {"address": tiktok.home_url}) if tiktok.home_url else ""
    return HTMLResponse(_part("page", {"title": title}, content=content, way_back=way_back), status, HEADERS)


def _part(name: str, values: Mapping[str, str], **markup: str) -> str:
    """Fill the template with ``values``, which are escaped, and ``markup``, which is not."""
    template = Template((TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))
    return template.substitute(_escaped(values), **markup)


def _escaped(values: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(value) for name, value in values.items()}


def _persons(tiktok: TikTok, app: App | None, preset: Person | None) -> str:
    selected = preset or next(iter(tiktok.persons.values()), None)
    return "".join(_person(tiktok, app, person, person == selected) for person in tiktok.persons.values())


def _person(tiktok: TikTok, app: App | None, person: Person, checked: bool) -> str:  # noqa: FBT001  # one of a list
    picture = avatar_urls(tiktok, app, person, "")["avatar_url_100"] if app else ""
    values = {"name": person.name, "display_name": person.display_name, "username": person.username}
    return _part(
        "person",
        values,
        checked="checked" if checked else "",
        picture=_part("picture", {"address": picture}) if picture else "",
    )


def _scope(scope: str) -> str:
    meaning = SCOPES.get(scope, "What TikTok's documents say of this scope")
    values = {"scope": scope, "meaning": meaning, "note": " (always)" if scope == BASIC else ""}
    return _part("scope", values, state="checked disabled" if scope == BASIC else "checked")


def avatar_urls(tiktok: TikTok, app: App, person: Person, origin: str) -> dict[str, str]:
    """Return the person's avatars by user info's field names, as signed links that expire; empty without a picture."""
    if not person.has_avatar:
        return dict.fromkeys(_AVATAR_SIZES, "")
    expires = str(int(tiktok.now()) + _AVATAR_SECONDS)
    return {name: origin.rstrip("/") + _avatar_link(app, person, size, expires) for name, size in _AVATAR_SIZES.items()}


async def show_avatar(tiktok: TikTok, request: Request) -> Response:
    """Draw a person's initials; a link that is not signed, or has expired, is 403 as on TikTok's CDN."""
    name, size = request.path_params["name"], request.path_params["size"]
    expires = request.query_params.get("x-expires", "")
    sent = request.query_params.get("x-signature", "").encode()
    signed = any(
        hmac.compare_digest(_avatar_signature(app, name, size, expires).encode(), sent) for app in tiktok.apps.values()
    )
    if not signed or tiktok.now() >= int(expires):
        return PlainTextResponse("Access Denied", 403)
    person = tiktok.persons.get(name)
    if person is None:
        return PlainTextResponse("Not Found", 404)
    return Response(_draw_avatar(person, size), headers=HEADERS, media_type="image/svg+xml")


def _avatar_link(app: App, person: Person, size: str, expires: str) -> str:
    query = {"x-expires": expires, "x-signature": _avatar_signature(app, person.name, size, expires)}
    return f"/avatar/{size}/{quote(person.name, safe='')}.svg?{urlencode(query)}"


def _avatar_signature(app: App, name: str, size: str, expires: str) -> str:
    return signature(app, f"{size}/{name}?{expires}")


def _draw_avatar(person: Person, size: str) -> str:
    initials = "".join(word[0] for word in person.display_name.split()[:2])
    hue = int.from_bytes(person_digest(person.name), "big") % 360
    drawing = Template((TEMPLATES / "avatar.svg").read_text(encoding="utf-8"))
    return drawing.substitute(_escaped({"initials": initials, "hue": str(hue), "size": size}))
