"""Registering an app: what TikTok's portal takes as a redirect URI, for the web and for desktops."""

import pytest

from emulators.tiktok import TikTok
from tests.support.tiktok.visitor import CALLBACK, KEY, SECRET, Visitor

REFUSED_FOR_THE_WEB = [
    "http://tenant.example/callback",
    "https://localhost/callback",
    "http://localhost:3000/callback",
    "https://tenant.example/callback?a=b",
    "https://tenant.example/callback#a",
    "https://tenant.example/" + "a" * 500,
    "/callback",
    "myapp://callback",
]


@pytest.mark.parametrize("uri", REFUSED_FOR_THE_WEB)
def test_a_web_app_returns_to_https_only(tiktok: TikTok, uri: str) -> None:
    with pytest.raises(ValueError, match="redirect URI"):
        tiktok.register_app("awnew", SECRET, [uri])
    assert "awnew" not in tiktok.apps


@pytest.mark.parametrize("uri", ["http://localhost/callback", "http://localhost:3000/callback?a=b", CALLBACK])
def test_a_desktop_app_returns_to_a_port_of_its_machine_only(tiktok: TikTok, uri: str) -> None:
    with pytest.raises(ValueError, match="redirect URI"):
        tiktok.register_app("awnew", SECRET, [uri], desktop=True)


def test_redirect_uris_on_this_machine_are_accepted_where_http_is_allowed(tiktok: TikTok, visitor: Visitor) -> None:
    tiktok.allow_http = True
    tiktok.register_app(KEY, SECRET, ["http://localhost:3000/callback"])

    assert visitor.authorize(redirect_uri="http://localhost:3000/callback").status_code == 200
    with pytest.raises(ValueError, match="redirect URI"):
        tiktok.register_app(KEY, SECRET, ["http://tenant.example/callback"])


@pytest.mark.parametrize("count", [0, 11])
def test_an_app_has_one_to_ten_redirect_uris(tiktok: TikTok, count: int) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        tiktok.register_app(KEY, SECRET, [f"{CALLBACK}/{number}" for number in range(count)])


@pytest.mark.parametrize(("key", "secret"), [("", SECRET), ("a key", SECRET), (KEY, "")])
def test_a_key_pair_is_whole(tiktok: TikTok, key: str, secret: str) -> None:
    with pytest.raises(ValueError, match="client key"):
        tiktok.register_app(key, secret, [CALLBACK])


@pytest.mark.parametrize("scope", ["", "user info", "User.Info"])
def test_what_cannot_be_a_scope_is_refused(tiktok: TikTok, scope: str) -> None:
    with pytest.raises(ValueError, match="is not a scope"):
        tiktok.register_app(KEY, SECRET, [CALLBACK], scopes=[scope])


def test_an_app_has_at_most_as_many_scopes_as_a_token_can_name(tiktok: TikTok) -> None:
    with pytest.raises(ValueError, match="at most 32 scopes"):
        tiktok.register_app(KEY, SECRET, [CALLBACK], scopes=[f"scope.{number}" for number in range(32)])


def test_a_sandbox_has_at_most_ten_target_users(tiktok: TikTok) -> None:
    with pytest.raises(ValueError, match="at most 10 target users"):
        tiktok.register_app(KEY, SECRET, [CALLBACK], target_users=[f"person{number}" for number in range(11)])


def test_a_persons_name_fits_into_an_address(tiktok: TikTok) -> None:
    with pytest.raises(ValueError, match="person's name"):
        tiktok.add_person("a/b")
