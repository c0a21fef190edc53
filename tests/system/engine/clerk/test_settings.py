"""What a stack on Clerk declares, and which settings stop it."""

import pytest

from infra.config_reader import SettingsError
from infra.program import deploy
from tests.support.infra.declaring import Recorder, run, stack_config
from tests.support.infra.stacks import SECRET

TEAM = {
    "identity": "clerk",
    "clerkApplication": "app_123",
    "clerkInstance": "production",
    "clerkPlatformKey": "ak_platform-key",
    "clientKey": "aw123",
    "clientSecret": "s3cr3t-one",
}


def _deployed(stack: str = "dev", **settings: object) -> Recorder:
    return run(deploy, Recorder(), stack, stack_config(stack, {**TEAM, **settings}))


def _refusal(**settings: object) -> str:
    with pytest.raises(SettingsError) as refused:
        _deployed("dev", **settings)
    return str(refused.value)


def test_no_proxy_is_deployed_and_nothing_of_auth0_or_google_is_needed() -> None:
    assert [each.type for each in _deployed().declared] == [
        "tiktok-login:infra:ClerkTikTok",
        "pulumi:providers:clerk",
        "clerk:index:TikTokConnection",
    ]


def test_the_outputs_say_what_to_paste_into_the_portal() -> None:
    assert _deployed().exports == {
        "clerk_application": "app_123",
        "clerk_instance": "production",
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


def test_production_is_protected_and_development_is_not() -> None:
    assert _deployed("prod").only(":TikTokConnection").protect
    assert not _deployed("dev").only(":TikTokConnection").protect


def test_all_that_is_missing_is_named_at_once() -> None:
    said = _refusal(clerkApplication="", clerkPlatformKey="", clientKey="", clientSecret="")
    for key in ("clerkApplication", "clerkPlatformKey", "clientKey", "clientSecret"):
        assert f"tiktok-login:{key} is missing" in said


def test_development_without_credentials_is_told_why_there_are_no_shared_ones() -> None:
    assert "Clerk has no shared credentials for TikTok" in _refusal(clerkInstance="development", clientKey="")
    assert "no shared credentials" not in _refusal(clientKey="")


def test_a_sandbox_key_is_refused_in_production_and_taken_in_development() -> None:
    assert "clientKey looks like a sandbox's" in _refusal(clientKey="sb123")
    assert _deployed(clerkInstance="development", clientKey="sb123").only(":TikTokConnection")


@pytest.mark.parametrize(
    ("key", "value", "takes"),
    [
        ("identity", "okta", "auth0 or clerk"),
        ("clerkInstance", "staging", "development or production"),
        ("clerkApplication", "my app", "an application's id"),
        ("clerkApiOrigin", "http://api.clerk.com", "an origin, https://host"),
        ("tiktokStandIn", True, "it takes false with Clerk"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_fits(key: str, value: object, takes: str) -> None:
    said = _refusal(**{key: value})
    assert f"tiktok-login:{key} is" in said
    assert takes in said
