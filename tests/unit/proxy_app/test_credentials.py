"""Authentication of the client."""

import base64
import hmac
from contextlib import suppress
from urllib.parse import quote_plus

import pytest
from starlette.datastructures import Headers

from proxy_app.errors import Failure, ProxyError
from proxy_app.token_request import Credentials, authenticate, read_credentials
from tests.support.proxy.failures import fails
from tests.support.proxy.local_proxy import digest
from tests.support.proxy.made_up import made_up


def basic(text: str) -> Headers:
    return Headers({"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"})


def test_they_are_read_from_the_form() -> None:
    found = read_credentials(Headers(), {"client_id": "key", "client_secret": "hush"})

    assert found == Credentials(key="key", secret="hush")


def test_they_are_read_from_basic() -> None:
    assert read_credentials(basic("key:hush"), {}) == Credentials(key="key", secret="hush")


def test_both_parts_of_basic_are_form_encoded() -> None:
    secret = "a:b&c=d+e %f;g"

    assert read_credentials(basic(f"k%65y:{quote_plus(secret)}"), {}) == Credentials(key="key", secret=secret)


def test_the_same_client_id_beside_basic_is_no_second_method() -> None:
    assert read_credentials(basic("key:hush"), {"client_id": "key"}).secret == "hush"


@pytest.mark.parametrize("form", [{"client_secret": "hush"}, {"client_id": "other"}, {"client_id": "", "x": "y"}])
def test_basic_and_the_form_together_are_refused(form: dict[str, str]) -> None:
    with fails(Failure.MalformedRequest, "as well"):
        read_credentials(basic("key:hush"), form)


@pytest.mark.parametrize("form", [{}, {"client_id": "key"}, {"client_secret": "hush"}])
def test_a_client_that_does_not_authenticate_is_an_invalid_client(form: dict[str, str]) -> None:
    """RFC 6749 5.2."""
    with fails(Failure.WrongCredentials, "missing"):
        read_credentials(Headers(), form)


@pytest.mark.parametrize(
    "value", ["Basic", "Basic ", "Basic %%%", "Basic a2V5", "Basic a2V5Og==", "Basic Omh1c2g=", "Basic /////w=="]
)
def test_broken_basic_is_an_invalid_client(value: str) -> None:
    with fails(Failure.WrongCredentials):
        read_credentials(Headers({"authorization": value}), {})


@pytest.mark.parametrize("text", ["key:hu\x00sh", "k\ney:hush", "key:hush%zz", "key:h\u00e9"])
def test_strange_characters_in_basic_are_an_invalid_client(text: str) -> None:
    with fails(Failure.WrongCredentials):
        read_credentials(basic(text), {})


def test_two_authorization_headers_are_refused() -> None:
    twice = Headers(raw=[(b"authorization", b"Basic a2V5Omh1c2g=")] * 2)

    with fails(Failure.MalformedRequest, "more than once"):
        read_credentials(twice, {})


def test_another_scheme_is_an_invalid_client() -> None:
    with fails(Failure.WrongCredentials):
        read_credentials(Headers({"authorization": "Bearer hush"}), {"client_id": "key", "client_secret": "hush"})


def test_the_old_and_the_new_secret_are_both_accepted() -> None:
    old, new = made_up("secret"), made_up("secret")

    for secret in (old, new):
        authenticate(Credentials(key="key", secret=secret), "key", [digest(old), digest(new)])


@pytest.mark.parametrize(("key", "secret"), [("other", "hush"), ("key", "wrong"), ("other", "wrong"), ("Key", "hush")])
def test_a_refusal_does_not_tell_what_was_wrong(key: str, secret: str) -> None:
    with fails(Failure.WrongCredentials) as refusal:
        authenticate(Credentials(key=key, secret=secret), "key", [digest("hush")])

    assert refusal.value.description == ProxyError(Failure.WrongCredentials).description


@pytest.mark.parametrize(("key", "secret"), [("key", "first"), ("key", "wrong"), ("other", "first"), ("other", "no")])
def test_key_and_every_digest_are_compared_whatever_the_outcome(
    key: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[bytes] = []
    compare = hmac.compare_digest

    def recorded(left: bytes, right: bytes) -> bool:
        compared.append(right)
        return compare(left, right)

    monkeypatch.setattr(hmac, "compare_digest", recorded)
    with suppress(ProxyError):
        authenticate(Credentials(key=key, secret=secret), "key", [digest("first"), digest("second")])

    assert compared == [b"key", digest("first"), digest("second")]


def test_they_do_not_print() -> None:
    assert "hush" not in repr(Credentials(key="key-hush", secret="hush"))
