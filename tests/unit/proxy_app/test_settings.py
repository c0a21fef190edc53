"""The environment's variables, and the sentences about wrong ones."""

import hashlib

import pytest

from proxy_app.settings import TIKTOK_TOKEN_URL, Settings, SettingsError
from tests.support.proxy.made_up import made_up

DIGEST = hashlib.sha256(b"hush").hexdigest()
NEEDED = {"TIKTOK_CLIENT_KEY": "key", "TIKTOK_CLIENT_SECRET_SHA256": DIGEST}


def problems(**changes: str) -> list[str]:
    with pytest.raises(SettingsError) as wrong:
        Settings.from_environment(NEEDED | changes)
    return wrong.value.problems


def test_key_and_secret_are_enough() -> None:
    assert Settings.from_environment(NEEDED) == Settings(
        client_key="key",
        secret_digests=(bytes.fromhex(DIGEST),),
        host="127.0.0.1",
        port=3333,
        token_url=TIKTOK_TOKEN_URL,
        deadline_seconds=8,
    )


def test_every_setting_is_taken() -> None:
    url = "http://localhost:9000/v2/oauth/token/"
    more = {"HOST": "0.0.0.0", "PORT": "8080", "TIKTOK_TOKEN_URL": url, "TIKTOK_DEADLINE_SECONDS": "2.5"}  # noqa: S104  # as in a container

    settings = Settings.from_environment(NEEDED | more)

    assert [settings.host, settings.port, settings.token_url, settings.deadline_seconds] == [
        "0.0.0.0", 8080, url, 2.5  # noqa: S104  # the same
    ]  # fmt: skip


def test_the_secret_itself_is_hashed() -> None:
    environment = {"TIKTOK_CLIENT_KEY": "key", "TIKTOK_CLIENT_SECRET": "hush"}

    assert Settings.from_environment(environment) == Settings.from_environment(NEEDED)


def test_several_digests_stand_with_blanks_between() -> None:
    other = hashlib.sha256(b"older").hexdigest().upper()

    settings = Settings.from_environment(NEEDED | {"TIKTOK_CLIENT_SECRET_SHA256": f" {DIGEST}  {other}\n"})

    assert settings.secret_digests == (bytes.fromhex(DIGEST), bytes.fromhex(other))


def test_an_empty_variable_counts_as_unset() -> None:
    empty = {"HOST": "", "PORT": " ", "TIKTOK_TOKEN_URL": "", "TIKTOK_CLIENT_SECRET": ""}

    assert Settings.from_environment(NEEDED | empty) == Settings.from_environment(NEEDED)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIKTOK_CLIENT_KEY", ""),
        ("TIKTOK_CLIENT_KEY", "a b"),
        ("TIKTOK_CLIENT_KEY", "a\x00b"),
        ("TIKTOK_CLIENT_SECRET_SHA256", ""),
        ("TIKTOK_CLIENT_SECRET_SHA256", "hush"),
        ("TIKTOK_CLIENT_SECRET_SHA256", DIGEST[:-1]),
        ("TIKTOK_CLIENT_SECRET_SHA256", DIGEST + "," + DIGEST),
        ("TIKTOK_CLIENT_SECRET_SHA256", DIGEST + " hush"),
        ("TIKTOK_CLIENT_SECRET", "hush"),
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "٣"),
        ("TIKTOK_TOKEN_URL", "http://open.tiktokapis.com/v2/oauth/token/"),
        ("TIKTOK_TOKEN_URL", "http://localhost.example/"),
        ("TIKTOK_TOKEN_URL", "ftp://localhost/"),
        ("TIKTOK_TOKEN_URL", "open.tiktokapis.com"),
        ("TIKTOK_TOKEN_URL", "https://"),
        ("TIKTOK_TOKEN_URL", "https://user:hush@tiktok.example/"),
        ("TIKTOK_TOKEN_URL", "https://tiktok.example/?a=hush"),
        ("TIKTOK_TOKEN_URL", "https://tiktok.example/#a"),
        ("TIKTOK_TOKEN_URL", "https://tiktok.example:99999/"),
        ("TIKTOK_TOKEN_URL", "https://tiktok.example/a b"),
        ("TIKTOK_TOKEN_URL", "https://[tiktok.example/"),
        ("TIKTOK_DEADLINE_SECONDS", "0"),
        ("TIKTOK_DEADLINE_SECONDS", "9.5"),
        ("TIKTOK_DEADLINE_SECONDS", "-1"),
        ("TIKTOK_DEADLINE_SECONDS", "nan"),
        ("TIKTOK_DEADLINE_SECONDS", "inf"),
        ("TIKTOK_DEADLINE_SECONDS", "8s"),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence_without_a_secret(name: str, value: str) -> None:
    [sentence] = problems(**{name: value})

    assert name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hush" not in sentence


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "[::1]"])
def test_http_is_taken_on_this_machine_only(host: str) -> None:
    url = f"http://{host}:8080/v2/oauth/token/"

    assert Settings.from_environment(NEEDED | {"TIKTOK_TOKEN_URL": url}).token_url == url


def test_everything_wrong_is_said_at_once() -> None:
    said = problems(TIKTOK_CLIENT_KEY="", PORT="x", TIKTOK_DEADLINE_SECONDS="x", TIKTOK_TOKEN_URL="x")

    assert len(said) == 4


def test_key_and_digests_do_not_print() -> None:
    key = made_up("key")

    printed = repr(Settings.from_environment(NEEDED | {"TIKTOK_CLIENT_KEY": key}))

    assert key not in printed
    assert DIGEST not in printed
    assert repr(bytes.fromhex(DIGEST)) not in printed
