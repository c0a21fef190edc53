"""What a stack on Clerk declares, and which settings stop it."""

import runpy
import sys

import pytest

from clerk.program import deploy
from infra.config_reader import SettingsError
from tests.support.infra.declaring import ROOT, Recorder, full_config, project_defaults, run
from tests.support.infra.stacks import SECRET

FOLDER, PROJECT = ROOT / "clerk", "tiktok-login-clerk"
TEAM = {
    "application": "app_123",
    "instance": "production",
    "platformKey": "ak_platform-key",
    "clientKey": "aw123",
    "clientSecret": "s3cr3t-one",
}


def _config(**settings: object) -> dict[str, str]:
    return full_config(PROJECT, {**project_defaults(FOLDER), **TEAM, **settings})


def _deployed(**settings: object) -> Recorder:
    return run(deploy, Recorder(), "dev", _config(**settings), project=PROJECT)


def _refusal(**settings: object) -> str:
    with pytest.raises(SettingsError) as refused:
        _deployed(**settings)
    return str(refused.value)


def test_no_proxy_is_deployed_and_nothing_of_auth0_or_google_is_needed() -> None:
    assert [each.type for each in _deployed().declared] == [
        "tiktok-login:clerk:TikTokOnClerk",
        "pulumi:providers:clerk",
        "clerk:index:TikTokConnection",
    ]


def test_the_folder_is_a_program_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi runs the folder by its path, and puts the folder first on Python's path."""
    monkeypatch.chdir(FOLDER)
    monkeypatch.setattr(sys, "path", [str(FOLDER), *(path for path in sys.path if path not in {"", str(ROOT)})])
    for name in [each for each in sys.modules if each.partition(".")[0] in {"clerk", "infra"}]:
        monkeypatch.delitem(sys.modules, name)

    def program() -> None:
        runpy.run_path(".", run_name="__main__")

    stack = run(program, Recorder(), "dev", _config(), project=PROJECT)

    assert stack.only(":TikTokConnection").inputs["application"] == "app_123"


def test_the_outputs_say_what_to_paste_into_the_portal() -> None:
    assert _deployed().exports == {
        "application": "app_123",
        "instance": "production",
        "tiktok_portal": {
            "redirect_uri": "https://clerk.example.com/v1/oauth_callback",
            "redirect_domain": "clerk.example.com",
            "products": ["Login Kit"],
        },
    }


def test_no_secret_is_declared_in_clear() -> None:
    stack = _deployed()
    assert stack.only(":TikTokConnection").inputs["clientSecret"] == {**SECRET, "value": "s3cr3t-one"}
    assert stack.only("providers:clerk").inputs["platformKey"] == {**SECRET, "value": "ak_platform-key"}
    told = f"{stack.declared}{stack.outputs}{stack.said}"
    assert (told.count("s3cr3t-one"), told.count("ak_platform-key")) == (1, 1)


def test_a_stack_is_protected_unless_it_says_otherwise() -> None:
    assert _deployed().only(":TikTokConnection").protect
    assert not _deployed(protect=False).only(":TikTokConnection").protect


def test_all_that_is_missing_is_named_at_once() -> None:
    said = _refusal(application="", platformKey="", clientKey="", clientSecret="")
    for key in ("application", "platformKey", "clientKey", "clientSecret"):
        assert f"{PROJECT}:{key} is missing" in said


def test_development_without_credentials_is_told_why_there_are_no_shared_ones() -> None:
    assert "Clerk has no shared credentials for TikTok" in _refusal(instance="development", clientKey="")
    assert "no shared credentials" not in _refusal(clientKey="")


def test_a_sandbox_key_is_refused_in_production_and_taken_in_development() -> None:
    assert "clientKey looks like a sandbox's" in _refusal(clientKey="sb123")
    assert _deployed(instance="development", clientKey="sb123").only(":TikTokConnection")


@pytest.mark.parametrize(
    ("key", "value", "takes"),
    [
        ("instance", "staging", "development or production"),
        ("application", "my app", "an application's id"),
        ("apiOrigin", "http://api.clerk.com", "an origin such as https://example.com"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_fits(key: str, value: object, takes: str) -> None:
    said = _refusal(**{key: value})
    assert f"{PROJECT}:{key} must be" in said
    assert takes in said
