"""The form of a token request, read strictly."""

import pytest
from starlette.datastructures import Headers

from proxy_app.errors import Failure, ProxyError
from proxy_app.token_request import read_form
from tests.support.proxy.failures import fails

FORM = "application/x-www-form-urlencoded"


def read(body: bytes, kind: str = FORM, query: bytes = b"") -> dict[str, str]:
    return read_form(Headers({"content-type": kind}), query, body)


def refused(body: bytes) -> str:
    with fails(Failure.MalformedRequest) as refusal:
        read(body)
    return str(refusal.value)


def test_values_are_decoded_exactly_once() -> None:
    body = b"code=abc%2A1%216431.u1&client_id=a%252Ab&client_secret=a+b"

    assert read(body) == {"code": "abc*1!6431.u1", "client_id": "a%2Ab", "client_secret": "a b"}


def test_an_empty_parameter_counts_as_left_out() -> None:
    assert read(b"code=&client_id=1") == {"client_id": "1"}


def test_an_empty_body_has_no_parameters() -> None:
    assert read(b"") == {}


def test_a_semicolon_separates_nothing() -> None:
    assert read(b"client_id=a;code=b") == {"client_id": "a;code=b"}


@pytest.mark.parametrize("body", [b"code=a&code=b", b"code=a&c%6Fde=a", b"code=a&code=", b"code=&code="])
def test_a_parameter_may_come_once(body: bytes) -> None:
    assert refused(body) == "A parameter comes more than once."


def test_unknown_parameters_are_ignored_however_many_and_however_often() -> None:
    """RFC 6749 3.2, and RFC 8707 2, whose ``resource`` may come several times."""
    unknown = "&".join(f"p{number}=1" for number in range(100))

    assert read(f"code=a&resource=x&{unknown}&resource=y&resource=%00".encode()) == {"code": "a"}


@pytest.mark.parametrize("body", [b"code", b"code=a&", b"&code=a", b"code=a&&x=1", b"code=\xc3\xa9", b"code=%ff%fe"])
def test_what_is_no_form_in_utf8_is_refused(body: bytes) -> None:
    assert "not a form" in refused(body)


@pytest.mark.parametrize("body", [b"code=%", b"code=%4", b"code=%zz", b"co%xe=1"])
def test_broken_escapes_are_refused(body: bytes) -> None:
    assert "two hex digits" in refused(body)


@pytest.mark.parametrize("body", [b"code=a%00", b"code=a%0Ab", b"code=%7F", b"code=a\tb", b"code=%C2%85"])
def test_control_characters_are_refused(body: bytes) -> None:
    assert refused(body) == "A parameter contains a control character."


def test_an_address_with_a_query_is_refused() -> None:
    with fails(Failure.MalformedRequest, "query"):
        read(b"code=a", query=b"x=1")


@pytest.mark.parametrize(
    "kind", [FORM, FORM.title(), f"{FORM}; charset=UTF-8", f'{FORM};charset="utf-8"', f"{FORM};", f" {FORM} "]
)
def test_a_form_in_utf8_is_taken(kind: str) -> None:
    assert read(b"code=a", kind) == {"code": "a"}


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-type", b"application/json")],
        [(b"content-type", b"multipart/form-data; boundary=x")],
        [(b"content-type", b"text/plain")],
        [(b"content-type", b"")],
        [(b"content-type", f"{FORM}; charset=latin-1".encode())],
        [(b"content-type", f"{FORM}; charset=utf-16".encode())],
        [(b"content-type", f"{FORM}, {FORM}".encode())],
        [(b"content-type", FORM.encode())] * 2,
        [(b"content-type", FORM.encode()), (b"content-encoding", b"gzip")],
    ],
)
def test_any_other_content_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    with fails(Failure.WrongContentType):
        read_form(Headers(raw=headers), b"", b"code=a")


@pytest.mark.parametrize("body", [b"code=hush%zz", b"code=hush%00", b"code=hush&code=hush", b"code=hush%ff", b"hush"])
def test_a_refusal_quotes_nothing(body: bytes) -> None:
    with pytest.raises(ProxyError) as refusal:
        read(body)

    assert "hush" not in refusal.value.description
    assert refusal.value.__cause__ is None
