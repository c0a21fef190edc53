"""The token request that a client sends: its form and its credentials, read strictly."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers

from proxy_app.errors import Failure, ProxyError

_MEDIA_TYPE = "application/x-www-form-urlencoded"
_PARAMETERS = {"client_id", "client_secret", "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token"}
_SHA256 = hashlib.sha256()  # to be copied: a new one looks for its algorithm in OpenSSL
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(kw_only=True, slots=True)
class Credentials:
    """A client key and the secret that came with it, not yet checked."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


def read_form(headers: Headers, query: bytes, body: bytes) -> dict[str, str]:
    """Return the known parameters that have a value; unknown ones are ignored (RFC 6749 3.2).

    Raises ``ProxyError`` for anything but a form in UTF-8, for a query string (RFC 6749 2.3.1), and for a known
    parameter that comes twice once decoded or contains control characters.
    """
    if query:
        raise ProxyError(
            Failure.MalformedRequest, "The address carries a query string, where credentials would end up in logs."
        )
    _require_form(headers)
    fields = [field for field in _decode(body) if field[0] in _PARAMETERS]
    form = dict(fields)
    if len(form) < len(fields):
        raise ProxyError(Failure.MalformedRequest, "A parameter comes more than once.")
    if not "".join(form.values()).isprintable():
        raise ProxyError(Failure.MalformedRequest, "A parameter contains a control character.")
    return {name: value for name, value in form.items() if value}


def read_credentials(headers: Headers, form: Mapping[str, str]) -> Credentials:
    """Take the credentials from HTTP Basic or from the form, never from both (RFC 6749 2.3).

    A ``client_id`` in the form beside Basic is no second method as long as it is the same.
    """
    sent = headers.getlist("authorization")
    if len(sent) > 1:
        raise ProxyError(Failure.MalformedRequest, "The Authorization header comes more than once.")
    if not sent:
        if "client_id" not in form or "client_secret" not in form:
            raise ProxyError(Failure.WrongCredentials, "The client_id or the client_secret is missing.")
        return Credentials(key=form["client_id"], secret=form["client_secret"])
    credentials = _from_basic(sent[0])
    if "client_secret" in form or form.get("client_id", credentials.key) != credentials.key:
        raise ProxyError(Failure.MalformedRequest, "The client authenticates by HTTP Basic and in the form as well.")
    return credentials


def authenticate(credentials: Credentials, key: str, secret_digests: Sequence[bytes]) -> None:
    """Raise ``ProxyError`` unless the key is ``key`` and the secret has one of the SHA-256 digests.

    Everything is compared every time, in constant time, so that neither the answer nor its delay tells what was wrong.
    """
    sha256 = _SHA256.copy()
    sha256.update(credentials.secret.encode())
    digest = sha256.digest()
    right_key = hmac.compare_digest(credentials.key.encode(), key.encode())
    right_secrets = [hmac.compare_digest(digest, expected) for expected in secret_digests]
    if not right_key & any(right_secrets):
        raise ProxyError(Failure.WrongCredentials)


def _require_form(headers: Headers) -> None:
    kinds = headers.getlist("content-type")
    if len(kinds) != 1 or "content-encoding" in headers:
        raise ProxyError(Failure.WrongContentType)
    if kinds[0] == _MEDIA_TYPE:
        return
    media_type, *parameters = (part.strip().lower() for part in kinds[0].split(";"))
    if media_type != _MEDIA_TYPE:
        raise ProxyError(Failure.WrongContentType)
    if any(parameter.replace('"', "") not in {"", "charset=utf-8"} for parameter in parameters):
        raise ProxyError(Failure.WrongContentType, "The form is in a charset other than UTF-8.")


def _decode(body: bytes) -> list[tuple[str, str]]:
    """Read what a strict ``parse_qsl`` reads, with less work for each request (docs/architecture.md)."""
    try:
        text = body.decode("ascii").replace("+", " ")
        pairs = [each.split("=", 1) for each in text.split("&")] if text else []
        fields = [
            (_unquote(name) if "%" in name else name, _unquote(value) if "%" in value else value)
            for name, value in pairs
        ]
    except ValueError:
        # The original error quotes the value that it could not read.
        raise ProxyError(Failure.MalformedRequest, "The body is not a form in UTF-8.") from None
    if "%" in text and _BROKEN_ESCAPE.search(text):
        raise ProxyError(Failure.MalformedRequest, "A percent sign in the form is not followed by two hex digits.")
    return fields


def _unquote(encoded: str) -> str:
    return unquote_to_bytes(encoded).decode()


def _from_basic(header: str) -> Credentials:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        raise ProxyError(Failure.WrongCredentials, "The Authorization header is not of the scheme Basic.")
    try:
        key, colon, secret = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise ProxyError(Failure.WrongCredentials, "The Authorization header is not HTTP Basic (RFC 7617).") from None
    if not (colon and key and secret):
        raise ProxyError(Failure.WrongCredentials, "HTTP Basic came without a client key or without a client secret.")
    return Credentials(key=_decode_once(key), secret=_decode_once(secret))


def _decode_once(text: str) -> str:
    """Undo the form encoding that both parts of HTTP Basic have here (RFC 6749 2.3.1)."""
    try:
        [(_, value)] = _decode(b"=" + text.replace("&", "%26").encode())
    except ProxyError:
        value = ""
    if not value.isprintable() or not value:
        raise ProxyError(
            Failure.WrongCredentials, "The client key or the client secret in HTTP Basic is not form-encoded."
        )
    return value
