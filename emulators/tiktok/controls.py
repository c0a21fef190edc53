"""The verbs of ``TikTok`` over HTTP, for tests in other languages; served only with ``--controls``.

Each verb is a POST of a JSON object. docs/reference.md lists the bodies.
"""

import json
from dataclasses import asdict
from inspect import Parameter, signature
from types import UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .assumptions import Assumptions
from .state import TikTok

VERBS = ("register_app", "add_person", "queue_error", "queue_fault", "clear_faults", "advance_clock", "assume")
_SECRETS = frozenset({"client_secret", "code", "code_verifier", "refresh_token", "token", "authorization"})


def body_of(verb: str) -> dict[str, tuple[Any, bool]]:
    """Return the members that the verb's body may have: the type of each, and whether it is required."""
    if verb == "assume":
        return {name: (expected, False) for name, expected in get_type_hints(Assumptions).items()}
    method = getattr(TikTok, verb)
    hints = get_type_hints(method)
    parameters = [each for each in signature(method).parameters.values() if each.name != "self"]
    return {each.name: (hints[each.name], each.default is Parameter.empty) for each in parameters}


async def call_verb(tiktok: TikTok, verb: str, request: Request) -> Response:
    """Call the verb with the members of the body; a body that it does not take is 400."""
    # A page of another site cannot send this type without asking first (CORS), so it cannot script the emulator.
    if request.headers.get("content-type") != "application/json":
        return JSONResponse({"error": "Send a JSON object, as application/json."}, 415)
    try:
        getattr(tiktok, verb)(**_parse_body(verb, await request.body()))
    except (TypeError, ValueError) as error:
        return JSONResponse({"error": f"{verb}: {error}"}, 400)
    return Response(status_code=204)


async def list_received(tiktok: TikTok, _request: Request) -> Response:
    """Return what was received, by endpoint, with secrets masked."""
    received: dict[str, list[dict[str, Any]]] = asdict(tiktok.received)
    return JSONResponse({name: [_mask(request) for request in requests] for name, requests in received.items()})


def _parse_body(verb: str, body: bytes) -> dict[str, Any]:
    sent = json.loads(body)
    if not isinstance(sent, dict):
        raise TypeError("The body must be a JSON object.")
    members, known = cast("dict[str, Any]", sent), body_of(verb)
    if missing := [name for name, (_, required) in known.items() if required and name not in members]:
        raise TypeError(f"{', '.join(missing)} is missing.")
    if unknown := [name for name in members if name not in known]:
        raise TypeError(f"{', '.join(unknown)} is unknown.")
    if wrong := [name for name, value in members.items() if not _fits(value, known[name][0])]:
        raise TypeError(f"{', '.join(wrong)} has another type.")
    return members


def _fits(value: Any, expected: Any) -> bool:  # noqa: ANN401  # JSON of any form, any annotation
    if get_origin(expected) is Literal:
        return value in get_args(expected)
    if get_origin(expected) is list:
        return isinstance(value, list) and all(_fits(each, str) for each in cast("list[Any]", value))
    if isinstance(expected, UnionType):
        return any(_fits(value, each) for each in get_args(expected))
    return type(value) is expected or (expected is float and type(value) is int)


def _mask(parameters: dict[str, str]) -> dict[str, str]:
    return {name: "***" if name in _SECRETS else value for name, value in parameters.items()}
