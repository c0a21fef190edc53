"""The command, and the package as it is packed for a deployment."""

import ast
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.tiktok.visitor import CALLBACK, CREDENTIALS, KEY, SECRET, Visitor, query_of

PACKAGE = Path(__file__).parents[4] / "emulators" / "tiktok"
COMMAND = [sys.executable, "-m", "emulators.tiktok"]
ARGUMENTS = ["--port", "0", "--app", f"{KEY}:{SECRET}", "--redirect-uri", CALLBACK]
ENVIRONMENT = {
    "PORT": "0",
    "HOST": "127.0.0.1",
    "TIKTOK_APP_KEY": KEY,
    "TIKTOK_APP_SECRET": SECRET,
    "TIKTOK_APP_REDIRECT_URIS": CALLBACK,
}


@contextmanager
def running(
    *arguments: str, folder: Path = PACKAGE.parents[1], environment: dict[str, str] | None = None
) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Run the command until it has said where it serves, and yield it with what it said; it is ended afterwards."""
    with subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [*COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        try:
            yield process, "".join(process.stdout.readline() for _ in range(3))
        finally:
            process.kill()


def origin_in(said: str) -> str:
    """Return the origin that the first line ends with."""
    return said.splitlines()[0].rsplit(" ", 1)[1]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_it_serves_and_ends_cleanly(ending: signal.Signals) -> None:
    with running(*ARGUMENTS) as (process, said):
        with Visitor(origin_in(said)) as visitor:
            assert "access_token" in visitor.sign_in()
        process.send_signal(ending)
        rest, _ = process.communicate(timeout=10)

    assert (process.returncode, rest) == (0, "")
    assert f"app {KEY} returns to {CALLBACK}" in said
    assert SECRET not in said


@pytest.mark.parametrize("switched_on", [True, False])
def test_controls_and_memory_are_there_where_switched_on(switched_on: bool) -> None:  # noqa: FBT001  # parametrized
    with (
        running(*ARGUMENTS, *(["--controls"] if switched_on else [])) as (_, said),
        Visitor(origin_in(said)) as visitor,
    ):
        assert visitor.http.get("/emulator/received").status_code == (200 if switched_on else 404)


def test_http_redirect_uris_need_their_switch() -> None:
    with (
        running(*ARGUMENTS, "--redirect-uri", "http://localhost:3000/callback", "--allow-http") as (_, said),
        Visitor(origin_in(said)) as visitor,
    ):
        assert visitor.authorize(redirect_uri="http://localhost:3000/callback").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--port", "many"], "--port"),
        (["--port", "70000"], "--port"),
        (["--colour"], "--colour"),
        (["--app", KEY, "--redirect-uri", CALLBACK], "client secret"),
        (["--app", f"{KEY}:{SECRET}"], "redirect URIs"),
        (["--app", f"{KEY}:{SECRET}", "--redirect-uri", "http://localhost/"], "'http://localhost/'"),
        ([*ARGUMENTS, "--scopes", "user.info.basic,,"], "is not a scope"),
        (["--host", "no.such.host.invalid", *ARGUMENTS], "no.such.host.invalid"),
    ],
)
def test_a_wrong_argument_is_one_sentence_and_exit_code_2(arguments: list[str], named: str) -> None:
    ended = subprocess.run(  # noqa: S603  # our own interpreter and module
        [*COMMAND, *arguments], cwd=PACKAGE.parents[1], capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert SECRET not in ended.stderr


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Return a folder that holds the emulator and nothing else of this project."""
    shutil.copytree(PACKAGE, tmp_path / "emulators" / "tiktok", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_packed_stand_in_is_set_up_by_its_environment(packed: Path) -> None:
    with running(folder=packed, environment=ENVIRONMENT) as (_, said), Visitor(origin_in(said)) as visitor:
        tokens = visitor.sign_in()
        user = visitor.user_info(tokens["access_token"], "open_id,union_id,avatar_url").json()["data"]["user"]
        forwarded = visitor.http.get(
            "/v2/user/info/?fields=avatar_url",
            headers={"authorization": f"Bearer {tokens['access_token']}", "x-forwarded-proto": "https"},
        )

        assert "This is not TikTok" in visitor.authorize(disable_auto_auth="1").text
        assert {user["open_id"][:9], user["union_id"][:9]} == {"emulated-"}
        assert forwarded.json()["data"]["user"]["avatar_url"].startswith("https://")
        assert visitor.http.post("/emulator/clear_faults", json={}).status_code == 404


def test_instances_share_the_work(packed: Path) -> None:
    with (
        running(folder=packed, environment=ENVIRONMENT) as (_, first),
        running(folder=packed, environment=ENVIRONMENT) as (_, second),
        Visitor(origin_in(first)) as one,
        Visitor(origin_in(second)) as two,
    ):
        tokens = two.token(code=one.code()).json()

        assert one.user_info(tokens["access_token"]).json()["data"]["user"]["open_id"] == tokens["open_id"]
        assert "access_token" in one.refresh(tokens["refresh_token"]).json()
        revoked = two.http.post("/v2/oauth/revoke/", data={**CREDENTIALS, "token": tokens["access_token"]})
        assert revoked.status_code == 200


def test_a_restart_keeps_refresh_tokens_valid(packed: Path) -> None:
    with running(folder=packed, environment=ENVIRONMENT) as (_, said), Visitor(origin_in(said)) as visitor:
        tokens = visitor.sign_in("user.info.profile")
    with running(folder=packed, environment=ENVIRONMENT) as (_, said), Visitor(origin_in(said)) as visitor:
        refreshed = visitor.refresh(tokens["refresh_token"]).json()

        assert (refreshed["open_id"], refreshed["scope"]) == (tokens["open_id"], tokens["scope"])
        assert visitor.user_info(refreshed["access_token"], "username").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--scopes", "user.info.basic,video.list,artist.certification.read"], {}),
        ([], {"TIKTOK_APP_SCOPES": "user.info.basic,video.list,artist.certification.read"}),
    ],
)
def test_people_sign_in_with_the_scopes_that_it_was_given(arguments: list[str], environment: dict[str, str]) -> None:
    with running(*ARGUMENTS, *arguments, environment=environment) as (_, said), Visitor(origin_in(said)) as visitor:
        scope = "user.info.basic,video.list,artist.certification.read"
        code = visitor.code("video.list", "artist.certification.read", scope=scope)

        assert visitor.token(code=code).json()["scope"] == scope
        assert query_of(visitor.decide(scope="user.info.stats"))["error_type"] == "scope"


def test_it_stands_on_starlette_uvicorn_and_the_standard_library() -> None:
    imported: set[str] = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                imported.add(node.module.split(".")[0])

    assert imported - sys.stdlib_module_names == {"starlette", "uvicorn"}
