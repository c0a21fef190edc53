"""What holds for every form, whatever a client puts into it."""

from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from proxy_app.errors import MalformedRequest
from proxy_app.form import read_form

_HEADERS = Headers({"content-type": "application/x-www-form-urlencoded"})
_PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)
_SETTINGS = settings(derandomize=True, max_examples=100, deadline=None, database=None)


@_SETTINGS
@given(st.dictionaries(_PRINTABLE, _PRINTABLE, min_size=1, max_size=16))
def test_every_printable_form_is_read_as_it_was_written(fields: dict[str, str]) -> None:
    sent = urlencode(fields).encode()
    assert read_form(_HEADERS, b"", sent) == {name: value for name, value in fields.items() if value}


@_SETTINGS
@given(st.binary(max_size=200))
def test_every_other_body_is_refused_as_malformed_and_in_no_other_way(body: bytes) -> None:
    try:
        fields = read_form(_HEADERS, b"", body)
    except MalformedRequest:
        return
    assert all(value and value.isprintable() for value in fields.values())
