"""The verbs of ``TikTok`` over HTTP, for tests in other languages; mounted only where controls are switched on."""

import json
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .state import TikTok

VERBS = ("register_app", "add_person", "refuse_next", "break_next", "mend", "move_clock", "set_rules")
_SECRETS = frozenset({"client_secret", "code", "code_verifier", "refresh_token", "token", "authorization"})


async def act(tiktok: TikTok, verb: str, request: Request) -> Response:
    """Call the verb with the JSON object of the body as its arguments; what it does not take is 400 and a sentence."""
    # A page of another site cannot send this type without asking first (CORS), so it cannot script the emulator.
    if request.headers.get("content-type") != "application/json":
        return JSONResponse({"error": "Send a JSON object, as application/json."}, 415)
    try:
        getattr(tiktok, verb)(**json.loads(await request.body()))
    except (AttributeError, TypeError, ValueError) as wrong:
        return JSONResponse({"error": f"{verb} does not take this: {wrong}"}, 400)
    return Response(status_code=204)


async def tell_received(tiktok: TikTok, _request: Request) -> Response:
    """Tell what was received, with secrets masked."""
    received: dict[str, list[dict[str, Any]]] = asdict(tiktok.received)
    return JSONResponse({name: [_masked(request) for request in requests] for name, requests in received.items()})


def _masked(parameters: dict[str, str]) -> dict[str, str]:
    return {name: "***" if name in _SECRETS else value for name, value in parameters.items()}
