"""Forms, read strictly, from any bytes."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from proxy_app.errors import ProxyError
from proxy_app.token_request import read_form

_FORM = Headers({"content-type": "application/x-www-form-urlencoded"})
_printable = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=30)
_names = st.sampled_from(["client_id", "client_secret", "grant_type", "code", "redirect_uri", "code_verifier"])
FRAGMENTS = [b"code", b"client_id", b"=", b"&", b"%", b"%63", b"%00", b"%C3%A9", b"%C3", b"+", b";", b"\n"]
# Bodies that are nearly forms.
bodies = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=4), max_size=20).map(b"".join)


@given(form=st.dictionaries(_names, _printable))
def test_what_was_encoded_is_read(form: dict[str, str]) -> None:
    assert read_form(_FORM, b"", urlencode(form).encode()) == {name: value for name, value in form.items() if value}


@given(body=bodies)
def test_a_form_is_read_as_the_standard_library_reads_it(body: bytes) -> None:
    try:
        form = read_form(_FORM, b"", body)
    except ProxyError:
        return
    known = {"code", "client_id"}  # of the fragments
    read = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict") if body else []
    assert form == {name: value for name, value in read if value and name in known}


@given(body=bodies)
def test_what_the_standard_library_refuses_is_refused(body: bytes) -> None:
    try:
        parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        with pytest.raises(ProxyError):
            read_form(_FORM, b"", body)


@given(body=bodies)
def test_a_refusal_quotes_nothing(body: bytes) -> None:
    marked = b"code=v3ry5ecret&" + body
    try:
        read_form(_FORM, b"", marked)
    except ProxyError as error:
        assert "v3ry5ecret" not in error.description  # noqa: PT017  # most inputs raise nothing
        assert error.__cause__ is None  # noqa: PT017  # the same


@given(name=_names, encoded=st.lists(st.booleans(), min_size=20, max_size=20), between=st.just("other=1"))
def test_a_name_counts_as_repeated_however_it_is_encoded(name: str, encoded: list[bool], between: str) -> None:
    again = "".join(f"%{ord(letter):02x}" if escape else letter for letter, escape in zip(name, encoded, strict=False))

    with pytest.raises(ProxyError):
        read_form(_FORM, b"", f"{name}=1&{between}&{again}=2".encode())
