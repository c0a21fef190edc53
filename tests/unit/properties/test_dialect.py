"""The two translations, for any form that a client may send and anything that TikTok may answer."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st

from proxy_app.errors import ProxyError
from proxy_app.token_request import Credentials
from proxy_app.translation import find_log_id, from_tiktok, read_answer, to_tiktok

_values = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)
_secrets = st.text("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=20, max_size=40)
_NAMES = ["code", "redirect_uri", "code_verifier", "refresh_token", "scope", "client_key", "grant"]
_SENT = {"client_key", "client_secret", "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token"}
FIELDS = [
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "refresh_expires_in",
    "scope",
    "open_id",
    "error",
    "error_description",
    "log_id",
]
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_json = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
answers = st.dictionaries(st.sampled_from(FIELDS), _json, max_size=10)


@given(
    form=st.dictionaries(st.sampled_from(_NAMES), _values),
    grant=st.sampled_from(["authorization_code", "refresh_token", "password"]),
    key=_values,
    secret=_values,
)
def test_tiktok_gets_the_known_parameters_once_and_unchanged(
    form: dict[str, str], grant: str, key: str, secret: str
) -> None:
    try:
        question = to_tiktok({**form, "grant_type": grant}, Credentials(key=key, secret=secret))
    except ProxyError:
        return
    sent = parse_qsl(question.decode("ascii"), strict_parsing=True)
    assert question == urlencode(sent).encode()
    assert len(dict(sent)) == len(sent)
    assert dict(sent).keys() <= _SENT
    due = {**form, "grant_type": grant, "client_key": key, "client_secret": secret}
    assert all(due[name] == value for name, value in sent)


@given(
    status=st.integers(100, 599), body=st.binary(max_size=60) | answers.map(lambda answer: json.dumps(answer).encode())
)
def test_whatever_tiktok_answers_is_a_token_response_or_an_error(status: int, body: bytes) -> None:
    try:
        token = from_tiktok(status, read_answer(status, body), {})
    except ProxyError as error:
        assert error.description  # noqa: PT017  # both ends are right
        return
    assert 200 <= status < 300
    assert isinstance(token["access_token"], str)
    assert token["access_token"]
    assert isinstance(token["token_type"], str)
    assert isinstance(token["expires_in"], int)
    assert "," not in str(token.get("scope", ""))


@given(token=_values, scopes=st.lists(st.from_regex(r"[a-z.]{1,12}", fullmatch=True)), seconds=st.integers(0, 2**53))
def test_a_success_comes_through(token: str, scopes: list[str], seconds: int) -> None:
    answer = {"access_token": token, "expires_in": seconds, "scope": ",".join(scopes), "token_type": "Bearer"}

    got = from_tiktok(200, read_answer(200, json.dumps(answer).encode()), {})

    assert (got["access_token"], got["expires_in"]) == (token, seconds)
    assert str(got.get("scope", "")).split() == scopes


@given(asked=st.dictionaries(st.sampled_from(_NAMES), _secrets, min_size=1), words=st.lists(st.text(max_size=10)))
def test_no_error_repeats_what_was_asked(asked: dict[str, str], words: list[str]) -> None:
    said = " ".join([*asked.values(), *words, *asked.values()])
    try:
        from_tiktok(200, {"error": "invalid_grant", "error_description": said}, asked)
    except ProxyError as error:
        assert not [value for value in asked.values() if value in error.description]  # noqa: PT017  # it always raises
    else:
        raise AssertionError("An error was taken for a token.")


@given(answer=answers, header=st.text(max_size=80))
def test_a_log_id_is_letters_and_digits_or_nothing(answer: dict[str, Any], header: str) -> None:
    found = find_log_id(answer, header)

    assert found == "" or (found.isascii() and found.isalnum() and 8 <= len(found) <= 64)
