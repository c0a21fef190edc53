"""The command line registers the applications that it names, and refuses what Auth0 would not take."""

import subprocess
import sys
from pathlib import Path

import pytest

from emulators.auth0 import Tenant
from rehearsal.arguments import parse_arguments
from rehearsal.emulated_vendors import APPLICATION, Registration

_PROJECT = Path(__file__).parents[3]
_CALLBACK = ("--callback", "http://localhost:5000/callback")


def _registrations(*options: str) -> list[Registration]:
    return parse_arguments(["exec", *options, "--", "true"]).registrations


def _refusal(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    with pytest.raises(SystemExit) as ended:
        _registrations(*options)
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_options_belong_to_the_application_that_was_named_last() -> None:
    spa = ("--application", "shop", "--spa", "--callback", "http://localhost:3000", "--web-origin", "http://a.example/")

    first, second = _registrations(*_CALLBACK, "--logout-url", "http://localhost:5000/bye", *spa)

    assert first == Registration(callbacks=[_CALLBACK[1]], logout_urls=["http://localhost:5000/bye"])
    assert second == Registration(
        name="shop", spa=True, callbacks=["http://localhost:3000"], web_origins=["http://a.example"]
    )


def test_scopes_belong_to_the_api_that_was_named_last() -> None:
    apis = ("--audience", "https://a.example", "--scope", "read:a", "--scope=write:a", "--audience", "b")

    assert parse_arguments(["exec", *_CALLBACK, *apis, "--", "true"]).apis == {
        "https://a.example": ["read:a", "write:a"],
        "b": [],
    }
    assert parse_arguments(["exec", *_CALLBACK, "--", "true"]).apis == {}


def test_the_command_is_what_follows_two_hyphens() -> None:
    options = parse_arguments(["exec", *_CALLBACK, "--", "sh", "test", "--quiet"])

    assert options.command == ["sh", "test", "--quiet"]
    assert not options.quiet


@pytest.mark.parametrize("arguments", [["--quiet", "exec"], ["exec", "--quiet"]])
def test_quiet_may_come_before_or_after_exec(arguments: list[str]) -> None:
    assert parse_arguments([*arguments, *_CALLBACK, "--", "true"]).quiet


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "the application rehearsal-application needs at least one --callback"),
        ((*_CALLBACK, "--application", "shop"), "the application shop needs at least one --callback"),
        ((*_CALLBACK, "--application", APPLICATION, *_CALLBACK), "--application rehearsal-application is given twice"),
        (("--callback", "localhost:5000/callback"), "argument --callback: invalid absolute URL"),
        (("--callback", "http://localhost/#here"), "argument --callback: invalid absolute URL"),
        ((*_CALLBACK, "--web-origin", "http://localhost/app"), "argument --web-origin: invalid origin"),
        ((*_CALLBACK, "--audience", "two words"), "argument --audience: invalid identifier"),
        ((*_CALLBACK, "--audience", "a", "--audience", "a"), "argument --audience: a is given twice"),
        ((*_CALLBACK, "--scope", "read:a", "--audience", "a"), "argument --scope: an --audience has to come before it"),
        ((*_CALLBACK, "--audience", "a", "--scope", "read:a read:b"), "argument --scope: invalid scope"),
        ((*_CALLBACK, "--audience", "a", "--scope", ""), "argument --scope: invalid scope"),
        ((*_CALLBACK, "--application", "My App"), "argument --application: invalid name"),
    ],
)
def test_a_wrong_option_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert said in _refusal(capsys, *options)


def test_a_command_that_does_not_exist_is_refused_as_by_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments(["exec", *_CALLBACK, "--", "no-such-command"])

    assert ended.value.code == 127
    assert capsys.readouterr().err == "no-such-command cannot be run: there is no such command.\n"


def test_a_root_url_is_registered_with_and_without_its_slash() -> None:
    tenant = Tenant()

    Registration(callbacks=["http://localhost:5000"], logout_urls=["http://localhost:5000/bye"]).add_to(tenant)

    client = tenant.clients[APPLICATION]
    assert client["callbacks"] == ["http://localhost:5000", "http://localhost:5000/"]
    assert sorted(client["allowed_logout_urls"]) == [
        "http://localhost:5000",
        "http://localhost:5000/",
        "http://localhost:5000/bye",
    ]


def test_a_single_page_application_has_no_secret_and_may_call_auth0_from_its_origin() -> None:
    tenant = Tenant()

    Registration(spa=True, callbacks=["http://localhost:3000/callback"]).add_to(tenant)

    client = tenant.clients[APPLICATION]
    assert client["token_endpoint_auth_method"] == "none"
    assert client["web_origins"] == ["http://localhost:3000"]


def test_a_python_without_the_packages_is_told_which_one_has_them(tmp_path: Path) -> None:
    command = [sys.executable, "-S", str(_PROJECT / "rehearsal"), "exec", *_CALLBACK, "--", "true"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  # fixed arguments

    assert done.returncode == 1
    assert done.stderr.startswith("This Python has no package ")
    assert f"{_PROJECT / '.venv' / 'bin' / 'python'} instead of " in done.stderr
