"""The token proxy as most would write it in Python: Starlette, with httpx2's pooled client."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import httpx2
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_TIKTOK = os.environ["TIKTOK_TOKEN_URL"]


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncGenerator[dict[str, object]]:
    async with httpx2.AsyncClient(timeout=8) as client:
        yield {"client": client}


async def _issue_token(request: Request[dict[str, Any]]) -> Response:
    try:
        form = dict(parse_qsl((await request.body()).decode()))
    except ClientDisconnect:
        return Response(status_code=400)
    if "client_id" not in form:
        return JSONResponse({"error": "invalid_request"}, 400)
    form["client_key"] = form.pop("client_id")
    answer = (await request.state["client"].post(_TIKTOK, data=form)).json()
    answer["scope"] = answer.get("scope", "").replace(",", " ")
    return JSONResponse(answer, 400 if "error" in answer else 200, {"cache-control": "no-store"})


app = Starlette(routes=[Route("/proxy/token", _issue_token, methods=["POST"])], lifespan=_lifespan)
