"""A dev stack that signs in against a stand-in for TikTok."""

from typing import Any

import pytest

from infra.archive.build import Platform
from infra.archive.cache import LINUX_X86_64
from infra.config_reader import SettingsError
from tests.support.infra.declaring import Declared, Recorder
from tests.support.infra.stacks import deployed

_ORIGIN = "https://token-proxy-abc-ew.a.run.app"  # the recorder gives it to every service


def _with_stand_in(**settings: object) -> Recorder:
    return deployed(tiktokStandIn=True, clientKey="", clientSecret="", **settings)


def _service(stack: Recorder, parent: str) -> Declared:
    (service,) = [each for each in stack.all("cloudrunv2/service:Service") if each.parent == parent]
    return service


def _container(stack: Recorder, parent: str) -> dict[str, Any]:
    (container,) = _service(stack, parent).inputs["template"]["containers"]
    return container


def _environment(stack: Recorder, parent: str) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in _container(stack, parent)["envs"]}


def test_the_stand_in_has_one_app_with_the_scopes_of_the_stack_and_no_controls() -> None:
    stack = _with_stand_in(scopes=["user.info.basic", "video.list"])
    assert _container(stack, "tiktok-stand-in")["args"] == ["-m", "emulators.tiktok", "--allow-http"]
    assert _environment(stack, "tiktok-stand-in") == {
        "HOST": "0.0.0.0",  # noqa: S104  # what Cloud Run asks for
        "TIKTOK_APP_KEY": "standinclientkey",
        "TIKTOK_APP_SECRET": "stand-in-client-secret",
        "TIKTOK_APP_REDIRECT_URIS": "https://example.eu.auth0.com/login/callback",
        "TIKTOK_APP_SCOPES": "user.info.basic,video.list",
    }


def test_connection_and_proxy_take_the_stand_in_for_tiktok() -> None:
    stack = _with_stand_in()
    options = stack.only(":Connection").inputs["options"]
    assert options["authorizationEndpoint"] == f"{_ORIGIN}/v2/auth/authorize/"
    assert f"{_ORIGIN}/v2/user/info/" in options["scripts"]["fetchUserProfile"]
    assert options["clientId"] == "standinclientkey"
    assert options["upstreamParams"] == '{"client_key":{"value":"standinclientkey"}}'
    assert _environment(stack, "tiktok-proxy")["TIKTOK_TOKEN_URL"] == f"{_ORIGIN}/v2/oauth/token/"
    assert _environment(stack, "tiktok-proxy")["TIKTOK_CLIENT_KEY"] == "standinclientkey"


def test_both_services_have_names_and_archives_of_their_own(packed: list[tuple[str, Platform]]) -> None:
    stack = _with_stand_in()
    assert _service(stack, "tiktok-stand-in").inputs["name"] == "tiktok-stand-in-dev"
    assert _service(stack, "tiktok-proxy").inputs["name"] == "tiktok-proxy-dev"
    assert packed == [("emulators.tiktok", LINUX_X86_64), ("proxy_app", LINUX_X86_64)]


def test_every_preview_warns_of_the_stand_in() -> None:
    assert _with_stand_in().said == [
        ("WARNING", "tiktokStandIn: people sign in as test persons, at a stand-in for TikTok.")
    ]


def test_the_connection_stays_when_a_stack_moves_on_to_tiktok() -> None:
    before, after = (stack.only(":Connection") for stack in (_with_stand_in(), deployed()))
    # Only these two replace a connection.
    for key in ("name", "strategy"):
        assert before.inputs[key] == after.inputs[key]
    assert (before.name, before.parent) == (after.name, after.parent)


def test_a_stand_in_may_be_deleted_when_a_stack_moves_on_to_tiktok() -> None:
    service = _service(_with_stand_in(), "tiktok-stand-in")
    assert (service.protect, service.inputs["deletionProtection"]) == (False, False)


def test_an_image_does_not_replace_the_stand_in() -> None:
    stack = _with_stand_in(image="docker.io/example/token-proxy:1")
    assert _container(stack, "tiktok-stand-in")["image"] == "scratch"
    assert _container(stack, "tiktok-proxy")["image"] == "docker.io/example/token-proxy:1"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"protect": True},
            "tiktok-login:tiktokStandIn must be false with protect, because anybody can be a test person.",
        ),
        (
            {"proxyUrl": "https://tunnel.example.com"},
            "tiktok-login:tiktokStandIn must be false with proxyUrl, because that proxy calls TikTok.",
        ),
    ],
)
def test_the_stand_in_is_refused_with_protect_or_proxy_url(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        _with_stand_in(**settings)
    assert str(refused.value) == sentence
