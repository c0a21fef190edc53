"""The pictures of the emulated persons, behind signed links that expire as those of TikTok's CDN do."""

import hmac
from pathlib import Path
from string import Template
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .apps import App
from .pages import HEADERS, escaped
from .persons import Person, person_digest
from .signing import signature
from .state import TikTok

_PICTURE = Template((Path(__file__).parent / "templates" / "avatar.svg").read_text(encoding="utf-8"))
_SIZES = {"avatar_url": "168", "avatar_url_100": "100", "avatar_large_url": "720"}
_LASTING_SECONDS = 47 * 3600


def avatar_urls(tiktok: TikTok, app: App, person: Person, origin: str) -> dict[str, str]:
    """Return the person's pictures by user info's field names, each under ``origin``; empty without a picture."""
    if not person.has_avatar:
        return dict.fromkeys(_SIZES, "")
    expires = int(tiktok.now()) + _LASTING_SECONDS
    return {name: origin.rstrip("/") + _link(app, person.name, size, expires) for name, size in _SIZES.items()}


async def show_avatar(tiktok: TikTok, request: Request) -> Response:
    """Draw a person's initials; a link that is not signed, or has expired, is 403 as on TikTok's CDN."""
    name, size = request.path_params["name"], request.path_params["size"]
    expires = request.query_params.get("x-expires", "")
    sent = request.query_params.get("x-signature", "").encode()
    signed = any(
        hmac.compare_digest(_signature(app, name, size, expires).encode(), sent) for app in tiktok.apps.values()
    )
    if not signed or tiktok.now() >= int(expires):
        return PlainTextResponse("Access Denied", 403)
    person = tiktok.persons.get(name)
    if person is None:
        return PlainTextResponse("Not Found", 404)
    return Response(_drawing(person, size), headers=HEADERS, media_type="image/svg+xml")


def _link(app: App, name: str, size: str, expires: int) -> str:
    query = {"x-expires": str(expires), "x-signature": _signature(app, name, size, str(expires))}
    return f"/avatar/{size}/{quote(name, safe='')}.svg?{urlencode(query)}"


def _signature(app: App, name: str, size: str, expires: str) -> str:
    return signature(app, f"{size}/{name}?{expires}")


def _drawing(person: Person, size: str) -> str:
    initials = "".join(word[0] for word in person.display_name.split()[:2])
    hue = int.from_bytes(person_digest(person.name), "big") % 360
    return _PICTURE.substitute(escaped({"initials": initials, "hue": str(hue), "size": size}))
