"""POST /proxy/token over the wire."""

import base64
import hashlib

import httpx2
import pytest

from tests.support.proxy.local_proxy import Lines, Post, local_proxy, post_to
from tests.support.proxy.made_up import CLIENT_KEY, CLIENT_SECRET, granted, made_up, refresh_form, token_form
from tests.support.proxy.scripted_tiktok import ScriptedTikTok, answer


def test_a_code_becomes_a_token(post: Post, tiktok: ScriptedTikTok) -> None:
    grant = granted()
    tiktok.next(answer(grant))
    form = token_form(code_verifier=made_up("verifier"))

    reply = post(form)

    assert reply.status_code == 200
    assert reply.json() == grant | {"scope": "user.info.basic user.info.profile"}
    assert tiktok.forms == [{"client_key": form.pop("client_id"), **form}]


def test_a_refresh_token_becomes_a_token(post: Post, tiktok: ScriptedTikTok) -> None:
    form = refresh_form()

    assert post(form).status_code == 200
    assert tiktok.forms == [{"client_key": form.pop("client_id"), **form}]


def test_tiktok_is_asked_the_way_it_wants(post: Post, tiktok: ScriptedTikTok) -> None:
    post(token_form(), headers={"user-agent": "curious", "cookie": "a=b", "x-forwarded-for": "10.0.0.1"})

    head = tiktok.received[0].partition(b"\r\n\r\n")[0].decode().lower().split("\r\n")
    assert head[0] == "post /v2/oauth/token/ http/1.1"
    assert sorted(line.partition(":")[0] for line in head[1:]) == [
        "accept", "accept-encoding", "cache-control", "content-length", "content-type", "host"
    ]  # fmt: skip
    assert {"content-type: application/x-www-form-urlencoded", "accept-encoding: identity"} <= set(head)


@pytest.mark.parametrize("in_form", [{}, {"client_id": CLIENT_KEY}])
def test_http_basic_is_as_good_as_the_form(post: Post, tiktok: ScriptedTikTok, in_form: dict[str, str]) -> None:
    form = token_form()
    del form["client_id"], form["client_secret"]

    assert post(form | in_form, auth=(CLIENT_KEY, CLIENT_SECRET)).status_code == 200
    assert tiktok.forms[0]["client_secret"] == CLIENT_SECRET


@pytest.mark.parametrize(
    "changes", [{"client_id": made_up("key")}, {"client_secret": made_up("secret")}, {"client_id": CLIENT_KEY.upper()}]
)
def test_wrong_credentials_are_an_invalid_client_and_tiktok_is_not_asked(
    post: Post, tiktok: ScriptedTikTok, changes: dict[str, str]
) -> None:
    reply = post(token_form(**changes))

    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")
    assert tiktok.received == []


def test_a_challenge_answers_wrong_basic_credentials(post: Post, tiktok: ScriptedTikTok) -> None:
    form = token_form()
    del form["client_id"], form["client_secret"]

    reply = post(form, auth=(CLIENT_KEY, made_up("secret")))

    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith("Basic ")
    assert tiktok.received == []


def test_two_secrets_are_accepted_while_one_is_rotated(tiktok: ScriptedTikTok) -> None:
    secrets = [made_up("secret"), made_up("secret")]
    digests = tuple(hashlib.sha256(secret.encode()).digest() for secret in secrets)

    with local_proxy(tiktok.url, secret_digests=digests) as origin:
        statuses = [post_to(origin)(token_form(client_secret=secret)).status_code for secret in secrets]

    assert statuses == [200, 200]
    assert [form["client_secret"] for form in tiktok.forms] == secrets


FORM = {"content-type": "application/x-www-form-urlencoded"}
SECRET = made_up("secret")
BASIC = base64.b64encode(f"{CLIENT_KEY}:{CLIENT_SECRET}".encode()).decode()
REFUSED: dict[str, tuple[int, dict[str, object]]] = {
    "nothing": (415, {}),
    "an empty form": (401, {"headers": FORM}),
    "JSON": (415, {"json": token_form()}),
    "multipart": (415, {"files": {"code": b"a"}}),
    "another charset": (415, {"content": b"code=a", "headers": {"content-type": FORM["content-type"] + ";charset=x"}}),
    "a repeated parameter": (400, {"content": b"code=a&c%6fde=a", "headers": FORM}),
    "an empty code": (400, {"data": token_form(code="")}),
    "an empty secret": (401, {"data": token_form(client_secret="")}),
    "an empty key": (401, {"data": token_form(client_id="")}),
    "no redirect URI": (400, {"data": token_form(redirect_uri="")}),
    "no grant": (400, {"data": token_form(grant_type="")}),
    "an unknown grant": (400, {"data": token_form(grant_type="password")}),
    "a control character": (400, {"data": token_form(code="a\x00")}),
    "9 KiB": (413, {"data": token_form(code="a" * 9216)}),
    "1.5 MiB": (413, {"data": token_form(code="a" * 1_500_000)}),
    "9 KiB in pieces": (413, {"content": iter([b"a" * 4096] * 3), "headers": FORM}),
    "credentials in the address": (400, {"data": token_form(), "params": {"client_secret": SECRET}}),
    "anything in the address": (400, {"data": token_form(), "params": {"x": "1"}}),
    "Basic and form": (400, {"data": token_form(), "headers": {"authorization": f"Basic {BASIC}"}}),
    "Bearer": (401, {"data": token_form(), "headers": {"authorization": f"Bearer {SECRET}"}}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses(case: str, post: Post, tiktok: ScriptedTikTok, lines: Lines) -> None:
    status, request = REFUSED[case]

    reply = post(**{"form": request.get("data")} | {name: value for name, value in request.items() if name != "data"})

    assert reply.status_code == status
    assert set(reply.json()) == {"error", "error_description"}
    assert reply.json()["error"] in {"invalid_request", "unsupported_grant_type", "invalid_client"}
    assert (reply.headers["cache-control"], reply.headers["pragma"]) == ("no-store", "no-cache")
    assert [line["severity"] for line in lines()] == ["WARNING"]
    assert tiktok.received == []


def test_8_kib_are_not_too_much(post: Post) -> None:
    form = token_form()
    room = 8192 - len(httpx2.Request("POST", "http://x", data=form).content)

    assert post(form | {"code": form["code"] + "a" * room}).status_code == 200
    assert post(form | {"code": form["code"] + "a" * (room + 1)}).status_code == 413


def test_a_reply_carries_no_more_headers_than_it_needs(post: Post) -> None:
    reply = post(token_form())

    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"  # RFC 6749 5.1
    assert set(reply.headers) == {"date", "cache-control", "pragma", "content-length", "content-type"}
